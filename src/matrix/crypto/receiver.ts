import type {
  DecryptedRoomEvent,
  MegolmDecryptionError,
  OlmMachine,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import type { EventId, RoomId, UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Undecryptable } from "../../core/ports/metrics.ts";
import type { Store, Writes } from "../../core/ports/store.ts";
import { fieldOf, jsonOf } from "../http/json.ts";
import { cryptoRecords } from "./crypto-records.ts";
import { LibraryFailure } from "./library-calls.ts";
import type { Machine } from "./machine.ts";
import type { Machines } from "./machines.ts";
import { placeOf, type SessionPlace } from "./message-index.ts";

/** What a `/sync` of the bot's device says of keys (spec: End-to-end encryption, "Extensions to /sync"). */
export interface KeySync {
  readonly toDevice: readonly unknown[];
  readonly changed: readonly string[];
  readonly left: readonly string[];
  readonly oneTimeKeys: Readonly<Record<string, number>>;
  readonly unusedFallbackKeys: readonly string[];
}

/** Whose messages are believed: of any device, or of those that their person has signed. */
export type Trust = "any" | "cross-signed";

export type Opened =
  | { readonly kind: "clear"; readonly event: unknown }
  /** `mayCome`: the key was withheld, and need not be any more. */
  | {
      readonly kind: "closed";
      readonly why: Closed;
      readonly withheld?: string | undefined;
      readonly mayCome?: boolean;
    };

/** Why an event can't be read, or isn't believed. */
export type Closed = Undecryptable;

type ProcessedToDeviceEvent = Awaited<ReturnType<OlmMachine["receiveSyncChanges"]>>[number];

interface ReceiverParts {
  readonly machines: Machines;
  readonly store: Store;
  readonly bot: UserId;
  readonly trust: Trust;
  readonly clock: Pick<Clock, "now">;
}

/** Reads what people say in encrypted rooms: only the bot has keys for that. */
export class Receiver {
  readonly #machines: Machines;
  readonly #store: Store;
  readonly #bot: UserId;
  readonly #trust: Trust;
  readonly #clock: Pick<Clock, "now">;

  constructor({ machines, store, bot, trust, clock }: ReceiverParts) {
    this.#machines = machines;
    this.#store = store;
    this.#bot = bot;
    this.#trust = trust;
    this.#clock = clock;
  }

  /** The device whose `/sync` brings keys. Throws BridgeError. */
  device(): Promise<string> {
    return this.#machines.use(this.#bot, async ({ actor }) => actor.device);
  }

  /** Its public Ed25519 key in unpadded base64. Throws BridgeError. */
  deviceKey(): Promise<string> {
    return this.#machines.use(this.#bot, async ({ olm }) => olm.identityKeys.ed25519.toBase64());
  }

  /**
   * Takes keys. `commit` stores them, with the sync's token: the homeserver keeps what it sent until the next sync names a
   * newer one. An event that the library fails on is left out. Resolves to the sessions whose keys came. Throws
   * BridgeError.
   */
  async receive(
    sync: KeySync,
    commit?: (record: (tx: Writes) => void) => Promise<void>,
  ): Promise<readonly string[]> {
    try {
      return await this.#take(sync, commit);
    } catch (error) {
      if (!(error instanceof LibraryFailure) || sync.toDevice.length === 0) throw error;
    }
    const sessions: string[] = [];
    for (const event of sync.toDevice)
      try {
        sessions.push(...(await this.#take({ ...sync, toDevice: [event] })));
      } catch (error) {
        if (!(error instanceof LibraryFailure)) throw error;
      }
    await this.#take({ ...sync, toDevice: [] }, commit);
    return sessions;
  }

  #take(sync: KeySync, commit?: (record: (tx: Writes) => void) => Promise<void>): Promise<readonly string[]> {
    this.#machines.devicesChanged(sync.changed, sync.left);
    return this.#machines.use(this.#bot, async (machine) => {
      const { library, olm } = machine;
      const ids = (users: readonly string[]) => users.map((user) => new library.UserId(user));
      const settings = decryptionSettings(machine, this.#trust);
      const taken = await olm.receiveSyncChanges(
        JSON.stringify(sync.toDevice),
        new library.DeviceLists(ids(sync.changed), ids(sync.left)),
        new Map(Object.entries(sync.oneTimeKeys)),
        new Set(sync.unusedFallbackKeys),
        settings,
      );
      const keys = taken.flatMap((event) => roomKeyIn(machine, event));
      const at = this.#clock.now();
      const note = (tx: Writes): void => {
        for (const { session, room } of keys)
          tx.family(cryptoRecords).useSession(session, this.#bot, room, at);
      };
      await machine.commit(keys.length > 0 ? note : undefined, commit);
      return keys.map(({ session }) => session);
    });
  }

  /** Carries out what the bot's machine wants asked. Throws BridgeError. */
  settle(): Promise<void> {
    return this.#machines.use(this.#bot, (machine) => machine.settle());
  }

  /**
   * Decrypts an `m.room.encrypted` event as the homeserver gave it. Only the first event of each place in a session is
   * opened: the library reads a copy under another event id as well. Throws BridgeError.
   */
  async open(event: unknown, room: RoomId): Promise<Opened> {
    const place = placeOf(fieldOf(event, "content"));
    const id = fieldOf(event, "event_id");
    if (!place || typeof id !== "string") return { kind: "closed", why: "malformed" };
    const crypto = this.#store.family(cryptoRecords);
    const before = await crypto.opened(place);
    if (before !== undefined && before !== id) return { kind: "closed", why: "replayed" };
    const known = before !== undefined;
    return this.#decrypt(event, room, this.#bot, known ? undefined : { place, event: id as EventId });
  }

  /** Decrypts an event which is not carried any more, with the keys of one of our users. Throws BridgeError. */
  read(event: unknown, room: RoomId, reader: UserId): Promise<Opened> {
    return this.#decrypt(event, room, reader, undefined);
  }

  #decrypt(
    event: unknown,
    room: RoomId,
    reader: UserId,
    first: { readonly place: SessionPlace; readonly event: EventId } | undefined,
  ): Promise<Opened> {
    return this.#machines.use(reader, async (machine): Promise<Opened> => {
      const { library, olm } = machine;
      const tried = (trust: Trust): Promise<DecryptedRoomEvent> =>
        olm.decryptRoomEvent(
          JSON.stringify(event),
          new library.RoomId(room),
          decryptionSettings(machine, trust),
        );
      let decrypted: DecryptedRoomEvent;
      try {
        decrypted = await tried(this.#trust);
      } catch (error) {
        if (!(error instanceof library.MegolmDecryptionError)) throw error;
        const closed = whyClosed(machine, error);
        // Who has verified the bot since sends the key with their next message.
        if (closed.why === "withheld")
          return { kind: "closed", ...closed, mayCome: await isVerified(machine, event) };
        // The library does not look again at whose a session was when the bot is verified anew.
        const again = closed.why === "new-identity" && (await isVerifiedAgain(machine, event));
        if (!again) return { kind: "closed", ...closed };
        decrypted = await tried("any");
      }
      using opened = decrypted;
      const { code } = opened.shieldState(true);
      if (code === library.ShieldStateCode.MismatchedSender) return { kind: "closed", why: "wrong-sender" };
      await machine.commit(
        first &&
          ((tx) => {
            tx.family(cryptoRecords).open(first.place, first.event);
            tx.family(cryptoRecords).useSession(first.place.session, reader, room, this.#clock.now());
          }),
      );
      return { kind: "clear", event: jsonOf(opened.event) };
    });
  }
}

/** Whether an event's sender and the bot have verified each other. */
async function isVerified({ olm, library }: Machine, event: unknown): Promise<boolean> {
  const sender = fieldOf(event, "sender");
  const identity = typeof sender === "string" ? await olm.getIdentity(new library.UserId(sender)) : undefined;
  return identity?.isVerified() === true;
}

/** Whether the sender is verified as who they are now, and has signed the device that an event names. */
async function isVerifiedAgain(machine: Machine, event: unknown): Promise<boolean> {
  const { olm, library } = machine;
  const sender = fieldOf(event, "sender");
  const device = fieldOf(fieldOf(event, "content"), "device_id");
  if (typeof sender !== "string" || typeof device !== "string") return false;
  const found = await olm.getDevice(new library.UserId(sender), new library.DeviceId(device));
  return found?.isCrossSignedByOwner() === true && isVerified(machine, event);
}

/** The room's key that a to-device message brought, if it did. */
function roomKeyIn(
  { library }: Machine,
  event: ProcessedToDeviceEvent,
): readonly { readonly session: string; readonly room: RoomId }[] {
  if (!(event instanceof library.DecryptedToDeviceEvent)) return [];
  const raw = jsonOf(event.rawEvent);
  const [session, room] = ["session_id", "room_id"].map((name) => fieldOf(fieldOf(raw, "content"), name));
  const isKey = fieldOf(raw, "type") === "m.room_key";
  return isKey && typeof session === "string" && typeof room === "string"
    ? [{ session, room: room as RoomId }]
    : [];
}

/** For one call, which takes them for good. */
const decryptionSettings = ({ library }: Machine, trust: Trust) =>
  new library.DecryptionSettings(
    trust === "any" ? library.TrustRequirement.Untrusted : library.TrustRequirement.CrossSigned,
  );

function whyClosed(
  { library: { DecryptionErrorCode: code } }: Machine,
  error: Pick<MegolmDecryptionError, "code" | "maybe_withheld">,
): { readonly why: Closed; readonly withheld?: string } {
  const { maybe_withheld: withheld } = error;
  if (withheld !== undefined) return { why: "withheld", withheld };
  switch (error.code) {
    case code.MissingRoomKey:
      return { why: "no-key" };
    case code.UnknownMessageIndex:
      return { why: "late-key" };
    case code.MismatchedIdentityKeys:
    case code.MismatchedSender:
      return { why: "wrong-sender" };
    case code.UnknownSenderDevice:
    case code.UnsignedSenderDevice:
      return { why: "unsigned" };
    case code.SenderIdentityVerificationViolation:
      return { why: "new-identity" };
    case code.UnableToDecrypt:
      return { why: "malformed" };
  }
}
