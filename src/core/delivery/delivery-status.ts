import type { BridgeError } from "../model/errors.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId, NetworkId, RoomId } from "../model/ids.ts";
import { itemWords } from "../model/items.ts";
import { type Clock, secondsSince } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import { type Homeserver, type MatrixEncoder, TARGET } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { NetworkOutboxRow, RowTarget } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { type GivenUp, putAside } from "../runtime/put-aside.ts";

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
    const { store } = this.#parts;
    const { id, key, room, event } = row;
    const said = async (): Promise<(tx: Writes) => void> => {
      if (!sent)
        return this.#refusal(row, event, (await this.#nameOf(row)) + words, await this.#shownBy(row));
      const notice = this.#reply(room, event, words);
      return (tx) => tx.matrixOutbox.add(notice);
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
    return this.#refusal(event, event.id, words, markedOn(event));
  }

  /** Tells the person, once a room and day, that their message is sent in another form. */
  note({ room, id }: Pick<MatrixEvent, "room" | "id">, words: string): (tx: Writes) => void {
    const notice = this.#reply(room, id, words);
    return (tx) => tx.told.once(`remark ${words}`, notice);
  }

  /** Takes away the mark of a message that is sent again. */
  async retried({ room, event }: Pick<NetworkOutboxRow, "room" | "event">): Promise<(tx: Writes) => void> {
    const { store, outbox, homeserver, encoder } = this.#parts;
    const marked = await store.told.markOf(event);
    if (marked === undefined) return () => {};
    const target = { kind: "row", id: marked } as const;
    const gone = outbox.row(room, homeserver.bot, encoder.redaction(TARGET), { target });
    return (tx) => {
      tx.told.unmark(event);
      tx.matrixOutbox.add(gone);
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
    event: EventId,
    words: string,
    on: EventId | undefined,
  ): (tx: Writes) => void {
    const { outbox, homeserver, encoder } = this.#parts;
    const notice = this.#reply(room, event, `⚠️ Not delivered. ${words}`);
    const mark = on && { event: on, row: outbox.row(room, homeserver.bot, encoder.reaction(MARK, on)) };
    return (tx) => tx.told.once(`refused ${sender} ${words}`, notice, mark);
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

/** The event that gets the mark; undefined for one that nobody sees. */
function markedOn({ kind, id, target, unseen }: RefusedEvent): EventId | undefined {
  if (kind === "edit" || kind === "reaction") return target;
  return kind === "redaction" || kind === "encryption-enabled" || unseen === true ? undefined : id;
}

const delayScope = ({ key }: Pick<NetworkOutboxRow, "key">): string => `login/${key.login}/late`;
