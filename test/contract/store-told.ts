import { describe, expect, test } from "@jest/globals";
import type { EventId, RoomId } from "../../src/core/model/ids.ts";
import type { NewMatrixOutboxRow } from "../../src/core/ports/rows.ts";
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
  START,
  swept,
  toMatrix,
} from "./store-fixtures.ts";

let made = 0;
const newRow = (room: RoomId, createdAt: number): NewMatrixOutboxRow =>
  toMatrix(`row ${++made}`, { room, createdAt });

/** Whether a row is queued in its room. */
async function isQueued(store: Store, { id, room }: NewMatrixOutboxRow): Promise<boolean> {
  return (await store.matrixOutbox.next(room, 99)).some((row) => row.id === id);
}

async function first(store: Store, room: RoomId, kind: string, at: number): Promise<boolean> {
  const notice = newRow(room, at);
  await store.write((tx) => tx.told.once(kind, notice));
  return isQueued(store, notice);
}

/** Whether an event gets the mark, of somebody who was told in words before. */
async function marks(store: Store, on: EventId, id: string): Promise<boolean> {
  const mark = { event: on, row: toMatrix(id) };
  await store.write((tx) => {
    for (let times = 0; times < 2; times++) tx.told.once("a", newRow(ROOM, START), mark);
  });
  return isQueued(store, mark.row);
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

    test("is said again once it is not there any more", async () => {
      await using it = await open();
      expect(await first(it.store, ROOM, "a", START)).toBe(true);
      await it.store.write((tx) => tx.told.unsay(OTHER_ROOM, "a"));
      expect(await first(it.store, ROOM, "a", START + 1)).toBe(false);
      await it.store.write((tx) => tx.told.unsay(ROOM, "a"));
      expect(await first(it.store, ROOM, "a", START + 2)).toBe(true);
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
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portals.add(portal());
    });
    expect(await marks(store, event("1"), "a")).toBe(true);
    expect(await marks(store, event("1"), "b")).toBe(false);
    expect(await marks(store, event("2"), "other")).toBe(true);
    expect(await store.told.markOf(event("1"))).toBe("a");
    await store.write((tx) => tx.told.unmark(event("1")));
    expect(await marks(store, event("1"), "c")).toBe(true);
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
    });
    expect(await marks(store, event("1"), "mark")).toBe(true);
    await store.write((tx) => tx.formerRooms.leave(change));
    expect(await first(store, ROOM, "a", START)).toBe(false);
    await store.write((tx) => tx.logins.remove(LOGIN));
    expect(await store.told.markOf(event("1"))).toBeUndefined();
    expect(await first(store, ROOM, "a", START + 1)).toBe(true);
  });
}
