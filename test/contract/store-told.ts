import { describe, expect, test } from "@jest/globals";
import type { Store } from "../../src/core/ports/store.ts";
import {
  DAY,
  event,
  KEY,
  LOGIN,
  login,
  type OpenStoreUnderTest,
  OTHER_ROOM,
  portal,
  ROOM,
  row,
  START,
  swept,
} from "./store-fixtures.ts";

async function first(store: Store, room: typeof ROOM, kind: string, at: number): Promise<boolean> {
  let isFirst = false;
  await store.write((tx) => {
    isFirst = tx.told.first(room, kind, at);
  });
  return isFirst;
}

export function told(open: OpenStoreUnderTest): void {
  describe("what was said in a room", () => {
    test("is first once a room, kind and day, also after it is opened again", async () => {
      await using it = await open();
      expect(await first(it.store, ROOM, "a", START)).toBe(true);
      expect(await first(it.store, ROOM, "a", START + 1)).toBe(false);
      expect(await first(it.store, ROOM, "b", START + 1)).toBe(true);
      expect(await first(it.store, OTHER_ROOM, "a", START + 1)).toBe(true);
      const store = await it.reopen();
      expect(await first(store, ROOM, "a", START + DAY - 1)).toBe(false);
      expect(await first(store, ROOM, "a", START + DAY)).toBe(true);
      expect(await first(store, ROOM, "a", START + DAY)).toBe(false);
    });

    test("counts for nothing where the clock was ahead when it was said", async () => {
      await using it = await open();
      expect(await first(it.store, ROOM, "a", START + 9 * DAY)).toBe(true);
      expect(await first(it.store, ROOM, "a", START)).toBe(true);
      expect(await first(it.store, ROOM, "a", START + 1)).toBe(false);
    });

    test("is kept without its words, is swept, and goes with the login", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
      });
      await first(store, ROOM, "Bram has blocked you", START);
      expect(it.holds("Bram has blocked you")).toBe(false);
      await swept(store, START + 2 * DAY);
      expect(await first(store, ROOM, "Bram has blocked you", START + 1)).toBe(true);
      await store.write((tx) => tx.logins.remove(LOGIN));
      expect(await first(store, ROOM, "Bram has blocked you", START + 2)).toBe(true);
    });
  });

  test("an event bears one mark, until that is taken back or its login goes", async () => {
    await using it = await open();
    const { store } = it;
    const marks: boolean[] = [];
    const mark = (id: string) => ({ id: row(id), room: ROOM, createdAt: START });
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portals.add(portal());
      marks.push(tx.told.mark(event("1"), mark("a")), tx.told.mark(event("1"), mark("b")));
    });
    expect(await store.told.markOf(event("1"))).toBe("a");
    await store.write((tx) => {
      tx.told.unmark(event("1"));
      marks.push(tx.told.mark(event("1"), mark("c")));
    });
    expect(marks).toEqual([true, false, true]);
    expect(await store.told.markOf(event("1"))).toBe("c");
    await store.write((tx) => tx.logins.remove(LOGIN));
    expect(await store.told.markOf(event("1"))).toBeUndefined();
  });

  test("what was said and marked in a room that a chat had before goes with the login too", async () => {
    await using it = await open();
    const { store } = it;
    const change = { ...KEY, room: ROOM, createKey: "key2", at: START, successor: OTHER_ROOM };
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portals.add(portal());
      tx.told.mark(event("1"), { id: row("a"), room: ROOM, createdAt: START });
      tx.formerRooms.leave(change);
    });
    expect(await first(store, ROOM, "a", START)).toBe(true);
    await store.write((tx) => tx.logins.remove(LOGIN));
    expect(await store.told.markOf(event("1"))).toBeUndefined();
    expect(await first(store, ROOM, "a", START + 1)).toBe(true);
  });
}
