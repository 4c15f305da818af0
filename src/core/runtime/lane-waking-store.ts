import type { PortalKey } from "../model/events.ts";
import type { RoomId } from "../model/ids.ts";
import type { Store, Writes } from "../ports/store.ts";

/** Told after a commit what it left to do. */
export interface Wakers {
  /** Events to handle in a room. */
  matrixInbox(room: RoomId): void;
  /** Rows to send to a room. */
  matrixOutbox(room: RoomId): void;
  /** Events to handle in a chat. */
  networkInbox(key: PortalKey): void;
  /** Rows to send to a chat. */
  networkOutbox(key: PortalKey): void;
}

interface Touched {
  readonly matrixInbox: Set<RoomId>;
  readonly matrixOutbox: Set<RoomId>;
  readonly networkInbox: Map<string, PortalKey>;
  readonly networkOutbox: Map<string, PortalKey>;
}

/** The store, with the lanes woken by whatever a commit put into their queues: nobody has to remember to. */
export function laneWakingStore(store: Store, wakers: Wakers): Store {
  let touched: Touched = fresh();
  let watched: { readonly tx: Writes; readonly watching: Writes } | undefined;

  async function write(record: (tx: Writes) => void): Promise<void> {
    const mine = fresh();
    await store.write((tx) => {
      touched = mine;
      if (watched?.tx !== tx) watched = { tx, watching: watching(tx, () => touched) };
      record(watched.watching);
    });
    for (const room of mine.matrixInbox) wakers.matrixInbox(room);
    for (const room of mine.matrixOutbox) wakers.matrixOutbox(room);
    for (const key of mine.networkInbox.values()) wakers.networkInbox(key);
    for (const key of mine.networkOutbox.values()) wakers.networkOutbox(key);
  }

  return { ...store, write, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

function fresh(): Touched {
  return {
    matrixInbox: new Set(),
    matrixOutbox: new Set(),
    networkInbox: new Map(),
    networkOutbox: new Map(),
  };
}

function watching(tx: Writes, touched: () => Touched): Writes {
  const touchChat = (queue: "networkInbox" | "networkOutbox", { login, chat }: PortalKey): void => {
    touched()[queue].set(`${login} ${chat}`, { login, chat });
  };
  return {
    ...tx,
    matrixInbox: {
      ...tx.matrixInbox,
      take(event, via, held) {
        touched().matrixInbox.add(event.room);
        return tx.matrixInbox.take(event, via, held);
      },
    },
    matrixOutbox: {
      ...tx.matrixOutbox,
      add(row) {
        touched().matrixOutbox.add(row.room);
        tx.matrixOutbox.add(row);
      },
      move(id, room, content) {
        touched().matrixOutbox.add(room);
        tx.matrixOutbox.move(id, room, content);
      },
    },
    networkInbox: {
      ...tx.networkInbox,
      take(login, event, at) {
        touchChat("networkInbox", { login, chat: event.chat });
        tx.networkInbox.take(login, event, at);
      },
      overdue(row) {
        touchChat("networkInbox", row.key);
        tx.networkInbox.overdue(row);
      },
      unpark(key, target) {
        touchChat("networkInbox", key);
        tx.networkInbox.unpark(key, target);
      },
    },
    networkOutbox: {
      ...tx.networkOutbox,
      add(row) {
        touchChat("networkOutbox", row.key);
        tx.networkOutbox.add(row);
      },
      requeue(row, outgoing) {
        touchChat("networkOutbox", row.key);
        tx.networkOutbox.requeue(row, outgoing);
      },
    },
  };
}
