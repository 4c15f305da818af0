import { join } from "node:path";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { cryptoRecords } from "../../src/matrix/crypto/crypto-records.ts";
import { Factory } from "../../src/matrix/crypto/indexed-db/factory.ts";
import { KeyRange } from "../../src/matrix/crypto/indexed-db/key-range.ts";
import { openStore } from "../../src/store/open.ts";
import { newDatabase } from "../kit/new-database.ts";
import { placeWithoutDisk, temporaryFolder } from "../kit/temporary-folder.ts";
import { indexedDb } from "./indexed-db.ts";
import { indexedDbTransactions } from "./indexed-db-transactions.ts";
import type { IndexedDbUnderTest } from "./indexed-db-words.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };

/** Over SQLite; `committing`: whether each database is committed before it is opened again. */
async function overSqlite(committing: boolean): Promise<IndexedDbUnderTest> {
  const folder = temporaryFolder(placeWithoutDisk());
  const path = join(folder.path, "bridge.db");
  await newDatabase({ path });
  const store = openStore({ path, log });
  const factory = new Factory(store.family(cryptoRecords));
  const open = (name: string, version?: number) => {
    if (committing) {
      const taken = factory.take([name]);
      if (!taken.isEmpty) {
        void store.write((tx) => taken.record(tx.family(cryptoRecords))).then(() => taken.stored());
      }
    }
    return factory.open(name, version);
  };
  return {
    factory: { open },
    KeyRange,
    hasByteKeys: true,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const all: Readonly<Record<string, () => Promise<IndexedDbUnderTest>>> = {
  "fake-indexeddb, which the suite is judged by": async () => ({
    factory: new IDBFactory() as never,
    KeyRange: IDBKeyRange,
    hasByteKeys: false,
    async [Symbol.asyncDispose]() {},
  }),
  "the bridge's own, nothing of it committed": () => overSqlite(false),
  "the bridge's own, committed between": () => overSqlite(true),
};
for (const [name, open] of Object.entries(all)) {
  indexedDb(name, open);
  indexedDbTransactions(name, open);
}
