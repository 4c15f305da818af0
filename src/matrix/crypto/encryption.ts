import { BridgeError } from "../../core/model/errors.ts";
import type { MatrixEvent } from "../../core/model/events.ts";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { EventToSend, Sealed } from "../../core/ports/homeserver.ts";
import type { HomeserverSink } from "../../core/ports/homeserver-sink.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import type { Store, Writes } from "../../core/ports/store.ts";
import { bringsClearFile } from "../events/clear-file.ts";
import { decodeEvent } from "../events/decode.ts";
import { fieldOf, jsonOf } from "../http/json.ts";
import type { Requests } from "../http/requests.ts";
import { AwaitedKeys } from "./awaited-keys.ts";
import { closedError } from "./closed-words.ts";
import { EncryptedRooms } from "./encrypted-rooms.ts";
import { encryptionSink } from "./encryption-sink.ts";
import { goesClear } from "./goes-clear.ts";
import { Machines } from "./machines.ts";
import { type Closed, type KeySync, Receiver, type Trust } from "./receiver.ts";
import { Renewals } from "./renewal/renewals.ts";
import { SealedEvents } from "./sealed-events.ts";
import { Sender } from "./sender.ts";
import { Verifications } from "./verification/verifications.ts";

interface EncryptionParts {
  readonly store: Store;
  readonly requests: Pick<Requests, "json">;
  readonly bot: UserId;
  readonly isOurs: (user: UserId) => boolean;
  /** Who is joined to or invited to a room. */
  readonly members: (room: RoomId) => Promise<readonly UserId[]>;
  /** Whether the room's state says that it is encrypted. */
  readonly isEncrypted: (room: RoomId) => Promise<boolean>;
  readonly trust: Trust;
  /** Whether chats and the direct chats with the bot are encrypted from their beginning. */
  readonly isDefault: boolean;
  /** Whether people's messages are refused that come in the clear in an encrypted room. */
  readonly isRequired: boolean;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly stopping?: AbortSignal | undefined;
}

/** The file was uploaded before the room was encrypted; the next try encrypts it. */
const CLEAR_FILE = {
  words: "The room is encrypted since the file was uploaded, so it was not sent as it is.",
  certain: true,
  retryAfter: 0,
} as const;
const DEVICE_NAME = "Third-party chats bridge";

/** What the homeserver's side of the bridge needs of encryption: rooms that are encrypted, and events for and from them. */
export class Encryption implements Disposable {
  readonly rooms: EncryptedRooms;
  readonly renewals: Renewals;
  readonly #parts: EncryptionParts;
  readonly #machines: Machines;
  readonly #receiver: Receiver;
  readonly #sealed: SealedEvents;
  readonly #awaited: AwaitedKeys;
  /** As the last `/sync` counted them. */
  #oneTimeKeys = 0;
  readonly #verifications: Verifications;
  #tell: (user: UserId, words: string) => void = () => {};
  /** What the last sync brought for the bot's device. */
  #toDevice: unknown[] = [];
  #sink: Pick<HomeserverSink, "keysCame"> | undefined;

  constructor(parts: EncryptionParts) {
    const { store, clock, bot, requests, trust, stopping } = parts;
    this.#parts = parts;
    this.rooms = new EncryptedRooms(parts);
    this.#machines = new Machines({
      store,
      requests,
      bot,
      deviceName: DEVICE_NAME,
      deviceLost: () => this.renewals.lost("device"),
      identityLost: () => this.renewals.lost("identity"),
    });
    this.renewals = new Renewals(parts, this.#machines);
    this.#receiver = new Receiver({ machines: this.#machines, store, bot, trust, clock });
    this.#sealed = new SealedEvents({ store, sender: new Sender(this.#machines, clock), clock });
    this.#awaited = new AwaitedKeys(clock, stopping);
    this.#verifications = new Verifications({
      ...parts,
      machines: this.#machines,
      rooms: this.rooms,
      tell: (user, words) => this.#tell(user, words),
    });
  }

  /** Sets the metrics of what there is at the moment. */
  measure(): void {
    const { metrics } = this.#parts;
    metrics.set("crypto_machines", {}, this.#machines.count);
    metrics.set("keys_awaited", {}, this.#awaited.count);
    metrics.set("one_time_keys", {}, this.#oneTimeKeys);
  }

  get isDefault(): boolean {
    return this.#parts.isDefault;
  }

  /** The bot's public device key in unpadded base64. Throws BridgeError. */
  deviceKey(): Promise<string> {
    return this.#receiver.deviceKey();
  }

  /** To be called when the bot has come into a room, before anything is sent there. Throws BridgeError. */
  async entered(room: RoomId): Promise<void> {
    this.rooms.peopleChanged(room);
    await this.rooms.encrypts(room);
  }

  /** Calls `tell` for what a person is to be told in their direct chat with the bot. */
  whenToTell(tell: (user: UserId, words: string) => void): void {
    this.#tell = tell;
  }

  /** Hears first what the homeserver tells the bridge. */
  before(sink: HomeserverSink): HomeserverSink {
    const { isOurs, isRequired } = this.#parts;
    this.#sink = sink;
    this.renewals.sink = sink;
    const rolledBack = () => this.renewals.isOlder("homeserver");
    return encryptionSink(sink, { rooms: this.rooms, isOurs, isRequired, rolledBack });
  }

  /** How many events wait for their keys. */
  get awaiting(): number {
    return this.#awaited.count;
  }

  /** Calls `act` whenever an event begins to wait for its key. */
  whenAwaited(act: () => void): void {
    this.#awaited.whenAwaited(act);
  }

  /** The bot's device, whose `/sync` brings keys. Throws BridgeError. */
  device(): Promise<string> {
    return this.#receiver.device();
  }

  /** Takes what a `/sync` of the device says of keys; `commit` stores it with what belongs to it. Throws BridgeError. */
  async receive(sync: KeySync, commit: (record: (tx: Writes) => void) => Promise<void>): Promise<void> {
    this.renewals.changed(sync.changed);
    const sessions = await this.#receiver.receive(sync, commit);
    this.#oneTimeKeys = sync.oneTimeKeys["signed_curve25519"] ?? 0;
    this.#toDevice.push(...sync.toDevice);
    if (sync.toDevice.length > 0) this.#awaited.came();
    if (sessions.length > 0) this.#sink?.keysCame(sessions);
  }

  /** Publishes what the last {@link receive} made wanted. Throws BridgeError. */
  async settle(): Promise<void> {
    await this.renewals.look();
    await this.#receiver.settle();
    await this.#verifications.taken(this.#toDevice.splice(0));
  }

  /** Gives all our users other devices with the same identities; resolves to how many have one. Throws BridgeError. */
  async renew(): Promise<number> {
    const count = await this.#machines.doubtAll();
    await this.device();
    return count;
  }

  /** Whether {@link seal} encrypts the event. Throws BridgeError. */
  async encrypts(event: Pick<EventToSend, "room" | "type" | "stateKey">): Promise<boolean> {
    return !goesClear(event) && (await this.rooms.encrypts(event.room));
  }

  /** The event as it is sent to its room: encrypted where the room is. Throws BridgeError. */
  async seal(event: EventToSend): Promise<EventToSend> {
    if (!(await this.encrypts(event))) return event;
    if (bringsClearFile(event.content)) throw new BridgeError("changed", CLEAR_FILE);
    return this.#sealed.seal(event, await this.rooms.people(event.room));
  }

  /** What the row was encrypted to, where it was. */
  ciphertext(row: EventToSend["id"]): Promise<string | undefined> {
    return this.#sealed.ciphertext(row);
  }

  /**
   * What an encrypted event says, once its key is there; undefined where that is nothing for the bridge. Throws
   * BridgeError, with words for its sender where it cannot be read. No key is waited for where it is opened late.
   */
  async open(event: Sealed, when?: "late"): Promise<MatrixEvent | undefined> {
    if (event.kind === "encrypted" && event.clear) throw this.#closed("in-clear");
    // Stored by a bridge that read no encrypted rooms.
    if (event.sealed === undefined) return event;
    const raw = jsonOf(event.sealed);
    // Clients verify in the clear in encrypted rooms too.
    if (fieldOf(raw, "type") !== "m.room.encrypted") return this.#decoded(raw, event.room);
    const session = fieldOf(fieldOf(raw, "content"), "session_id");
    for (;;) {
      const opened = await this.#receiver.open(raw, event.room);
      if (opened.kind === "clear") return this.#decoded(opened.event, event.room);
      if (when === "late") throw closedError(opened.why);
      const { why, mayCome } = opened;
      const waits = (why === "no-key" || mayCome) && typeof session === "string";
      // What was waited for before the bot was verified is waited for again.
      if (!waits || !(await this.#awaited.wait(`${why} ${session}`))) throw this.#closed(opened.why);
    }
  }

  /** What an event of a room says that `reader` can read; undefined where it cannot be read. Throws BridgeError. */
  async read(raw: unknown, room: RoomId, reader: UserId): Promise<unknown> {
    if (fieldOf(raw, "type") !== "m.room.encrypted") return raw;
    const opened = await this.#receiver.read(raw, room, reader);
    return opened.kind === "clear" ? opened.event : undefined;
  }

  [Symbol.dispose](): void {
    this.#machines[Symbol.dispose]();
  }

  #closed(why: Closed): BridgeError {
    this.#parts.metrics.count("undecryptable", { reason: why });
    return closedError(why);
  }

  async #decoded(event: unknown, room: RoomId): Promise<MatrixEvent | undefined> {
    if (this.#verifications.isPart(event)) {
      await this.#verifications.takeInRoom(event, room);
      return undefined;
    }
    const { isOurs } = this.#parts;
    const decoded = decodeEvent(event, (user) => isOurs(user as UserId), room);
    if (decoded.kind !== "event") return undefined;
    // What changes a room is never encrypted.
    return decoded.event.kind === "encrypted" ? undefined : decoded.event;
  }
}
