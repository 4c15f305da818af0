import type { BridgeError, Reason } from "../model/errors.ts";
import type { MatrixEvent, PortalKey } from "../model/events.ts";
import type { EventId, NetworkId, OutboxId, RoomId, UserId } from "../model/ids.ts";
import { whyOf } from "../model/message-status.ts";
import { type Clock, secondsSince } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import { rejectedBy } from "../ports/guards.ts";
import { type Homeserver, type MatrixEncoder, TARGET } from "../ports/homeserver.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { NetworkOutboxRow, RowTarget } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { type GivenUp, putAside, UNREADABLE } from "../runtime/put-aside.ts";
import { AcceptedReceipts } from "./accepted-receipts.ts";
import { type EndedRow, itemNameOf, markedOf, retryOf } from "./ended-row.ts";
import { failureOf, lastRetryOf, noteFailure, noteRetry } from "./failed-messages.ts";
import { FailureNotices } from "./failure-notices.ts";
import type { MessageStatuses } from "./message-statuses.ts";
import { markedOn, type RefusedEvent, whyRefused } from "./refused-event.ts";

/** Milliseconds for which a told delay is remembered. */
const DELAY_REMEMBERED = 30 * 86_400_000;

interface DeliveryStatusParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly puppets: Puppets;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly statuses: MessageStatuses;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

const RETRY_HINT = " Reply to this with “retry” to send it again.";
/** Reasons that a repeat meets again, or whose words say what to do instead. */
const NO_RETRY: ReadonlySet<string> = new Set<Reason | typeof UNREADABLE>([
  ...(["unsupported", "too-large", "bad-input", "gone", "internal"] as const),
  UNREADABLE,
]);

/** Why a row to a network is given up. */
interface GiveUpReason {
  readonly network: NetworkId | undefined;
  readonly reason: string;
  readonly words: string;
  /** What was not done, a sentence, where the row is no message. */
  readonly lead?: string | undefined;
  /** The network has the message all the same. */
  readonly sent?: boolean;
  /** The network had taken it before. */
  readonly taken?: boolean;
  /** The body of the dead letter. */
  readonly body?: string;
}

type Record = (tx: Writes) => void;

/** Shows what became of a person's message, by a receipt, a notice or a status, and counts it. */
export class DeliveryStatus {
  readonly #parts: DeliveryStatusParts;
  readonly #receipts: AcceptedReceipts;
  readonly #failures: FailureNotices;

  constructor(parts: DeliveryStatusParts) {
    this.#parts = parts;
    this.#receipts = new AcceptedReceipts(parts);
    this.#failures = new FailureNotices(parts);
  }

  /**
   * To be called when the network has accepted a message: the bot's read receipt moves to its event. `inPart`: other
   * messages of the event are still to be accepted.
   */
  accepted(row: NetworkOutboxRow, network: NetworkId, inPart: boolean): void {
    const { metrics, clock } = this.#parts;
    metrics.count("messages", { direction: "to-network", network, outcome: "crossed" });
    metrics.time(
      "crossing_seconds",
      { direction: "to-network", network },
      secondsSince(row.createdAt, clock),
    );
    if (!inPart) this.#receipts.move(row);
  }

  /** The status of a message that the network has, to be committed with that. */
  async sent(row: Pick<NetworkOutboxRow, "id" | "key" | "room" | "event" | "sender">): Promise<Record> {
    const { store, statuses } = this.#parts;
    if (!statuses.follows(row.sender)) return nothing;
    const isDirect = (await store.portals.byChat(row.key))?.kind === "direct";
    const lastRetry = await lastRetryOf(store, row);
    return statuses.show({ ...subjectOf(row), lastRetry }, { kind: "sent", ...(isDirect ? { to: [] } : {}) });
  }

  /** The status of messages that `who` has got, in a chat of two, to be committed behind that. */
  async delivered(rows: readonly NetworkOutboxRow[], who: UserId): Promise<Record> {
    const { statuses } = this.#parts;
    const shown = rows.map((row) => statuses.show(subjectOf(row), { kind: "delivered", to: [who] }));
    return (tx) => shown.forEach((show) => show(tx));
  }

  /**
   * The network shows that it has a message, or its receiver does, whatever was known of that. `by`: how. A network's
   * own copy of what it had taken already says nothing of why that failed.
   */
  async arrived(row: NetworkOutboxRow, by: "copy" | "receipt"): Promise<Record> {
    const { store } = this.#parts;
    const isLate = row.state === "failed";
    if (!isLate && row.state !== "queued") return nothing;
    if (isLate && by === "copy" && (await failureOf(store, row))?.taken === true) return nothing;
    const takeBack = isLate ? await this.#failures.takeBack(row, "It did arrive after all.") : nothing;
    const show = await this.sent(row);
    return (tx) => {
      tx.networkOutbox.arrived(row.id);
      takeBack(tx);
      show(tx);
    };
  }

  /** Ends a row as failed, with a notice and a dead letter. */
  giveUp(row: NetworkOutboxRow, network: NetworkId, { reason, words }: BridgeError): Promise<void> {
    const taken = row.state !== "queued";
    return putAside(this.#parts, this.givenUp(row, { network, reason, words, taken }));
  }

  /** The given-up row for {@link giveUp}. Its text stays only on the homeserver, where a later `retry` reads it. */
  givenUp(row: EndedRow, why: GiveUpReason): GivenUp {
    const { store } = this.#parts;
    const { id, key, event } = row;
    const { network, reason, sent = false, body = "" } = why;
    return {
      direction: "to-network",
      reason,
      ids: { row: id, event, login: key.login },
      network,
      deadLetter: async () => ({ key, ref: event, body }),
      done: (tx) => (sent ? tx.networkOutbox.arrived(id) : tx.networkOutbox.setState(id, "failed")),
      tell: async (ended) => {
        const say = sent ? await this.#notStored(row, why) : await this.#failed(row, why);
        const told = store.write((tx) => {
          // It may have arrived meanwhile.
          tx.guard({ kind: "row-is", row: id, state: why.taken === true ? "sent" : "queued" });
          ended(tx);
          say(tx);
          tx.records.remove(delayScope(row), id);
        });
        await rejectedBy("row-is", told);
      },
    };
  }

  async #notStored(row: EndedRow, { words }: GiveUpReason): Promise<Record> {
    const notice = this.#reply(row.room, row.event, words);
    const show = await this.sent(row);
    return (tx) => {
      tx.matrixOutbox.add(notice);
      show(tx);
    };
  }

  async #failed(row: EndedRow, { reason, words: why, lead, taken = false }: GiveUpReason): Promise<Record> {
    const { store, clock, statuses } = this.#parts;
    const words = (await itemNameOf(store, row)) + why;
    const on = await markedOf(store, row);
    const { byWord, byClient: again } = await retryOf(store, row);
    const hint = byWord && !NO_RETRY.has(reason) ? RETRY_HINT : "";
    const notice = this.#failures.notice(row.room, row.event, words + hint, lead);
    const said = lead === undefined ? words : `${lead} ${words}`;
    const say = this.#failures.say({ sender: row.sender, words: said, on }, notice);
    const lastRetry = await lastRetryOf(store, row);
    const status = { kind: "failed", why: whyOf(reason), words, again } as const;
    const show = statuses.show({ ...subjectOf(row), lastRetry }, status);
    return (tx) => {
      say(tx);
      noteFailure(tx, row, { at: clock.now(), words: said, notice: notice.id, on, taken });
      show(tx);
    };
  }

  /** Tells the person once that their message is delayed and is still being tried. */
  async delayed(row: NetworkOutboxRow, error: BridgeError): Promise<void> {
    const { store, clock, statuses } = this.#parts;
    const scope = delayScope(row);
    if ((await store.records.get(scope, row.id)) !== undefined) return;
    const words = `Not delivered yet: ${error.words} The bridge keeps trying, you need not send it again.`;
    const notice = this.#reply(row.room, row.event, words);
    const show = statuses.show(subjectOf(row), { kind: "pending", words: error.words });
    const told = store.write((tx) => {
      tx.guard({ kind: "row-is", row: row.id, state: "queued" });
      tx.matrixOutbox.add(notice);
      tx.records.set(scope, row.id, "told", clock.now() + DELAY_REMEMBERED);
      show(tx);
    });
    await rejectedBy("row-is", told);
  }

  /** Tells the person that their event is not sent; nothing was queued. */
  refuse(event: RefusedEvent, words: string, reason: Reason = "internal"): Record {
    const { room, id, sender, lead } = event;
    const notice = this.#failures.notice(room, id, words, lead);
    const said = lead === undefined ? words : `${lead} ${words}`;
    const say = this.#failures.say({ sender, words: said, on: markedOn(event) }, notice);
    if (event.unseen === true) return say;
    const why = whyRefused(event) ?? whyOf(reason);
    const status =
      event.hasRow === true ? ({ kind: "failed", again: true } as const) : ({ kind: "refused" } as const);
    const show = this.#parts.statuses.show(event, { ...status, why, words });
    return (tx) => {
      say(tx);
      show(tx);
    };
  }

  /**
   * Offers to send an event whose key came late: its rows are stored as failed, in the same commit. Each event has a notice
   * of its own.
   */
  offered(event: RefusedEvent, key: PortalKey, rows: readonly OutboxId[]): Record {
    const { clock, statuses } = this.#parts;
    const { room, id, sender } = event;
    const words = "Its key came late, so it can be read only now.";
    const notice = this.#failures.notice(room, id, `${words} Reply to this with “retry” to send it.`);
    const failure = { at: clock.now(), words, notice: notice.id, on: id };
    const status = { kind: "failed", why: whyOf("unreadable"), words, again: true } as const;
    const show = statuses.show({ room, id, sender }, status);
    return (tx) => {
      tx.matrixOutbox.add(notice);
      for (const row of rows) noteFailure(tx, { id: row, key }, failure);
      show(tx);
    };
  }

  /** Answers what a person asked for in a chat. */
  reply({ room, id }: Pick<MatrixEvent, "room" | "id">, words: string): Record {
    const notice = this.#reply(room, id, words);
    return (tx) => tx.matrixOutbox.add(notice);
  }

  /** Answers what a person's client asked for in a chat; `refused`: why it was not done. */
  asked(event: Pick<MatrixEvent, "room" | "id" | "sender">, words: string, refused?: Reason): Record {
    const { statuses, outbox, homeserver, encoder } = this.#parts;
    const say = this.reply(event, words);
    const status =
      refused === undefined
        ? ({ kind: "sent" } as const)
        : ({ kind: "refused", why: whyOf(refused), words } as const);
    if (!statuses.wanted(event.sender)) return say;
    // No row of the network's outbox bears it out, as nothing is sent.
    const show = outbox.row(event.room, homeserver.bot, encoder.status(event.id, status));
    return (tx) => {
      say(tx);
      tx.matrixOutbox.add(show);
    };
  }

  /** Tells the person, once a room and day, that their message is sent in another form. */
  note({ room, id }: Pick<MatrixEvent, "room" | "id">, words: string): Record {
    const notice = this.#reply(room, id, words);
    return (tx) => tx.told.once(`remark ${words}`, notice);
  }

  /** Takes back that a message failed, as it is sent again. `by`: the event by which its person's client asked for that. */
  async retried(row: NetworkOutboxRow, by?: EventId): Promise<Record> {
    const takeBack = await this.#failures.takeBack(row, "It is on its way again.");
    const { clock, statuses } = this.#parts;
    const show = statuses.show({ ...subjectOf(row), lastRetry: by }, { kind: "pending" });
    return (tx) => {
      takeBack(tx);
      noteRetry(tx, row, by, clock.now());
      show(tx);
    };
  }

  /** The bot redacts an event that another one has replaced, or that is still to be sent. */
  withdraw(room: RoomId, what: EventId | RowTarget): Record {
    const { outbox, homeserver, encoder } = this.#parts;
    const row =
      typeof what === "string"
        ? outbox.row(room, homeserver.bot, encoder.redaction(what))
        : outbox.row(room, homeserver.bot, encoder.redaction(TARGET), { target: what });
    return (tx) => tx.matrixOutbox.add(row);
  }

  #reply(room: RoomId, event: EventId, words: string) {
    const { outbox, homeserver, encoder } = this.#parts;
    return outbox.row(room, homeserver.bot, encoder.notice(words, event));
  }
}

const nothing: Record = () => {};

const subjectOf = ({ room, event, sender }: Pick<NetworkOutboxRow, "room" | "event" | "sender">) => ({
  room,
  id: event,
  sender,
});

const delayScope = ({ key }: Pick<NetworkOutboxRow, "key">): string => `login/${key.login}/late`;
