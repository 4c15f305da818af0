import { setImmediate as nextTurn } from "node:timers/promises";
import type { PersonId } from "../../../../core/model/ids.ts";
import { distributeSenderKey, renewSenderKey } from "../../../../signal-protocol/sender-keys.ts";
import { aciOf, signalRecords } from "../../../../signal-protocol/signal-records.ts";
import type { SignalTransaction } from "../../../../signal-protocol/signal-transaction.ts";
import { serviceIdOf } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import type { GroupSenderKey, KeyHolder } from "../../sender-key-records.ts";
import type { OpenGroup } from "./open-group.ts";

/** Members of whom the devices are looked up in one turn of the event loop. */
const READ_A_TURN = 50;

type Device = Pick<KeyHolder, "device" | "mark">;

/** The devices of each member with which there is a session. */
export type MemberDevices = ReadonlyMap<PersonId, readonly Device[]>;

/**
 * A person's devices with which there is a session. A device's mark changes where it was set up anew, or its person has
 * another identity.
 */
export async function devicesOf(
  { aci }: Pick<LoginContext, "aci">,
  work: SignalTransaction,
  person: PersonId,
): Promise<readonly Device[]> {
  const name = serviceIdOf(person);
  const identity = Buffer.from((await work.identity(name))?.getPublicKeyBytes() ?? []).toString("base64");
  const devices: Device[] = [];
  for (const device of await aci.devices(work, name)) {
    const registration = await aci.registration(work, { name, device });
    devices.push({ device, mark: `${registration} ${identity}` });
  }
  return devices;
}

/** As {@link devicesOf}, of all members of a group. */
export async function devicesOfAll(
  context: Pick<LoginContext, "aci">,
  work: SignalTransaction,
  people: readonly PersonId[],
): Promise<MemberDevices> {
  const all = new Map<PersonId, readonly Device[]>();
  for (const [index, person] of people.entries()) {
    if (index % READ_A_TURN === READ_A_TURN - 1) await nextTurn();
    all.set(person, await devicesOf(context, work, person));
  }
  return all;
}

/**
 * The key by which a group's members read what we send to all; another one takes its place as soon as a device that may
 * have it is none of theirs any more. Whether the work made one is to be committed before it is given to anybody.
 */
export async function keyFor(
  { login, store, account, random }: Pick<LoginContext, "login" | "store" | "account" | "random">,
  work: SignalTransaction,
  { chat }: Pick<OpenGroup, "chat">,
  devices: MemberDevices,
): Promise<{ readonly key: GroupSenderKey; readonly isNew: boolean }> {
  const known = await store.family(signalFamily).senderKey(login, chat);
  const isHere = ({ person, device, mark }: KeyHolder): boolean =>
    devices.get(person)?.some((one) => one.device === device && one.mark === mark) ?? false;
  if (known?.holders.every(isHere)) {
    const device = { name: account.aci, device: account.deviceId };
    const record = await store.family(signalRecords).senderKey(aciOf(login), device, known.distribution);
    if (record) return { key: known, isNew: false };
  }
  const distribution = known?.distribution ?? random.uuid();
  await renewSenderKey(work, distribution);
  return { key: { distribution, holders: [] }, isNew: true };
}

/** Whether all devices of a person have the key. */
export const hasKey = ({ holders }: GroupSenderKey, person: PersonId, devices: readonly Device[]): boolean =>
  devices.length > 0 &&
  devices.every(({ device }) =>
    holders.some((one) => one.person === person && one.device === device && one.isReached),
  );

/** The message by which a device gets the key; undefined where there is none yet. */
export async function distributionOf(
  { aci, account, store, login }: Pick<LoginContext, "aci" | "account" | "store" | "login">,
  { chat }: Pick<OpenGroup, "chat">,
): Promise<Uint8Array | undefined> {
  const known = await store.family(signalFamily).senderKey(login, chat);
  if (!known) return undefined;
  using work = await aci.begin(account.aci);
  const message = await distributeSenderKey(work, known.distribution);
  await store.write(work.record());
  work.publish();
  return message;
}
