import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Machine } from "./machine.ts";
import { LONGEST_LIFE, MOST_MESSAGES } from "./shared-keys.ts";

/** Gives a room's key to the devices of these people which do not have it. Throws BridgeError. */
export async function shareRoomKey(machine: Machine, room: RoomId, people: readonly UserId[]): Promise<void> {
  const { olm, library } = machine;
  // The library takes the ids it is given, so that each call has its own.
  const ids = () => people.map((person) => new library.UserId(person));
  await takeChanged(machine);
  await olm.updateTrackedUsers(ids());
  await machine.settle();
  const claim = await olm.getMissingSessions(ids());
  if (claim) await machine.carryOut(claim);
  using settings = new library.EncryptionSettings();
  settings.sharingStrategy = library.CollectStrategy.allDevices();
  settings.rotationPeriodMessages = BigInt(MOST_MESSAGES);
  settings.rotationPeriod = BigInt(LONGEST_LIFE) * 1_000n;
  const requests = await olm.shareRoomKey(new library.RoomId(room), ids(), settings);
  for (const request of requests) await machine.carryOut(request);
}

/** Tells the library whose devices are to be asked for again. */
async function takeChanged({ olm, library, shared, actor }: Machine): Promise<void> {
  const taken = shared.takeChanged();
  // Who receives hears of that by itself.
  if (!taken || actor.receives) return;
  const ids = (users: readonly string[]) => users.map((user) => new library.UserId(user));
  const lists = new library.DeviceLists(ids(taken.changed), ids(taken.left));
  await olm.receiveSyncChangesMsc4186("[]", lists, new Map());
}
