import { describe, expect, test } from "@jest/globals";
import {
  complete,
  done,
  filled,
  type IdbCursor,
  type IdbDatabase,
  type IdbTransaction,
  type IndexedDbUnderTest,
  opened,
  rowsIn,
} from "./indexed-db-words.ts";

/** Keys of all kinds in the order that IndexedDB gives them. */
const ORDERED = [
  Number.NEGATIVE_INFINITY,
  -1.5,
  0,
  2,
  1e300,
  "",
  "a",
  "a\u0000",
  "a\u007e",
  "a\u007f",
  "aé",
  "a\u3fff",
  "a\u4100",
  "a\ud83d",
  "a\uffff",
  "b",
  new Uint8Array(),
  new Uint8Array([0, 1]),
  new Uint8Array([0, 255]),
  new Uint8Array([200]),
  [],
  [1],
  ["a"],
  ["a", "b"],
  ["aa"],
  [[]],
];

/** What the crypto library relies on of an IndexedDB. */
export function indexedDb(name: string, open: () => Promise<IndexedDbUnderTest>): void {
  describe(name, () => {
    test("a database is made in the upgrade from version 0, and opened without one after it", async () => {
      await using under = await open();
      const upgrades: number[] = [];
      const first = await opened(under, (database, before) => {
        upgrades.push(before);
        database.createObjectStore("rows");
      });
      expect(first.version).toBe(1);
      expect(first.objectStoreNames.contains("rows")).toBe(true);
      first.close();
      const again = await opened(under, (_, before) => void upgrades.push(before));
      expect(again.objectStoreNames.length).toBe(1);
      expect(upgrades).toEqual([0]);
    });

    test("an upgrade keeps the rows of the stores that stay, and a store made anew has none", async () => {
      await using under = await open();
      const before = await filled(under, ["kept"]);
      const others = before.transaction("others", "readwrite");
      others.objectStore("others").put({ sender: "gone" }, "gone");
      await complete(others);
      before.close();
      const after = await opened(
        under,
        (database) => {
          database.deleteObjectStore("others");
          database.createObjectStore("others");
          database.createObjectStore("more");
        },
        2,
      );
      expect(await done(rowsIn(after).getAllKeys())).toEqual(["kept"]);
      expect(await done(after.transaction("others").objectStore("others").count())).toBe(0);
      expect(await done(after.transaction("more").objectStore("more").count())).toBe(0);
    });

    test("an older version than the one that is there is refused", async () => {
      await using under = await open();
      (await opened(under, undefined, 3)).close();
      await expect(opened(under, undefined, 2)).rejects.toMatchObject({ name: "VersionError" });
    });

    test("an upgrade that fails leaves the database as it was", async () => {
      await using under = await open();
      (await filled(under, ["kept"])).close();
      const request = under.factory.open("machine", 2);
      request.onupgradeneeded = (() => {
        const database = request.result as IdbDatabase;
        database.createObjectStore("new").add({}, 1);
        (request as unknown as { readonly transaction: IdbTransaction }).transaction.abort();
      }) as never;
      await expect(done(request)).rejects.toMatchObject({ name: "AbortError" });
      const after = await opened(under);
      expect(after.version).toBe(1);
      expect(after.objectStoreNames.contains("new")).toBe(false);
      expect(await done(rowsIn(after).getAllKeys())).toEqual(["kept"]);
    });

    test("keys are numbers, texts, bytes and arrays of these, in this order", async () => {
      await using under = await open();
      const ordered = ORDERED.filter((key) => under.hasByteKeys || !(key instanceof Uint8Array));
      const database = await filled(under, ordered.toReversed());
      expect(await done(rowsIn(database).getAllKeys())).toEqual(ordered);
    });

    test.each([undefined, null, Number.NaN, {}, true, [undefined]])("%p is no key", async (key) => {
      await using under = await open();
      const database = await opened(under);
      const rows = database.transaction("rows", "readwrite").objectStore("rows");
      expect(() => rows.put({}, key)).toThrow(expect.objectContaining({ name: "DataError" }));
    });

    test("a value is what was put at the call, with its bytes, maps and dates", async () => {
      await using under = await open();
      const database = await opened(under);
      const transaction = database.transaction("rows", "readwrite");
      const value = { bytes: new Uint8Array([1, 2]), map: new Map([["a", 1]]), at: new Date(5), none: null };
      transaction.objectStore("rows").put(value, "a");
      value.bytes[0] = 9;
      await complete(transaction);
      expect(await done(rowsIn(database).get("a"))).toEqual({ ...value, bytes: new Uint8Array([1, 2]) });
      expect(await done(rowsIn(database).get("b"))).toBeUndefined();
    });

    test("put replaces, and add does not", async () => {
      await using under = await open();
      const database = await filled(under, ["a"]);
      const puts = database.transaction("rows", "readwrite");
      puts.objectStore("rows").put("second", "a");
      await complete(puts);
      const adds = database.transaction("rows", "readwrite");
      const added = adds.objectStore("rows").add("third", "a");
      const ended = complete(adds).catch((error: { readonly name: string }) => error.name);
      await expect(done(added)).rejects.toMatchObject({ name: "ConstraintError" });
      expect(await ended).toBe("ConstraintError");
      expect(await done(rowsIn(database).get("a"))).toBe("second");
    });

    test("ranges have ends that belong to them or not, and a count of rows at most", async () => {
      await using under = await open();
      const { KeyRange } = under;
      const database = await filled(under, [1, 2, 3, 4]);
      const keys = (query?: unknown, count?: number) => done(rowsIn(database).getAllKeys(query, count));
      expect(await keys(KeyRange.bound(2, 3))).toEqual([2, 3]);
      expect(await keys(KeyRange.bound(1, 4, true, true))).toEqual([2, 3]);
      expect(await keys(KeyRange.lowerBound(3))).toEqual([3, 4]);
      expect(await keys(KeyRange.lowerBound(3, true))).toEqual([4]);
      expect(await keys(KeyRange.upperBound(2))).toEqual([1, 2]);
      expect(await keys(KeyRange.upperBound(2, true))).toEqual([1]);
      expect(await keys(KeyRange.only(2))).toEqual([2]);
      expect(await keys(undefined, 2)).toEqual([1, 2]);
      expect(await done(rowsIn(database).count(KeyRange.lowerBound(2)))).toBe(3);
      expect(() => KeyRange.bound(3, 2)).toThrow(expect.objectContaining({ name: "DataError" }));
    });

    test("rows are deleted by key and by range, and all at once", async () => {
      await using under = await open();
      const database = await filled(under, [1, 2, 3, 4]);
      const deletes = database.transaction("rows", "readwrite");
      deletes.objectStore("rows").delete(1);
      deletes.objectStore("rows").delete(under.KeyRange.lowerBound(4));
      deletes.objectStore("rows").delete("nobody");
      await complete(deletes);
      expect(await done(rowsIn(database).getAllKeys())).toEqual([2, 3]);
      const clears = database.transaction("rows", "readwrite");
      clears.objectStore("rows").clear();
      clears.objectStore("rows").put({}, 9);
      await complete(clears);
      expect(await done(rowsIn(database).getAllKeys())).toEqual([9]);
    });

    test("a cursor goes over the rows, changes and deletes them, and goes on from a key", async () => {
      await using under = await open();
      const database = await filled(under, [1, 2, 3, 4, 5]);
      const transaction = database.transaction("rows", "readwrite");
      const ended = complete(transaction);
      const seen: unknown[] = [];
      const request = transaction.objectStore("rows").openCursor(under.KeyRange.lowerBound(2));
      request.onsuccess = () => {
        const cursor = request.result as IdbCursor | null;
        if (!cursor) return;
        seen.push([cursor.key, cursor.value]);
        if (cursor.key === 2) {
          cursor.delete();
          cursor.continue(4);
        } else {
          cursor.update("changed");
          cursor.continue();
        }
      };
      await ended;
      expect(seen).toEqual([
        [2, { key: 2 }],
        [4, { key: 4 }],
        [5, { key: 5 }],
      ]);
      expect(await done(rowsIn(database).getAll())).toEqual([{ key: 1 }, { key: 3 }, "changed", "changed"]);
    });

    test("an index finds rows by what is in them, and forgets what is not in them any more", async () => {
      await using under = await open();
      const database = await opened(under);
      const put = async (...rows: readonly (readonly [unknown, unknown])[]) => {
        const transaction = database.transaction("others", "readwrite");
        for (const [key, value] of rows) transaction.objectStore("others").put(value, key);
        await complete(transaction);
      };
      await put(
        [1, { sender: "bram", info: { kind: "b" } }],
        [2, { sender: "anna", info: { kind: "z" } }],
        [3, { sender: "bram", info: { kind: "b" } }],
        [4, { sender: "nobody" }],
      );
      const index = () => database.transaction("others").objectStore("others").index("by-sender");
      expect(await done(index().getAllKeys())).toEqual([2, 1, 3]);
      expect(await done(index().getAllKeys(["bram", "b"]))).toEqual([1, 3]);
      expect(await done(index().get(["anna", "z"]))).toMatchObject({ sender: "anna" });
      expect(await done(index().count(["bram", "b"]))).toBe(2);
      await put([1, { sender: "zoe", info: { kind: "b" } }]);
      expect(await done(index().getAllKeys())).toEqual([2, 3, 1]);
      expect(await done(index().count(["bram", "b"]))).toBe(1);
      const found: unknown[] = [];
      await new Promise<void>((resolve) => {
        const request = index().openCursor();
        request.onsuccess = () => {
          const cursor = request.result as IdbCursor | null;
          if (!cursor) return resolve();
          found.push([cursor.key, cursor.primaryKey]);
          cursor.continue();
        };
      });
      expect(found).toEqual([
        [["anna", "z"], 2],
        [["bram", "b"], 3],
        [["zoe", "b"], 1],
      ]);
    });
  });
}
