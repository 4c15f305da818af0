import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Store } from "../../core/ports/store.ts";
import { cryptoRecords } from "./crypto-records.ts";

interface EncryptedRoomsParts {
  readonly store: Store;
  readonly isOurs: (user: UserId) => boolean;
  /** Who is joined to or invited to a room. */
  readonly members: (room: RoomId) => Promise<readonly UserId[]>;
}

/** The most rooms whose people are kept in memory. */
const MOST = 1_000;

/** Which rooms are encrypted, once and for all, and who in them gets keys. */
export class EncryptedRooms {
  readonly #parts: EncryptedRoomsParts;
  /** In the order of their last use. */
  readonly #people = new Map<RoomId, Promise<readonly UserId[]>>();
  readonly #switching = new Map<RoomId, Promise<void>>();

  constructor(parts: EncryptedRoomsParts) {
    this.#parts = parts;
  }

  async has(room: RoomId): Promise<boolean> {
    await this.#switching.get(room);
    return this.#parts.store.family(cryptoRecords).isEncrypted(room);
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
  }

  /** To be called when what happened in rooms may have been missed. */
  peopleUnknown(): void {
    this.#people.clear();
  }
}
