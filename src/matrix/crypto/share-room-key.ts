import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Machine } from "./machine.ts";

/** Gives a room's key to the devices of these people which do not have it. Throws BridgeError. */
export async function shareRoomKey(machine: Machine, room: RoomId, people: readonly UserId[]): Promise<void> {
  const { olm, library } = machine;
  // The library takes the ids it is given, so that each call has its own.
  const ids = () => people.map((person) => new library.UserId(person));
  await olm.updateTrackedUsers(ids());
  await machine.settle();
  const claim = await olm.getMissingSessions(ids());
  if (claim) await machine.carryOut(claim);
  using settings = new library.EncryptionSettings();
  settings.sharingStrategy = library.CollectStrategy.allDevices();
  const requests = await olm.shareRoomKey(new library.RoomId(room), ids(), settings);
  for (const request of requests) await machine.carryOut(request);
}
