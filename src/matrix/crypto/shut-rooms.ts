import { BridgeError } from "../../core/model/errors.ts";
import type { RoomId } from "../../core/model/ids.ts";
import type { EventToSend } from "../../core/ports/homeserver.ts";
import type { Store } from "../../core/ports/store.ts";
import { cryptoRecords } from "./crypto-records.ts";
import { goesClear } from "./goes-clear.ts";

/** Milliseconds; encryption is switched on by a restart, which tries again at once. */
const LOOK_AGAIN = 3_600_000;

/** The rooms that were encrypted, where encryption is off now: nothing goes there in the clear. */
export class ShutRooms {
  readonly rooms: readonly RoomId[];
  readonly #all: ReadonlySet<RoomId>;

  private constructor(rooms: readonly RoomId[]) {
    this.rooms = rooms;
    this.#all = new Set(rooms);
  }

  /** None comes to them while encryption is off. */
  static async read(store: Store): Promise<ShutRooms> {
    return new ShutRooms(await store.family(cryptoRecords).encryptedRooms());
  }

  /** Whether an event may not go as it is. */
  async encrypts(event: Pick<EventToSend, "room" | "type" | "stateKey">): Promise<boolean> {
    return !goesClear(event) && this.#all.has(event.room);
  }

  /** The event as it is, where it may go. Throws BridgeError; its row waits then. */
  async seal(event: EventToSend): Promise<EventToSend> {
    if (!(await this.encrypts(event))) return event;
    throw new BridgeError("no-room", {
      words: "The room is encrypted, and this bridge has encryption switched off.",
      certain: true,
      retryAfter: LOOK_AGAIN,
    });
  }
}
