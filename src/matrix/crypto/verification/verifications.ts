import type {
  RoomMessageRequest,
  Sas,
  ToDeviceRequest,
  VerificationRequest,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import type { OutboxId, RoomId, UserId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { fieldOf, jsonOf } from "../../http/json.ts";
import { route } from "../../http/requests.ts";
import { contentOf } from "../content-of.ts";
import type { EncryptedRooms } from "../encrypted-rooms.ts";
import type { Machine } from "../machine.ts";
import type { Machines } from "../machines.ts";
import { placeOf } from "../message-index.ts";
import { keepSealed } from "../sealed-events.ts";
import { shareRoomKey } from "../share-room-key.ts";
import { CANCELLED, emojiWords, VERIFIED } from "./words.ts";

interface VerificationsParts {
  readonly machines: Machines;
  readonly rooms: Pick<EncryptedRooms, "has" | "people">;
  readonly bot: UserId;
  readonly isOurs: (user: UserId) => boolean;
  readonly clock: Pick<Clock, "now">;
  /** Tells a person something in their direct chat with the bot. */
  readonly tell: (user: UserId, words: string) => void;
}

/** One verification: whose, and what it is known by (spec: Key verification framework). */
interface Flow {
  readonly user: UserId;
  readonly id: string;
}

interface UnderWay {
  readonly flow: Flow;
  /** Whether the person is told what the bot sees. */
  told: boolean;
  /** Whether the person has said that it is the same. */
  confirmed: boolean;
}

/** The most verifications that are under way at once; the oldest is then left to its time limit. */
const MOST = 100;

/**
 * Lets people verify the bot by emoji (spec: Short Authentication String), since some clients send keys to verified users
 * alone. The bot says what it sees, and the person compares it with what their client shows.
 */
export class Verifications {
  readonly #parts: VerificationsParts;
  /** By user and id. */
  readonly #under = new Map<string, UnderWay>();

  constructor(parts: VerificationsParts) {
    this.#parts = parts;
  }

  /** Whether the event is part of a verification in a room. */
  isPart(event: unknown): boolean {
    const type = fieldOf(event, "type");
    if (typeof type !== "string") return false;
    const msgtype = fieldOf(fieldOf(event, "content"), "msgtype");
    return isVerification(type) || (type === "m.room.message" && msgtype === "m.key.verification.request");
  }

  /** Takes a decrypted event of an encrypted room. Throws BridgeError. */
  async takeInRoom(event: unknown, room: RoomId): Promise<void> {
    const content = fieldOf(event, "content");
    const isRequest = fieldOf(event, "type") === "m.room.message";
    const id = isRequest ? fieldOf(event, "event_id") : fieldOf(fieldOf(content, "m.relates_to"), "event_id");
    this.#note(event, id);
    await this.#parts.machines.use(this.#parts.bot, async (machine) => {
      await machine.olm.receiveVerificationEvent(JSON.stringify(event), new machine.library.RoomId(room));
      await machine.commit();
      await this.#advance(machine);
    });
  }

  /** To be called when the bot's machine has taken these to-device events. Throws BridgeError. */
  async taken(toDevice: readonly unknown[]): Promise<void> {
    for (const event of toDevice)
      if (isVerification(fieldOf(event, "type")))
        this.#note(event, fieldOf(fieldOf(event, "content"), "transaction_id"));
    if (this.#under.size > 0)
      await this.#parts.machines.use(this.#parts.bot, (machine) => this.#advance(machine));
  }

  #note(event: unknown, id: unknown): void {
    const user = fieldOf(event, "sender");
    if (typeof user !== "string" || typeof id !== "string" || this.#parts.isOurs(user as UserId)) return;
    const key = `${user} ${id}`;
    const flow = { user: user as UserId, id };
    const one = this.#under.get(key) ?? { flow, told: false, confirmed: false };
    this.#under.set(key, one);
    if (fieldOf(event, "type") === "m.key.verification.mac") one.confirmed = true;
    const [oldest] = this.#under.keys();
    if (this.#under.size > MOST && oldest !== undefined) this.#under.delete(oldest);
  }

  /** What is sent by one step may be what the next waits for, and nothing need come in between. */
  async #advance(machine: Machine): Promise<void> {
    do await this.#step(machine);
    while (await this.#send(machine));
  }

  async #step(machine: Machine): Promise<void> {
    for (const [key, one] of this.#under) {
      const { user, id } = one.flow;
      const { UserId } = machine.library;
      const request = machine.olm.getVerificationRequest(new UserId(user), id);
      const sas = request?.getVerification() ?? machine.olm.getVerification(new UserId(user), id);
      if (request) await this.#answer(machine, request);
      if (sas && "emoji" in sas) await this.#compare(machine, sas, one);
      const isDone = request?.isDone() ?? sas?.isDone() ?? false;
      const isCancelled = request?.isCancelled() ?? sas?.isCancelled() ?? true;
      if (!isDone && !isCancelled) continue;
      this.#under.delete(key);
      if (isDone) await this.#verified(machine, user);
      else if (one.told) this.#parts.tell(user, CANCELLED);
    }
  }

  /** Tells the person once the library knows of it, which it learns by asking for the signed keys. */
  async #verified(machine: Machine, user: UserId): Promise<void> {
    await machine.settle();
    await machine.carryOut(machine.olm.queryKeysForUsers([new machine.library.UserId(user)]));
    this.#parts.tell(user, VERIFIED);
  }

  async #answer(machine: Machine, request: VerificationRequest): Promise<void> {
    const { VerificationMethod, VerificationRequestPhase } = machine.library;
    if (request.phase() !== VerificationRequestPhase.Requested || request.weStarted()) return;
    await this.#carryOut(machine, request.acceptWithMethods([VerificationMethod.SasV1]));
  }

  /** The bot says yes after the person, who sees what both show. */
  async #compare(machine: Machine, sas: Sas, one: UnderWay): Promise<void> {
    if (!sas.hasBeenAccepted()) await this.#carryOut(machine, sas.accept());
    const emoji = sas.canBePresented() && !one.told ? sas.emoji() : undefined;
    if (emoji) {
      one.told = true;
      const shown = emoji.map(({ symbol, description }) => `${symbol} ${description}`);
      this.#parts.tell(one.flow.user, emojiWords(shown));
    }
    if (!one.told || !one.confirmed || sas.haveWeConfirmed()) return;
    for (const request of await sas.confirm()) await this.#carryOut(machine, request);
  }

  /** Sends what the library wants sent by itself; whether there was anything. */
  async #send(machine: Machine): Promise<boolean> {
    const { RequestType } = machine.library;
    const wanted = await machine.olm.outgoingRequests();
    for (const one of wanted)
      if (one.type === RequestType.RoomMessage) await this.#sayInRoom(machine, one as RoomMessageRequest);
    await machine.settle();
    return wanted.length > 0;
  }

  async #carryOut(
    machine: Machine,
    request: ToDeviceRequest | RoomMessageRequest | undefined,
  ): Promise<void> {
    if (!request) return;
    const { RequestType } = machine.library;
    if (request.type === RequestType.RoomMessage)
      await this.#sayInRoom(machine, request as RoomMessageRequest);
    else await machine.carryOut(request);
  }

  async #sayInRoom(machine: Machine, request: RoomMessageRequest): Promise<void> {
    const { id, type, room_id: room, event_type: event, txn_id: txn, body } = request;
    const isEncrypted = await this.#parts.rooms.has(room as RoomId);
    const sent = isEncrypted
      ? { event: "m.room.encrypted", body: await this.#seal(machine, request) }
      : { event, body };
    await machine.commit();
    const path = route`/_matrix/client/v3/rooms/${room}/send/${sent.event}/${txn}`;
    const answer = await machine.ask({ method: "PUT", path, body: contentOf(sent.body) });
    await machine.olm.markRequestAsSent(id, type, JSON.stringify(answer));
    await machine.commit();
  }

  /** Encrypts it for the room, and stores that, as of all that is encrypted. */
  async #seal(
    machine: Machine,
    { room_id, event_type: event, txn_id, body }: RoomMessageRequest,
  ): Promise<string> {
    const { rooms, clock } = this.#parts;
    const room = room_id as RoomId;
    const people = await rooms.people(room);
    await shareRoomKey(machine, room, people);
    const { RoomId: Id } = machine.library;
    const content = await machine.olm.encryptRoomEvent(new Id(room_id), event, body);
    const now = clock.now();
    const row = { id: txn_id as OutboxId, sender: machine.actor.user, room };
    await machine.commit((tx) => keepSealed(tx, row, content, now));
    const place = placeOf(jsonOf(content));
    if (place) machine.shared.used({ room, people }, place, now);
    return content;
  }
}

const isVerification = (type: unknown): boolean =>
  typeof type === "string" && type.startsWith("m.key.verification.");
