import { describe, expect, test } from "@jest/globals";
import type { OutboxId, RoomId } from "../../src/core/model/ids.ts";
import {
  KEY,
  LOGIN,
  login,
  type OpenStoreUnderTest,
  portal,
  ROOM,
  START,
  toMatrix,
} from "./store-fixtures.ts";

const NEXT = "!next" as RoomId;
const change = { ...KEY, room: ROOM, createKey: "key2", at: START };

export function formerRooms(open: OpenStoreUnderTest): void {
  describe("a chat that leaves its room", () => {
    test("has none until one is made, and is known by the old one", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.formerRooms.leave({ ...change, successor: undefined });
        tx.formerRooms.leave({ ...change, successor: undefined, createKey: "key3", at: START + 1 });
      });
      expect((await store.portals.ofRoom(ROOM))[0]).toBeUndefined();
      const young = { room: undefined, state: "making", member: "none", createKey: "key2" } as const;
      expect(await store.portals.byChat(KEY)).toEqual(portal(young));
      const former = { ...KEY, room: ROOM, followed: false, carried: false, at: START };
      expect(await store.formerRooms.get(ROOM)).toEqual(former);
      expect(await store.formerRooms.of(KEY)).toEqual([former]);
      await store.write((tx) => tx.formerRooms.carried(ROOM));
      expect(await store.formerRooms.of(KEY)).toEqual([{ ...former, carried: true }]);
    });

    test("may go to another and back, and stays closed and left", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal({ state: "archived", member: "left" }));
        tx.formerRooms.leave({ ...change, successor: NEXT });
      });
      expect((await store.portals.ofRoom(NEXT))[0]).toMatchObject({
        ...KEY,
        state: "archived",
        member: "left",
      });
      expect(await store.formerRooms.get(ROOM)).toMatchObject({ followed: true, carried: false });
      await store.write((tx) => tx.formerRooms.leave({ ...change, room: NEXT, successor: ROOM }));
      expect((await store.portals.ofRoom(ROOM))[0]).toMatchObject(KEY);
      expect((await store.formerRooms.of(KEY)).map(({ room }) => room)).toEqual([NEXT]);
    });

    test("may go to a room that its person chose, which is no successor, and the old one may be forgotten", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.formerRooms.leave({ ...change, successor: NEXT, bridged: true });
      });
      expect((await store.portals.ofRoom(NEXT))[0]).toMatchObject({ ...KEY, room: NEXT, state: "making" });
      expect(await store.formerRooms.get(ROOM)).toMatchObject({ followed: false, carried: false });
      await store.write((tx) => tx.formerRooms.forget(ROOM));
      expect(await store.formerRooms.get(ROOM)).toBeUndefined();
    });

    test("is forgotten with its login but for the room it stands in", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.formerRooms.leave({ ...change, successor: NEXT });
        tx.logins.empty(LOGIN);
      });
      const former = await store.formerRooms.get(ROOM);
      expect(former?.chat).toBe(NEXT);
      expect(former && (await store.portals.byChat(former))?.room).toBe(NEXT);
    });
  });

  test("what is queued for a room moves behind what is queued for another, tries counted anew", async () => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => {
      for (const name of ["a", "b"]) tx.matrixOutbox.add(toMatrix(name));
      tx.matrixOutbox.countTry(toMatrix("a").id);
      tx.matrixOutbox.add(toMatrix("c", { room: NEXT }));
      for (const name of ["a", "b"]) tx.matrixOutbox.move(toMatrix(name).id, NEXT, { body: name });
    });
    expect(await store.matrixOutbox.next(ROOM, 9)).toEqual([]);
    const rows = await store.matrixOutbox.next(NEXT, 9);
    expect(rows.map(({ id, attempts }) => [id, attempts])).toEqual([
      [toMatrix("c").id, 0],
      [toMatrix("a").id, 0],
      [toMatrix("b").id, 0],
    ]);
    expect(rows[1]?.content).toEqual({ body: "a" });
    await store.write((tx) => {
      tx.matrixOutbox.abandon(toMatrix("a").id);
      tx.matrixOutbox.move(toMatrix("a").id, ROOM, { body: "never" });
      tx.matrixOutbox.move("none" as OutboxId, ROOM, {});
    });
    expect(await store.matrixOutbox.next(ROOM, 9)).toEqual([]);
  });
}
