import type { Connections } from "../chats/connections.ts";
import { isRequest } from "../chats/requests.ts";
import { readUpTo, setReadUpTo } from "../delivery/read-up-to.ts";
import type { MatrixSignal } from "../model/events.ts";
import type { EventId, RoomId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";

/** The scope of the records of people who turned read receipts off. */
export const NO_READ_RECEIPTS = "no-read-receipts";

/** Milliseconds in which an event that was just sent is stored as sent. */
const STORE_DELAY = 500;

/** The most messages that one receipt reports as read; of more unread ones the newest. */
const MAX_MESSAGES = 1_000;

interface ReadMarksParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "saidBefore">;
  readonly connections: Connections;
  readonly clock: Pick<Clock, "after" | "now">;
}

/**
 * Tells networks what people have read. A receipt on any event means everything up to it, so each contact's message
 * before it is read. None is reported twice, also when a receipt goes back.
 */
export class ReadMarks {
  readonly #parts: ReadMarksParts;
  readonly #serial = new SerialByKey();

  constructor(parts: ReadMarksParts) {
    this.#parts = parts;
  }

  take(receipt: Extract<MatrixSignal, { kind: "receipt" }>): Promise<void> {
    return this.#serial.run(receipt.room, () => this.#take(receipt));
  }

  async #take({ room, event, user }: Extract<MatrixSignal, { kind: "receipt" }>): Promise<void> {
    const { store, connections, clock } = this.#parts;
    const portal = await store.portals.inRoom(room, user);
    const login = portal && (await store.logins.get(portal.login));
    if (!portal || !login) return;
    const isUnanswered = await isRequest(store, portal);
    const disappears = await store.expiries.awaitsReading(portal);
    // What is read of a request is told with what is read after it was accepted.
    if (isUnanswered && !disappears) return;
    const upTo = await this.#placeOf(portal, room, event);
    if (disappears && upTo !== undefined) {
      await store.write((tx) => tx.expiries.read(portal, { place: upTo }, clock.now()));
    }
    if (isUnanswered) return;
    const before = await readUpTo(store, portal);
    if (upTo === undefined || upTo <= before) return;
    // What a person reads while their receipts are off is not reported later either.
    if ((await store.records.get(NO_READ_RECEIPTS, user)) === undefined) {
      const client = connections.client(login.id);
      if (client?.state.kind !== "connected" || !client.capabilities(portal.chat).receipts) return;
      const messages = await store.messages.between(room, before, upTo, MAX_MESSAGES, login.id);
      for (const [sender, read] of Map.groupBy(messages, (message) => message.sender)) {
        const ids = read.map(({ id }) => id);
        client.markRead?.(portal.chat, sender, ids, "read");
      }
    }
    await store.write((tx) => setReadUpTo(tx, portal, upTo));
  }

  /**
   * The place of the last message from the network up to an event. The homeserver is asked only about events that are
   * not such a message.
   */
  async #placeOf(portal: Portal, room: RoomId, event: EventId): Promise<number | undefined> {
    const { store, homeserver, clock } = this.#parts;
    const known = await store.messages.placeOf(room, event);
    if (known !== undefined) return known;
    // A client may have read the event before its row is stored as sent.
    if ((await store.matrixOutbox.next(room, 1)).length > 0) {
      await new Promise<void>((resolve) => void clock.after(STORE_DELAY, resolve));
      const written = await store.messages.placeOf(room, event);
      if (written !== undefined) return written;
    }
    const ghost =
      portal.kind === "direct" ? await store.ghosts.byPerson(portal.network, portal.person) : undefined;
    if (portal.kind === "direct" && !ghost) return undefined;
    for (const said of await homeserver.saidBefore(room, event, ghost?.user)) {
      const place = await store.messages.placeOf(room, said);
      if (place !== undefined) return place;
    }
    return undefined;
  }
}
