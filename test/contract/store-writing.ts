import { describe, expect, test } from "@jest/globals";
import type { Writes } from "../../src/core/ports/store.ts";
import { type OpenStoreUnderTest, unstorable } from "./store-fixtures.ts";

export function writing(open: OpenStoreUnderTest): void {
  describe("a write", () => {
    test("is there when its promise resolves, and after the store was opened again", async () => {
      await using it = await open();
      await it.store.write((tx) => tx.records.set("s", "n", "v"));
      expect(await it.store.records.get("s", "n")).toBe("v");
      const again = await it.reopen();
      expect(await again.records.get("s", "n")).toBe("v");
    });

    test("is not seen before it is committed", async () => {
      await using it = await open();
      const written = it.store.write((tx) => tx.records.set("s", "n", "v"));
      expect(await it.store.records.get("s", "n")).toBeUndefined();
      await written;
    });

    test("lands whole or not at all, and its neighbours of the same turn all the same", async () => {
      await using it = await open();
      const outcomes = await Promise.allSettled([
        it.store.write((tx) => tx.records.set("s", "before", "v")),
        it.store.write((tx) => {
          tx.records.set("s", "guilty", "v");
          throw new Error("no");
        }),
        it.store.write(unstorable),
        it.store.write((tx) => tx.records.set("s", "after", "v")),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual([
        "fulfilled",
        "rejected",
        "rejected",
        "fulfilled",
      ]);
      const failure = { reason: { reason: "unstorable", words: expect.any(String) } };
      expect(outcomes[1]).toMatchObject(failure);
      expect(outcomes[2]).toMatchObject(failure);
      expect(await it.store.records.get("s", "before")).toBe("v");
      expect(await it.store.records.get("s", "guilty")).toBeUndefined();
      expect(await it.store.logins.all()).toEqual([]);
      expect(await it.store.records.get("s", "after")).toBe("v");
    });

    test("keeps the order in which writes were asked for", async () => {
      await using it = await open();
      const names = ["a", "b", "c"];
      await Promise.all(names.map((name) => it.store.write((tx) => tx.records.set("s", "last", name))));
      expect(await it.store.records.get("s", "last")).toBe("c");
    });

    test("that is an async function is refused, and what it writes later goes nowhere", async () => {
      await using it = await open();
      const asked = Promise.withResolvers<void>();
      let late: unknown;
      const sly = (async (tx: Writes) => {
        await asked.promise;
        try {
          tx.records.set("s", "late", "v");
        } catch (error) {
          late = error;
        }
      }) as (tx: Writes) => void;
      await expect(it.store.write(sly)).rejects.toMatchObject({ reason: "unstorable" });
      asked.resolve();
      await it.store.write((tx) => tx.records.set("s", "n", "v"));
      expect((await it.store.records.all("s")).map(({ name }) => name)).toEqual(["n"]);
      expect(late).toBeInstanceOf(TypeError);
    });

    test("is listed once, at once, also where a neighbour in its group fails", async () => {
      await using it = await open();
      const { store } = it;
      let runs = 0;
      const neighbour = store.write(unstorable);
      const once = store.write((tx) => {
        runs += 1;
        tx.records.set("s", "n", "v");
      });
      expect(runs).toBe(1);
      await expect(neighbour).rejects.toMatchObject({ reason: "unstorable" });
      await once;
      expect(runs).toBe(1);
    });

    test("that waits when the store is closed is committed; a later one is refused", async () => {
      await using it = await open();
      const { store } = it;
      const waiting = store.write((tx) => tx.records.set("s", "n", "v"));
      const reopened = it.reopen();
      await waiting;
      await expect(store.write(() => {})).rejects.toMatchObject({ reason: "storage" });
      expect(await (await reopened).records.get("s", "n")).toBe("v");
    });
  });
}
