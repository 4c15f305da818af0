import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Store } from "../../core/ports/store.ts";
import { cryptoRecords } from "./crypto-records.ts";

interface EncryptedRoomsParts {
  readonly store: Store;
  readonly isOurs: (user: UserId) => boolean;
  /** Who is joined to or invited to a room. */
  readonly members: (room: RoomId) => Promise<readonly UserId[]>;
  /** Whether the room's state says that it is encrypted. */
  readonly isEncrypted: (room: RoomId) => Promise<boolean>;
}

/** The most rooms whose people are kept in memory. */
const MOST = 1_000;
/** The most rooms that are known to be in the clear. */
const MOST_CLEAR = 20_000;

/** Which rooms are encrypted, once and for all, and who in them gets keys. */
export class EncryptedRooms {
  readonly #parts: EncryptedRoomsParts;
  /** In the order of their last use. */
  readonly #people = new Map<RoomId, Promise<readonly UserId[]>>();
  /** The rooms that are not encrypted as long as nothing says so: what says so may not have been missed. */
  #clear = new Set<RoomId>();
  readonly #switching = new Map<RoomId, Promise<void>>();

  constructor(parts: EncryptedRoomsParts) {
    this.#parts = parts;
  }

  async has(room: RoomId): Promise<boolean> {
    await this.#switching.get(room);
    return this.#parts.store.family(cryptoRecords).isEncrypted(room);
  }

  /**
   * Whether what is sent to the room is to be encrypted. Its state is asked for first wherever its becoming so may have
   * been missed: after the start, and after each gap in what the homeserver tells. Throws BridgeError.
   */
  async encrypts(room: RoomId): Promise<boolean> {
    if (await this.has(room)) return true;
    const clear = this.#clear;
    if (clear.has(room)) return false;
    if (await this.#parts.isEncrypted(room)) {
      await this.mark(room);
      return true;
    }
    if (clear.size >= MOST_CLEAR) clear.clear();
    clear.add(room);
    // It may have become encrypted while its state was on its way.
    return this.has(room);
  }

  /** Has `act` encrypt the room, and marks it; what is sent there meanwhile waits for that. Throws BridgeError. */
  async switchOn(room: RoomId, act: () => Promise<void>): Promise<void> {
    const switched = act().then(() => this.mark(room));
    const settled = switched.catch(() => undefined);
    this.#switching.set(room, settled);
    try {
      await switched;
    } finally {
      if (this.#switching.get(room) === settled) this.#switching.delete(room);
    }
  }

  /** Nothing is sent there in the clear from now on, whatever the room's state says later. Throws BridgeError. */
  async mark(room: RoomId): Promise<void> {
    const { store } = this.#parts;
    if (await store.family(cryptoRecords).isEncrypted(room)) return;
    await store.write((tx) => tx.family(cryptoRecords).setEncrypted(room));
  }

  /** The people who are joined or invited: none of ours, who know what is said. Throws BridgeError. */
  async people(room: RoomId): Promise<readonly UserId[]> {
    const known = this.#people.get(room);
    if (known) return known;
    const { isOurs, members } = this.#parts;
    const people = members(room).then((users) => users.filter((user) => !isOurs(user)));
    this.#people.set(room, people);
    const [oldest] = this.#people.keys();
    if (this.#people.size > MOST && oldest !== undefined) this.#people.delete(oldest);
    try {
      return await people;
    } catch (error) {
      if (this.#people.get(room) === people) this.#people.delete(room);
      throw error;
    }
  }

  /** To be called when somebody comes into the room or goes. */
  peopleChanged(room: RoomId): void {
    this.#people.delete(room);
    // The bot hears nothing of a room that it is not in.
    this.#clear.delete(room);
  }

  /** To be called when what happened in rooms may have been missed. */
  missed(): void {
    this.#people.clear();
    this.#clear = new Set();
  }
}
