import type { PortalKey } from "./events.ts";
import type { RoomId } from "./ids.ts";
import type { Store, Writes } from "./store.ts";

/** Told after a commit what it left to do. */
export interface Wakers {
  /** Events to handle in a room. */
  roomEvents(room: RoomId): void;
  /** Rows to send to a room. */
  roomRows(room: RoomId): void;
  /** Events to handle in a chat. */
  chatEvents(key: PortalKey): void;
  /** Rows to send to a chat. */
  chatRows(key: PortalKey): void;
}

interface Touched {
  readonly roomEvents: Set<RoomId>;
  readonly roomRows: Set<RoomId>;
  readonly chatEvents: Map<string, PortalKey>;
  readonly chatRows: Map<string, PortalKey>;
}

/** The store, with the lanes woken by whatever a commit put into their queues: nobody has to remember to. */
export function wakingStore(store: Store, wakers: Wakers): Store {
  let touched: Touched = fresh();
  let watched: { readonly tx: Writes; readonly watching: Writes } | undefined;

  async function write(record: (tx: Writes) => void): Promise<void> {
    const mine = fresh();
    await store.write((tx) => {
      touched = mine;
      if (watched?.tx !== tx) watched = { tx, watching: watching(tx, () => touched) };
      record(watched.watching);
    });
    for (const room of mine.roomEvents) wakers.roomEvents(room);
    for (const room of mine.roomRows) wakers.roomRows(room);
    for (const key of mine.chatEvents.values()) wakers.chatEvents(key);
    for (const key of mine.chatRows.values()) wakers.chatRows(key);
  }

  const {
    logins,
    portals,
    ghosts,
    contacts,
    messages,
    deadLetters,
    rooms,
    reactions,
    hosted,
    records,
    signal,
  } = store;
  const { hsInbox, hsOutbox, netInbox, netOutbox } = store;
  const plain = {
    logins,
    portals,
    ghosts,
    contacts,
    messages,
    deadLetters,
    rooms,
    reactions,
    hosted,
    records,
    signal,
  };
  return {
    ...plain,
    write,
    hsInbox,
    hsOutbox,
    netInbox,
    netOutbox,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function fresh(): Touched {
  return { roomEvents: new Set(), roomRows: new Set(), chatEvents: new Map(), chatRows: new Map() };
}

function watching(tx: Writes, touched: () => Touched): Writes {
  const {
    logins,
    portals,
    ghosts,
    contacts,
    messages,
    deadLetters,
    rooms,
    reactions,
    hosted,
    records,
    signal,
  } = tx;
  const plain = {
    logins,
    portals,
    ghosts,
    contacts,
    messages,
    deadLetters,
    rooms,
    reactions,
    hosted,
    records,
    signal,
  };
  return {
    ...plain,
    hsInbox: {
      take(event, via, held) {
        touched().roomEvents.add(event.room);
        tx.hsInbox.take(event, via, held);
      },
      release: () => tx.hsInbox.release(),
      done: (event) => tx.hsInbox.done(event),
      failed: (event) => tx.hsInbox.failed(event),
    },
    hsOutbox: {
      add(row) {
        touched().roomRows.add(row.room);
        tx.hsOutbox.add(row);
      },
      setAttachment: (id, attachment) => tx.hsOutbox.setAttachment(id, attachment),
      tried: (id, at) => tx.hsOutbox.tried(id, at),
      failed: (id) => tx.hsOutbox.failed(id),
      sent: (id, event) => tx.hsOutbox.sent(id, event),
      drop: (id) => tx.hsOutbox.drop(id),
    },
    netInbox: {
      take(login, event, at) {
        touched().chatEvents.set(`${login} ${event.chat}`, { login, chat: event.chat });
        tx.netInbox.take(login, event, at);
      },
      done: (seq) => tx.netInbox.done(seq),
      failed: (seq) => tx.netInbox.failed(seq),
      park: (seq, target) => tx.netInbox.park(seq, target),
      overdue(row) {
        touched().chatEvents.set(`${row.key.login} ${row.key.chat}`, row.key);
        tx.netInbox.overdue(row);
      },
      unpark(key, target) {
        touched().chatEvents.set(`${key.login} ${key.chat}`, key);
        tx.netInbox.unpark(key, target);
      },
    },
    netOutbox: {
      add(row) {
        touched().chatRows.set(`${row.key.login} ${row.key.chat}`, row.key);
        tx.netOutbox.add(row);
      },
      requeue(row, outgoing) {
        touched().chatRows.set(`${row.key.login} ${row.key.chat}`, row.key);
        tx.netOutbox.requeue(row, outgoing);
      },
      seal: (id, sealed) => tx.netOutbox.seal(id, sealed),
      failed: (id) => tx.netOutbox.failed(id),
      setState: (id, state) => tx.netOutbox.setState(id, state),
      receipt: (key, ids, state) => tx.netOutbox.receipt(key, ids, state),
    },
  };
}
