import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import fc from "fast-check";
import { cryptoRecords } from "../../../src/matrix/crypto/crypto-records.ts";
import { Factory } from "../../../src/matrix/crypto/indexed-db/factory.ts";
import { KeyRange } from "../../../src/matrix/crypto/indexed-db/key-range.ts";
import { decodeKey, encodeKey, type Key } from "../../../src/matrix/crypto/indexed-db/keys.ts";
import { openStore } from "../../../src/store/open.ts";
import { newDatabase } from "../../kit/new-database.ts";
import { placeWithoutDisk, temporaryFolder } from "../../kit/temporary-folder.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };

const scalar = fc.oneof(
  fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value)),
  fc.string({ unit: "binary" }),
  fc.uint8Array(),
);
const anyKey: fc.Arbitrary<Key> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }),
);

test("every key is read as it was written, whatever stands in it", () => {
  fc.assert(fc.property(anyKey, (key) => expect(decodeKey(encodeKey(key))).toEqual(key)));
});

test("texts are ordered by their units, and numbers by their size", () => {
  const order = (one: Key, other: Key) => Math.sign(Buffer.compare(encodeKey(one), encodeKey(other)));
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) =>
      expect(order(one, other)).toBe(one < other ? -1 : Number(one > other)),
    ),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (one, other) =>
      expect(order(one, other)).toBe(one < other ? -1 : Number(one > other)),
    ),
  );
});

test.each([[[]], [[0x10, 1]], [[0x30, 5]], [[0x50, 0x30, 0]], [[0x99]], [[0x30, 0, 0]]])(
  "bytes that are no key are refused: %p",
  (bytes) => {
    expect(() => decodeKey(Uint8Array.from(bytes))).toThrow(TypeError);
  },
);

interface Request {
  onsuccess: unknown;
  onerror: unknown;
  readonly result: unknown;
}
interface ObjectStore {
  put(value: unknown, key: unknown): Request;
  delete(query: unknown): Request;
  clear(): Request;
  getAllKeys(query?: unknown, count?: number): Request;
  getAll(query?: unknown, count?: number): Request;
  index(name: string): Pick<ObjectStore, "getAll" | "getAllKeys">;
}
interface Database {
  transaction(
    store: string,
    mode: string,
  ): { oncomplete: unknown; onabort: unknown; objectStore(name: string): ObjectStore; abort(): void };
}
interface Ranges {
  bound(lower: unknown, upper: unknown, lowerOpen?: boolean, upperOpen?: boolean): unknown;
}

const done = (request: Request) =>
  new Promise<unknown>((resolve, reject) => {
    Object.assign(request, {
      onsuccess: () => resolve(request.result),
      onerror: () => reject(new Error("a request failed")),
    });
  });

function open(factory: { open(name: string): Request }): Promise<Database> {
  const request = factory.open("history") as Request & { onupgradeneeded: unknown };
  request.onupgradeneeded = () => {
    const database = request.result as {
      createObjectStore(name: string): { createIndex(name: string, path: string): void };
    };
    database.createObjectStore("rows").createIndex("by-kind", "kind");
  };
  return done(request) as Promise<Database>;
}

type Step =
  | { readonly do: "put"; readonly key: number; readonly kind: number }
  | { readonly do: "delete"; readonly from: number; readonly to: number }
  | { readonly do: "clear" };
interface Act {
  readonly steps: readonly Step[];
  readonly aborts: boolean;
  readonly commits: boolean;
}

const small = fc.integer({ min: 0, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("put" as const), key: small, kind: small }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), from: small, to: small }) },
  { weight: 1, arbitrary: fc.constant({ do: "clear" as const }) },
);
const act: fc.Arbitrary<Act> = fc.record({
  steps: fc.array(step, { maxLength: 5 }),
  aborts: fc.boolean(),
  commits: fc.boolean(),
});

function carryOut(database: Database, ranges: Ranges, { steps, aborts }: Act): Promise<void> {
  const transaction = database.transaction("rows", "readwrite");
  const ended = new Promise<void>((resolve) => {
    Object.assign(transaction, { oncomplete: resolve, onabort: resolve });
  });
  const rows = transaction.objectStore("rows");
  for (const one of steps)
    if (one.do === "put") rows.put({ kind: one.kind, of: one.key }, one.key);
    else if (one.do === "clear") rows.clear();
    else rows.delete(ranges.bound(Math.min(one.from, one.to), Math.max(one.from, one.to)));
  if (aborts) transaction.abort();
  return ended;
}

async function seen(database: Database, ranges: Ranges): Promise<readonly unknown[]> {
  const rows = database.transaction("rows", "readonly").objectStore("rows");
  return Promise.all([
    done(rows.getAll()),
    done(rows.getAllKeys(ranges.bound(1, 5, true, false), 2)),
    done(rows.index("by-kind").getAllKeys()),
    done(rows.index("by-kind").getAll(ranges.bound(2, 4), 3)),
  ]);
}

test("after any history of transactions and commits, rows and indexes are those of another IndexedDB", async () => {
  using folder = temporaryFolder(placeWithoutDisk());
  const path = join(folder.path, "bridge.db");
  await newDatabase({ path });
  await using store = openStore({ path, log });
  const histories = fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (acts) => {
    const factory = new Factory(store.family(cryptoRecords));
    const ours = await open(factory);
    const theirs = await open(new IDBFactory() as never);
    for (const one of acts) {
      await Promise.all([carryOut(ours, KeyRange, one), carryOut(theirs, IDBKeyRange, one)]);
      const taken = factory.take(["history"]);
      const committed = one.commits
        ? store.write((tx) => taken.record(tx.family(cryptoRecords))).then(() => taken.stored())
        : undefined;
      const expected = await seen(theirs, IDBKeyRange);
      // While the commit is under way, and when it is over.
      expect(await seen(ours, KeyRange)).toEqual(expected);
      await committed;
      expect(await seen(ours, KeyRange)).toEqual(expected);
    }
    await store.write((tx) => tx.family(cryptoRecords).removeDatabase("history"));
  });
  await fc.assert(histories, { numRuns: 40 });
});
