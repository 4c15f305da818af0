import type { BridgeError } from "../model/errors.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId, NetworkId, OutboxId, RoomId, UserId } from "../model/ids.ts";
import { itemWords } from "../model/items.ts";
import { type Clock, secondsSince } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import { type Homeserver, type MatrixEncoder, TARGET } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { NetworkOutboxRow, NewMatrixOutboxRow, RowTarget } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { type GivenUp, putAside } from "../runtime/put-aside.ts";
import { endFailure, failureOf, noteFailure } from "./failed-messages.ts";

/** The least milliseconds between two receipts in a room. */
const RECEIPT_INTERVAL = 250;

/** Milliseconds for which a told delay is remembered. */
const DELAY_REMEMBERED = 30 * 86_400_000;

interface DeliveryStatusParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly puppets: Puppets;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** The reaction on an undelivered event when the room has a notice with the same words already. */
const MARK = "⚠️";

const NOT_DELIVERED = "⚠️ Not delivered. ";

const refusalKind = (sender: UserId, words: string): string => `refused ${sender} ${words}`;

/** The parts of a person's event that a refusal needs. */
type RefusedEvent = Pick<MatrixEvent, "room" | "id" | "sender"> & {
  readonly kind?: MatrixEvent["kind"];
  readonly target?: EventId;
  readonly unseen?: boolean;
};

/** Why a row to a network is given up. */
interface GiveUpReason {
  readonly network: NetworkId | undefined;
  readonly reason: string;
  readonly words: string;
  /** The network has the message all the same. */
  readonly sent?: boolean;
  /** The body of the dead letter. */
  readonly body?: string;
}

type EndedRow = Pick<NetworkOutboxRow, "id" | "key" | "room" | "event" | "sender"> &
  Partial<Pick<NetworkOutboxRow, "outgoing">>;

/** Shows what became of a person's message, by a receipt or a notice, and counts it. */
export class DeliveryStatus {
  readonly #parts: DeliveryStatusParts;
  /** The newest message that the network has accepted, by room, until its receipt is sent. */
  readonly #accepted = new Map<RoomId, Pick<NetworkOutboxRow, "event" | "sender">>();
  readonly #sending = new Set<RoomId>();

  constructor(parts: DeliveryStatusParts) {
    this.#parts = parts;
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
    if (inPart) return;
    this.#accepted.set(row.room, row);
    if (!this.#sending.has(row.room)) void this.#receipt(row.room);
  }

  /** Ends a row as failed, with a notice and a dead letter. */
  giveUp(row: NetworkOutboxRow, network: NetworkId, error: BridgeError): Promise<void> {
    return putAside(this.#parts, this.givenUp(row, { network, reason: error.reason, words: error.words }));
  }

  /** The given-up row for {@link giveUp}. Its text stays only on the homeserver, where a later `retry` reads it. */
  givenUp(row: EndedRow, { network, reason, words, sent = false, body = "" }: GiveUpReason): GivenUp {
    const { store, clock } = this.#parts;
    const { id, key, room, event } = row;
    const said = async (): Promise<(tx: Writes) => void> => {
      const named = (await this.#nameOf(row)) + words;
      const notice = this.#reply(room, event, sent ? words : `${NOT_DELIVERED}${named}`);
      if (sent) return (tx) => tx.matrixOutbox.add(notice);
      const say = this.#refusal(row, named, notice, await this.#shownBy(row));
      return (tx) => {
        say(tx);
        if (isMessage(row)) noteFailure(tx, row, { at: clock.now(), words: named, notice: notice.id });
      };
    };
    return {
      direction: "to-network",
      reason,
      ids: { row: id, event, login: key.login },
      network,
      deadLetter: async () => ({ key, ref: event, body }),
      done: (tx) => tx.networkOutbox.setState(id, "failed"),
      async tell(ended) {
        const say = await said();
        await store.write((tx) => {
          ended(tx);
          say(tx);
          tx.records.remove(delayScope(row), id);
        });
      },
    };
  }

  /** Tells the person once that their message is delayed and is still being tried. */
  async delayed(row: NetworkOutboxRow, error: BridgeError): Promise<void> {
    const { store, clock } = this.#parts;
    const scope = delayScope(row);
    if ((await store.records.get(scope, row.id)) !== undefined) return;
    const words = `Not delivered yet: ${error.words} The bridge keeps trying, you need not send it again.`;
    const notice = this.#reply(row.room, row.event, words);
    await store.write((tx) => {
      tx.matrixOutbox.add(notice);
      tx.records.set(scope, row.id, "told", clock.now() + DELAY_REMEMBERED);
    });
  }

  /** Tells the person that their event is not sent; nothing was queued. */
  refuse(event: RefusedEvent, words: string): (tx: Writes) => void {
    const notice = this.#reply(event.room, event.id, `${NOT_DELIVERED}${words}`);
    return this.#refusal(event, words, notice, markedOn(event));
  }

  /** Tells the person, once a room and day, that their message is sent in another form. */
  note({ room, id }: Pick<MatrixEvent, "room" | "id">, words: string): (tx: Writes) => void {
    const notice = this.#reply(room, id, words);
    return (tx) => tx.told.once(`remark ${words}`, notice);
  }

  /** Takes back that a message failed, as it is sent again: its mark goes, and its notice says so. */
  retried(row: NetworkOutboxRow): Promise<(tx: Writes) => void> {
    return this.#unsaid(row, "It is on its way again.");
  }

  async #unsaid(row: NetworkOutboxRow, words: string): Promise<(tx: Writes) => void> {
    const { store, outbox, homeserver, encoder } = this.#parts;
    const { room, event, sender } = row;
    const marked = await store.told.markOf(event);
    const failure = await failureOf(store, row);
    const noticed = failure && (await store.matrixOutbox.madeBy(failure.notice));
    const about = (id: OutboxId) => ({ target: { kind: "row", id } }) as const;
    const unmark =
      marked === undefined
        ? undefined
        : outbox.row(room, homeserver.bot, encoder.redaction(TARGET), about(marked));
    // In a room that the chat has now, beside the notice.
    const changed =
      failure &&
      noticed &&
      outbox.row(
        noticed.room,
        homeserver.bot,
        encoder.replacement(encoder.notice(words), TARGET),
        about(failure.notice),
      );
    return (tx) => {
      endFailure(tx, row);
      if (unmark) {
        tx.told.unmark(event);
        tx.matrixOutbox.add(unmark);
      }
      if (!changed) return;
      tx.matrixOutbox.add(changed);
      // The words are not in the room any more.
      tx.told.unsay(changed.room, refusalKind(sender, failure.words));
    };
  }

  /** The bot redacts an event that another one has replaced, or that is still to be sent. */
  withdraw(room: RoomId, what: EventId | RowTarget): (tx: Writes) => void {
    const { outbox, homeserver, encoder } = this.#parts;
    const row =
      typeof what === "string"
        ? outbox.row(room, homeserver.bot, encoder.redaction(what))
        : outbox.row(room, homeserver.bot, encoder.redaction(TARGET), { target: what });
    return (tx) => tx.matrixOutbox.add(row);
  }

  /** Says the words as a reply, once a room, person and day; later events get only the mark. */
  #refusal(
    { room, sender }: Pick<MatrixEvent, "room" | "sender">,
    words: string,
    notice: NewMatrixOutboxRow,
    on: EventId | undefined,
  ): (tx: Writes) => void {
    const { outbox, homeserver, encoder } = this.#parts;
    const mark = on && { event: on, row: outbox.row(room, homeserver.bot, encoder.reaction(MARK, on)) };
    return (tx) => tx.told.once(refusalKind(sender, words), notice, mark);
  }

  /** The words that name the row's file, where its event has several. */
  async #nameOf({ id, event, outgoing }: EndedRow): Promise<string> {
    const all = await this.#parts.store.networkOutbox.ofEvent(event);
    // An edit to another kind of message is one message and the deletion of the old one.
    const rows = all.filter((one) => one.outgoing?.kind !== "delete");
    const row = rows.length < 2 ? undefined : rows.find((one) => one.id === id);
    return row ? itemWords(row.item, outgoing?.kind === "message" ? outgoing.message : undefined) : "";
  }

  /** The event that gets the mark of a row's failure. */
  async #shownBy({ key, event, outgoing }: EndedRow): Promise<EventId | undefined> {
    if (outgoing === undefined || outgoing.kind === "message") return event;
    return (await this.#parts.store.messages.events(key, outgoing.target))[0]?.event;
  }

  #reply(room: RoomId, event: EventId, words: string) {
    const { outbox, homeserver, encoder } = this.#parts;
    return outbox.row(room, homeserver.bot, encoder.notice(words, event));
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

/** Whether it can be sent again, as far as is known: what is left of an old row may be an edit or a reaction. */
const isMessage = ({ outgoing }: EndedRow): boolean => outgoing === undefined || outgoing.kind === "message";

/** The event that gets the mark; undefined for one that nobody sees. */
function markedOn({ kind, id, target, unseen }: RefusedEvent): EventId | undefined {
  if (kind === "edit" || kind === "reaction") return target;
  return kind === "redaction" || kind === "encryption-enabled" || unseen === true ? undefined : id;
}

const delayScope = ({ key }: Pick<NetworkOutboxRow, "key">): string => `login/${key.login}/late`;
