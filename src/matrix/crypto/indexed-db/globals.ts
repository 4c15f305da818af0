import { Cursor } from "./cursor.ts";
import type { Factory } from "./factory.ts";
import { IndexedDatabase } from "./indexed-database.ts";
import { KeyRange } from "./key-range.ts";
import { ObjectIndex } from "./object-index.ts";
import { ObjectStore } from "./object-store.ts";
import { OpenRequest, Request } from "./request.ts";
import { Transaction } from "./transaction.ts";

const CLASSES = {
  IDBCursor: Cursor,
  IDBCursorWithValue: Cursor,
  IDBDatabase: IndexedDatabase,
  IDBIndex: ObjectIndex,
  IDBKeyRange: KeyRange,
  IDBObjectStore: ObjectStore,
  IDBOpenDBRequest: OpenRequest,
  IDBRequest: Request,
  IDBTransaction: Transaction,
} as const;

/** The factories of this process, each by the word before the names of its databases. */
const factories = new Map<string, Factory>();
let count = 0;

/**
 * Lets the crypto library find databases: it looks for IndexedDB among the global names, as in a browser. The library
 * calls a database by what `name` gives.
 */
export function findable(factory: Factory): Disposable & { readonly name: (database: string) => string } {
  count += 1;
  const word = `store${count}`;
  factories.set(word, factory);
  Object.assign(globalThis, { ...CLASSES, indexedDB: router });
  return {
    name: (database) => `${word}/${database}`,
    [Symbol.dispose]: () => void factories.delete(word),
  };
}

const router = {
  open(name: string, version?: number): OpenRequest {
    const slash = name.indexOf("/");
    const factory = factories.get(name.slice(0, slash));
    if (!factory) throw new DOMException("There is no such store.", "NotFoundError");
    return factory.open(name.slice(slash + 1), version);
  },
};
