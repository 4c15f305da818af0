import { describe, expect, test } from "@jest/globals";
import { complete, done, filled, type IndexedDbUnderTest, opened, rowsIn } from "./indexed-db-words.ts";

/** What the crypto library relies on of an IndexedDB's transactions. */
export function indexedDbTransactions(name: string, open: () => Promise<IndexedDbUnderTest>): void {
  describe(`${name}: transactions`, () => {
    test("a unique index refuses a second row of the same key", async () => {
      await using under = await open();
      const database = await opened(under, (made) => {
        made.createObjectStore("rows").createIndex("unique", "name", { unique: true });
      });
      const transaction = database.transaction("rows", "readwrite");
      const ended = complete(transaction).catch((error: { readonly name: string }) => error.name);
      transaction.objectStore("rows").put({ name: "a" }, 1);
      transaction.objectStore("rows").put({ name: "a" }, 1);
      transaction.objectStore("rows").put({ name: "a" }, 2);
      expect(await ended).toBe("ConstraintError");
      expect(await done(rowsIn(database).count())).toBe(0);
    });

    test("what an aborted transaction wrote is not there, and its requests fail", async () => {
      await using under = await open();
      const database = await filled(under, ["before"]);
      const transaction = database.transaction("rows", "readwrite");
      const rows = transaction.objectStore("rows");
      const ended = complete(transaction).catch(() => "aborted");
      rows.put({}, "during");
      rows.delete("before");
      await done(rows.get("before"));
      const last = rows.put({}, "last");
      const outcome = done(last).catch((error: { readonly name: string }) => error.name);
      transaction.abort();
      expect(await outcome).toBe("AbortError");
      expect(await ended).toBe("aborted");
      expect(await done(rowsIn(database).getAllKeys())).toEqual(["before"]);
    });

    test("a transaction reads what it wrote, and others of the store wait until it is complete", async () => {
      await using under = await open();
      const database = await opened(under);
      const first = database.transaction("rows", "readwrite");
      const second = database.transaction("rows", "readwrite");
      const order: string[] = [];
      const firstDone = complete(first).then(() => order.push("first"));
      const secondDone = complete(second).then(() => order.push("second"));
      const seen = done(second.objectStore("rows").get("a"));
      first.objectStore("rows").put("written", "a");
      expect(await done(first.objectStore("rows").get("a"))).toBe("written");
      expect(await seen).toBe("written");
      await Promise.all([firstDone, secondDone]);
      expect(order).toEqual(["first", "second"]);
    });

    test("a transaction that only reads writes nothing, and one that was committed takes no more", async () => {
      await using under = await open();
      const database = await opened(under);
      expect(() => rowsIn(database).put({}, 1)).toThrow(expect.objectContaining({ name: "ReadOnlyError" }));
      const transaction = database.transaction("rows", "readwrite");
      const ended = complete(transaction);
      const rows = transaction.objectStore("rows");
      rows.put({}, 1);
      transaction.commit();
      expect(() => rows.put({}, 2)).toThrow(expect.objectContaining({ name: "TransactionInactiveError" }));
      await ended;
      expect(await done(rowsIn(database).getAllKeys())).toEqual([1]);
    });

    test("two connections to a database see the same rows", async () => {
      await using under = await open();
      const [one, other] = [await filled(under, ["a"]), await opened(under)];
      expect(await done(rowsIn(other).getAllKeys())).toEqual(["a"]);
      const transaction = other.transaction("rows", "readwrite");
      transaction.objectStore("rows").put({}, "b");
      await complete(transaction);
      expect(await done(rowsIn(one).getAllKeys())).toEqual(["a", "b"]);
    });
  });
}
