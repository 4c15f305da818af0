import type { EventId, OutboxId, RoomId, UserId } from "../model/ids.ts";
import { type Homeserver, type MatrixEncoder, TARGET } from "../ports/homeserver.ts";
import type { NetworkOutboxRow, NewMatrixOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { endFailure, failureOf } from "./failed-messages.ts";

interface FailureNoticesParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
}

/** The reaction on an undelivered event when the room has a notice with the same words already. */
const MARK = "⚠️";

const kindOf = (sender: UserId, words: string): string => `refused ${sender} ${words}`;

/** Says in a room that a message failed, and takes that back. */
export class FailureNotices {
  readonly #parts: FailureNoticesParts;

  constructor(parts: FailureNoticesParts) {
    this.#parts = parts;
  }

  /** `lead`: a sentence that says what was not done. */
  notice(room: RoomId, event: EventId, words: string, lead = "Not delivered."): NewMatrixOutboxRow {
    return this.#row(room, this.#parts.encoder.notice(`${MARK} ${lead} ${words}`, event));
  }

  /** Says the words once a room, person and day; later the mark on the event `on` is all, or nothing. */
  say(
    {
      sender,
      words,
      on,
    }: { readonly sender: UserId; readonly words: string; readonly on: EventId | undefined },
    notice: NewMatrixOutboxRow,
  ): (tx: Writes) => void {
    const { room } = notice;
    const mark = on && { event: on, row: this.#row(room, this.#parts.encoder.reaction(MARK, on)) };
    return (tx) => tx.told.once(kindOf(sender, words), notice, mark);
  }

  /** Takes back that a row failed: its mark goes, and its notice says these words instead. */
  async takeBack(row: NetworkOutboxRow, words: string): Promise<(tx: Writes) => void> {
    const { store, encoder } = this.#parts;
    const failure = await failureOf(store, row);
    const on = failure?.on ?? row.event;
    const marked = await store.told.markOf(on);
    const unmark = marked && this.#row(row.room, encoder.redaction(TARGET), marked);
    // Another event's notice may have said the same before.
    const said = failure && (await store.matrixOutbox.madeBy(failure.notice));
    const change =
      said && this.#row(said.room, encoder.replacement(encoder.notice(words), TARGET), failure.notice);
    return (tx) => {
      endFailure(tx, row);
      if (unmark) {
        tx.told.unmark(on);
        tx.matrixOutbox.add(unmark);
      }
      if (!change) return;
      tx.matrixOutbox.add(change);
      // The reason is not in the room any more.
      tx.told.unsay(change.room, kindOf(row.sender, failure.words));
    };
  }

  #row(room: RoomId, event: ReturnType<MatrixEncoder["notice"]>, about?: OutboxId): NewMatrixOutboxRow {
    const target = about === undefined ? {} : { target: { kind: "row", id: about } as const };
    return this.#parts.outbox.row(room, this.#parts.homeserver.bot, event, target);
  }
}
