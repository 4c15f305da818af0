import type { RoomId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { NetworkOutboxRow } from "../ports/rows.ts";

/** The least milliseconds between two receipts in a room. */
const RECEIPT_INTERVAL = 250;

interface AcceptedReceiptsParts {
  readonly homeserver: Homeserver;
  readonly puppets: Puppets;
  readonly clock: Clock;
  readonly log: Log;
}

/** Shows by the bot's read receipt how far the network has a room's messages, best effort. */
export class AcceptedReceipts {
  readonly #parts: AcceptedReceiptsParts;
  /** The newest message that the network has accepted, by room, until its receipt is sent. */
  readonly #accepted = new Map<RoomId, Pick<NetworkOutboxRow, "event" | "sender">>();
  readonly #sending = new Set<RoomId>();

  constructor(parts: AcceptedReceiptsParts) {
    this.#parts = parts;
  }

  move(row: Pick<NetworkOutboxRow, "room" | "event" | "sender">): void {
    this.#accepted.set(row.room, row);
    if (!this.#sending.has(row.room)) void this.#receipt(row.room);
  }

  async #receipt(room: RoomId): Promise<void> {
    const { homeserver, puppets, log } = this.#parts;
    this.#sending.add(room);
    for (let row = this.#accepted.get(room); row; row = this.#accepted.get(room)) {
      this.#accepted.delete(room);
      const interval = this.#interval();
      try {
        await homeserver.markRead(homeserver.bot, room, row.event);
        // A person who writes has read what came before, also in their other clients.
        if (await puppets.installed()) await puppets.markRead(row.sender, room, row.event);
      } catch (error) {
        log.debug("a receipt was not sent", { room, ...faultOf(error) });
      }
      await interval;
    }
    this.#sending.delete(room);
  }

  /** Waits between receipts: one stands for all before it, and each costs the homeserver as much as a message. */
  #interval(): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.after(RECEIPT_INTERVAL, resolve));
  }
}
