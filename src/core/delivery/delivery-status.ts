import type { BridgeError } from "../model/errors.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId, NetworkId, RoomId } from "../model/ids.ts";
import { itemWords } from "../model/items.ts";
import { type Clock, secondsSince } from "../ports/clock.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import { type Homeserver, type MatrixEncoder, TARGET } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { NetworkOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { Outbox } from "../runtime/outbox-rows.ts";
import { type GivenUp, putAside } from "../runtime/put-aside.ts";

/** Milliseconds between two receipts in a room, at least. */
const GATHERING = 250;

/** Milliseconds it is known that a person was told of a message that waits. */
const REMEMBERED = 30 * 86_400_000;

interface DeliveryStatusParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly puppets: Puppets;
  readonly encoder: MatrixEncoder;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Stands on an event that was not delivered where the words were said in the room already. */
const MARK = "⚠️";

/** What a person did, as far as the words why it does not cross need it. */
type Refused = Pick<MatrixEvent, "room" | "id" | "sender"> & {
  readonly kind?: MatrixEvent["kind"];
  readonly target?: EventId;
  readonly unseen?: boolean;
};

/** Why a row to a network is given up. */
interface Why {
  readonly network: NetworkId | undefined;
  readonly reason: string;
  readonly words: string;
  /** The network has it all the same. */
  readonly sent?: boolean;
  /** For the dead letter. */
  readonly body?: string;
}

type Ended = Pick<NetworkOutboxRow, "id" | "key" | "room" | "event" | "sender"> &
  Partial<Pick<NetworkOutboxRow, "outgoing">>;

/** What became of a person's message: the one place where it turns into a receipt, a notice and a number. */
export class Delivery {
  readonly #parts: DeliveryStatusParts;
  /** The newest message the network took, by room, until the receipt is sent. */
  readonly #taken = new Map<RoomId, Pick<NetworkOutboxRow, "event" | "sender">>();
  readonly #sending = new Set<RoomId>();

  constructor(parts: DeliveryStatusParts) {
    this.#parts = parts;
  }

  /**
   * The network has it: the bot's read receipt moves there, at once where none has just moved. `inPart`: others of its
   * event are still to come.
   */
  taken(row: NetworkOutboxRow, network: NetworkId, inPart: boolean): void {
    const { metrics, clock } = this.#parts;
    metrics.count("messages", { direction: "to-network", network, outcome: "crossed" });
    metrics.time(
      "crossing_seconds",
      { direction: "to-network", network },
      secondsSince(row.createdAt, clock),
    );
    if (inPart) return;
    this.#taken.set(row.room, row);
    if (!this.#sending.has(row.room)) void this.#receipt(row.room);
  }

  /** Final: it ends with a reply that says why, where an administrator can look at it. */
  failed(row: NetworkOutboxRow, network: NetworkId, error: BridgeError): Promise<void> {
    return putAside(this.#parts, this.givenUp(row, { network, reason: error.reason, words: error.words }));
  }

  /** See {@link failed}. The text stays on the homeserver only; a later `retry` reads it there. */
  givenUp(row: Ended, { network, reason, words, sent = false, body = "" }: Why): GivenUp {
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
      letter: async () => ({ key, ref: event, body }),
      done: (tx) => tx.networkOutbox.setState(id, "failed"),
      async tell(ended) {
        const say = await said();
        await store.write((tx) => {
          ended(tx);
          say(tx);
          tx.records.remove(lateScope(row), id);
        });
      },
    };
  }

  /** Still trying, and it takes long enough that the person should know; said once a message. */
  async late(row: NetworkOutboxRow, error: BridgeError): Promise<void> {
    const { store, clock } = this.#parts;
    const scope = lateScope(row);
    if ((await store.records.get(scope, row.id)) !== undefined) return;
    const words = `Not delivered yet: ${error.words} The bridge keeps trying, you need not send it again.`;
    const notice = this.#reply(row.room, row.event, words);
    await store.write((tx) => {
      tx.matrixOutbox.add(notice);
      tx.records.set(scope, row.id, "told", clock.now() + REMEMBERED);
    });
  }

  /** Refused before anything was queued. */
  refuse(event: Refused, words: string): (tx: Writes) => void {
    return this.#refusal(event, event.id, words, markedOn(event));
  }

  /** It crosses, but not quite as it was sent. Said once a room and day. */
  remark({ room, id }: Pick<MatrixEvent, "room" | "id">, words: string): (tx: Writes) => void {
    const notice = this.#reply(room, id, words);
    return (tx) => tx.told.once(`remark ${words}`, notice);
  }

  /** It is to be sent after all: the mark that it was not delivered goes. */
  async again({ room, event }: Pick<NetworkOutboxRow, "room" | "event">): Promise<(tx: Writes) => void> {
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

  /** The bot takes an event out of the room: another one stands in its place. */
  withdraw(room: RoomId, event: EventId): (tx: Writes) => void {
    const { outbox, homeserver, encoder } = this.#parts;
    const row = outbox.row(room, homeserver.bot, encoder.redaction(event));
    return (tx) => tx.matrixOutbox.add(row);
  }

  /** The words as a reply, once a room, person and day; from then on a mark alone. */
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

  /** Which of its event's files a row is, where there are several. */
  async #nameOf({ id, event, outgoing }: Ended): Promise<string> {
    const all = await this.#parts.store.networkOutbox.ofEvent(event);
    // An edit to another kind has its one message, and deletes the old one.
    const rows = all.filter((one) => one.outgoing?.kind !== "delete");
    const row = rows.length < 2 ? undefined : rows.find((one) => one.id === id);
    return row ? itemWords(row.item, outgoing?.kind === "message" ? outgoing.message : undefined) : "";
  }

  /** The event on which a row's failure is seen. */
  async #shownBy({ key, event, outgoing }: Ended): Promise<EventId | undefined> {
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
    for (let row = this.#taken.get(room); row; row = this.#taken.get(room)) {
      this.#taken.delete(room);
      const gathered = this.#gather();
      try {
        await homeserver.markRead(homeserver.bot, room, row.event);
        // Who answered has read what came before, in every client of theirs.
        if (await puppets.installed()) await puppets.markRead(row.sender, room, row.event);
      } catch (error) {
        log.debug("a receipt was not sent", { room, ...faultOf(error) });
      }
      await gathered;
    }
    this.#sending.delete(room);
  }

  /** One stands for all before it, and each costs the homeserver as much as a message. */
  #gather(): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.after(GATHERING, resolve));
  }
}

/** The event that people see, where there is one. */
function markedOn({ kind, id, target, unseen }: Refused): EventId | undefined {
  if (kind === "edit" || kind === "reaction") return target;
  return kind === "redaction" || kind === "encryption-enabled" || unseen === true ? undefined : id;
}

const lateScope = ({ key }: Pick<NetworkOutboxRow, "key">): string => `login/${key.login}/late`;
