import { type CiphertextMessage, type ContentHint, PlaintextContent } from "@signalapp/libsignal-client";
import { BridgeError } from "../../../core/model/errors.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { sealFor } from "../../../signal-protocol/sealed-sender.ts";
import { BadBundle } from "../../../signal-protocol/signal-account.ts";
import type { DeviceAddress } from "../../../signal-protocol/signal-records.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import { serviceIdOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { type DeviceBundle, fetchBundles } from "../service/bundles.ts";
import type { Chat } from "../service/chat.ts";
import {
  type DeviceMessage,
  type SealedAccess,
  sendSealed,
  sendToOwnDevices,
  sendUnsealed,
} from "../service/messages.ts";
import {
  type DeviceMismatch,
  failureOf,
  requestFailure,
  type SendFailure,
  sendFailureOf,
} from "../service/send-failures.ts";
import { serviceFailure } from "../service/service-errors.ts";
import { accessKeyOf } from "./access-keys.ts";
import { identityChanged } from "./identity-changed.ts";

/** Something to say to all devices of a person, or to all our other ones where the person is our own. */
export interface Delivery {
  readonly to: PersonId;
  /** Padded; or a request for what could not be decrypted, which is sent as it is. */
  readonly plaintext: Uint8Array | PlaintextContent;
  /** Milliseconds since the epoch: the message's name, the same at each try. */
  readonly timestamp: number;
  readonly hint: ContentHint;
  /** Only for devices that are connected now. */
  readonly online?: boolean;
  readonly urgent?: boolean;
  /** Of a message to a group: its id, and what lets us write to this member. */
  readonly group?: { readonly id: Uint8Array<ArrayBuffer>; readonly endorsement: SealedAccess | undefined };
  /** Commits the ratchet steps of the work, before anything leaves. */
  commit(record: (tx: Writes) => void, work: SignalTransaction): Promise<void>;
}

/** What must change about the sessions before the next try. */
interface Mending {
  readonly start: readonly DeviceBundle[];
  readonly archive: readonly number[];
}

type Sealed =
  | { readonly kind: "sealed"; readonly devices: readonly DeviceMessage[] }
  /** No session with these; all of the person's devices where nothing is known of them. */
  | { readonly kind: "strangers"; readonly devices: readonly number[] | "all" };

/** How often the server's list of devices may differ from ours in one delivery. */
const MOST_MENDS = 6;

/**
 * Encrypts for all devices, commits, then sends; where the server knows of other devices, that is mended and all is
 * encrypted again. The server is never asked while the person is held, so nobody waits for it but this delivery.
 * Resolves to whether the server learnt nothing of who sent it. Throws BridgeError.
 */
export async function deliver(
  context: LoginContext,
  delivery: Delivery,
): Promise<{ readonly isSealed: boolean }> {
  const { to } = delivery;
  const isOwn = to === context.own;
  const ways = isOwn ? [] : await waysTo(context, delivery);
  let access = ways.shift();
  let mending: Mending = { start: [], archive: [] };
  for (let mends = 0; mends <= MOST_MENDS; mends += 1) {
    const chat = await context.chat();
    const sealed = await seal(context, chat, { delivery, mending, isSealed: access !== undefined });
    if (sealed.kind === "strangers") {
      mending = await begun(context, chat, to, sealed.devices, access);
      continue;
    }
    const failure = await send(chat, delivery, { isOwn, devices: sealed.devices, access });
    switch (failure?.kind) {
      case undefined:
        return { isSealed: access !== undefined };
      case "failed":
        throw failure.error;
      case "access":
        access = ways.shift();
        mending = { start: [], archive: [] };
        break;
      case "devices":
        mending = await mended(context, chat, to, failure, access);
    }
  }
  throw new BridgeError("remote-refused", {
    words: "This person's devices at Signal kept changing while this was being sent.",
    certain: true,
    retryAfter: 10_000,
  });
}

/** The ways to write to somebody without the server learning who does, to be tried in this order. */
async function waysTo(
  context: LoginContext,
  { to, group }: Pick<Delivery, "to" | "group">,
): Promise<SealedAccess[]> {
  const accessKey = await accessKeyOf(context, to);
  return [...(accessKey ? [{ accessKey }] : []), ...(group?.endorsement ? [group.endorsement] : [])];
}

async function seal(
  context: LoginContext,
  chat: Chat,
  {
    delivery,
    mending,
    isSealed,
  }: { readonly delivery: Delivery; readonly mending: Mending; readonly isSealed: boolean },
): Promise<Sealed> {
  const { aci } = context;
  const { to, plaintext, hint, group } = delivery;
  const name = serviceIdOf(to);
  const certificate = isSealed ? await certificateOf(context, chat) : undefined;
  using work = await aci.begin(name);
  await mend(context, work, to, mending);
  const devices = await devicesOf(context, work, to);
  if (devices.length === 0 && mending.start.length === 0) return { kind: "strangers", devices: "all" };
  const messages: DeviceMessage[] = [];
  const strangers: number[] = [];
  for (const device of devices) {
    const address = { name, device };
    const message = await messageFor(context, work, address, plaintext);
    const registration = await aci.registration(work, address);
    if (!message || registration === undefined) {
      strangers.push(device);
      continue;
    }
    const outer = certificate && {
      sealed: await sealFor(work, address, message, { certificate, hint, group: group?.id }),
    };
    messages.push({ device, registration, message, ...outer });
  }
  if (strangers.length > 0) return { kind: "strangers", devices: strangers };
  await delivery.commit(work.record(), work);
  work.publish();
  return { kind: "sealed", devices: messages };
}

async function messageFor(
  { aci }: LoginContext,
  work: SignalTransaction,
  address: DeviceAddress,
  plaintext: Delivery["plaintext"],
): Promise<CiphertextMessage | undefined> {
  if (plaintext instanceof PlaintextContent) return plaintext.asCiphertextMessage();
  return (await aci.encrypt(work, address, plaintext))?.message;
}

export async function certificateOf({ certificate }: LoginContext, chat: Chat) {
  try {
    return await certificate.get(chat);
  } catch (error) {
    throw requestFailure(error);
  }
}

/** The devices to encrypt for: our own device is not written to. */
async function devicesOf(
  { aci, own, account }: LoginContext,
  work: SignalTransaction,
  person: PersonId,
): Promise<readonly number[]> {
  const devices = await aci.devices(work, serviceIdOf(person));
  return person === own ? devices.filter((device) => device !== account.deviceId) : devices;
}

/** Starts and archives sessions; they are committed, with the event of a changed key, before anything is encrypted. */
async function mend(
  context: LoginContext,
  work: SignalTransaction,
  person: PersonId,
  { start, archive }: Mending,
): Promise<void> {
  if (start.length === 0 && archive.length === 0) return;
  const { aci, sink, clock } = context;
  const address = (device: number): DeviceAddress => ({ name: serviceIdOf(person), device });
  for (const device of archive) await aci.archive(work, address(device));
  for (const { device, bundle } of start) {
    try {
      await aci.start(work, address(device), bundle);
    } catch (cause) {
      if (!(cause instanceof BadBundle)) throw cause;
      throw new BridgeError("remote-refused", {
        words: "The keys that Signal has of this person are damaged, so nothing can be encrypted for them.",
        certain: true,
        retryAfter: 5_000,
        cause,
      });
    }
  }
  const isChanged = work.identityChanged(serviceIdOf(person));
  await sink.accept(isChanged ? [await identityChanged(work, person, clock.now())] : [], work.record());
  work.publish();
}

async function send(
  chat: Chat,
  { to, timestamp, online = false, urgent = true }: Delivery,
  {
    isOwn,
    devices,
    access,
  }: {
    readonly isOwn: boolean;
    readonly devices: readonly DeviceMessage[];
    readonly access: SealedAccess | undefined;
  },
): Promise<SendFailure | undefined> {
  const head = { to: serviceIdOf(to), timestamp, online, urgent };
  try {
    const sealed = devices.flatMap((device) => {
      const bytes = device.sealed;
      return bytes ? [{ ...device, sealed: bytes }] : [];
    });
    if (isOwn) {
      if (devices.length > 0) await sendToOwnDevices(chat, head, devices);
    } else if (access) await sendSealed(chat, head, sealed, access);
    else await sendUnsealed(chat, head, devices);
    return undefined;
  } catch (error) {
    return sendFailureOf(error);
  }
}

/** Starts and archives sessions with a person's devices as the server's answer asks for. Throws BridgeError. */
export async function mendDevices(
  context: LoginContext,
  person: PersonId,
  mismatch: DeviceMismatch,
  access: SealedAccess | undefined,
): Promise<void> {
  const mending = await mended(context, await context.chat(), person, mismatch, access);
  using work = await context.aci.begin(serviceIdOf(person));
  await mend(context, work, person, mending);
}

/** What the server's answer asks for: each device concerned, and no other. */
async function mended(
  context: LoginContext,
  chat: Chat,
  person: PersonId,
  { missing, extra, stale }: DeviceMismatch,
  access: SealedAccess | undefined,
): Promise<Mending> {
  const { start, archive } = await begun(context, chat, person, [...missing, ...stale], access);
  return { start, archive: [...extra, ...stale, ...archive] };
}

/** Sessions to start with these devices; one that is there no more is archived, as its person may have set up anew. */
async function begun(
  { own, account }: LoginContext,
  chat: Chat,
  person: PersonId,
  devices: readonly number[] | "all",
  access: SealedAccess | undefined,
): Promise<Mending> {
  const name = serviceIdOf(person);
  const archive: number[] = [];
  const bundlesOf = (device: number | "all") =>
    fetchBundles(chat, name, device, access).catch((error: unknown) => {
      if (device === "all" || serviceFailure(error).kind !== "not-found") throw failureOf(error);
      archive.push(device);
      return [];
    });
  const asked = devices === "all" ? [devices] : devices;
  const bundles = (await Promise.all(asked.map(bundlesOf))).flat();
  const start = bundles.filter(({ device }) => person !== own || device !== account.deviceId);
  return { start, archive };
}
