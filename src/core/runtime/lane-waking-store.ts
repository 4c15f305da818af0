import type { PortalKey } from "../model/events.ts";
import type { RoomId } from "../model/ids.ts";
import type { Store, Writes } from "../ports/store.ts";

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

  return { ...store, write, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

function fresh(): Touched {
  return { roomEvents: new Set(), roomRows: new Set(), chatEvents: new Map(), chatRows: new Map() };
}

function watching(tx: Writes, touched: () => Touched): Writes {
  const touchChat = (queue: "chatEvents" | "chatRows", { login, chat }: PortalKey): void => {
    touched()[queue].set(`${login} ${chat}`, { login, chat });
  };
  return {
    ...tx,
    hsInbox: {
      ...tx.hsInbox,
      take(event, via, held) {
        touched().roomEvents.add(event.room);
        return tx.hsInbox.take(event, via, held);
      },
    },
    hsOutbox: {
      ...tx.hsOutbox,
      add(row) {
        touched().roomRows.add(row.room);
        tx.hsOutbox.add(row);
      },
      move(id, room, content) {
        touched().roomRows.add(room);
        tx.hsOutbox.move(id, room, content);
      },
    },
    netInbox: {
      ...tx.netInbox,
      take(login, event, at) {
        touchChat("chatEvents", { login, chat: event.chat });
        tx.netInbox.take(login, event, at);
      },
      overdue(row) {
        touchChat("chatEvents", row.key);
        tx.netInbox.overdue(row);
      },
      unpark(key, target) {
        touchChat("chatEvents", key);
        tx.netInbox.unpark(key, target);
      },
    },
    netOutbox: {
      ...tx.netOutbox,
      add(row) {
        touchChat("chatRows", row.key);
        tx.netOutbox.add(row);
      },
      requeue(row, outgoing) {
        touchChat("chatRows", row.key);
        tx.netOutbox.requeue(row, outgoing);
      },
    },
  };
}
