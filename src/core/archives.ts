import type { Homeserver, MatrixEncoder } from "./homeserver.ts";
import type { Outbox } from "./outbox.ts";
import type { HsOutboxRow, Portal } from "./rows.ts";
import type { Writes } from "./store.ts";

/** Types of rows that are acts on the room, in their place behind what was to be sent before. */
const ARCHIVE = "thirdpartychats.archive";
const REOPEN = "thirdpartychats.reopen";

/** Makes portals read-only and writable again: history stays, and the room says why. */
export class Archives {
  readonly #homeserver: Homeserver;
  readonly #encoder: MatrixEncoder;
  readonly #outbox: Outbox;

  constructor(homeserver: Homeserver, encoder: MatrixEncoder, outbox: Outbox) {
    this.#homeserver = homeserver;
    this.#encoder = encoder;
    this.#outbox = outbox;
  }

  /** Queues it behind everything the room still gets; a portal without a room has nothing to keep. */
  close(portal: Portal, words: string): (tx: Writes) => void {
    if (portal.room === undefined || portal.state === "archived") return () => {};
    const rows = this.#rows(portal.room, words, ARCHIVE);
    return (tx) => {
      tx.portals.setState(portal, "archived");
      for (const row of rows) tx.hsOutbox.add(row);
    };
  }

  reopen(portal: Portal, words: string): (tx: Writes) => void {
    if (portal.room === undefined || portal.state !== "archived") return () => {};
    const rows = this.#rows(portal.room, words, REOPEN);
    return (tx) => {
      tx.portals.setState(portal, "open");
      for (const row of rows.toReversed()) tx.hsOutbox.add(row);
    };
  }

  /** Does what a row of these types stands for; false for any other row. */
  async perform({ type, room }: HsOutboxRow): Promise<boolean> {
    if (type === ARCHIVE) await this.#homeserver.archiveRoom(room);
    else if (type === REOPEN) await this.#homeserver.reopenRoom(room);
    else return false;
    return true;
  }

  #rows(room: NonNullable<Portal["room"]>, words: string, type: string) {
    const { bot } = this.#homeserver;
    const notice = this.#outbox.row(room, bot, this.#encoder.notice(words));
    return [notice, this.#outbox.row(room, bot, { type, content: {} })];
  }
}
