import { describe, expect, test } from "@jest/globals";
import type { Store } from "../../src/core/ports/store.ts";
import {
  DAY,
  event,
  fromMatrix,
  KEY,
  link,
  login,
  type OpenStoreUnderTest,
  OTHER_ROOM,
  ROOM,
  remote,
  row,
  START,
  swept,
  toMatrix,
} from "./store-fixtures.ts";

const due = async (store: Store, room = ROOM): Promise<string[]> =>
  (await store.matrixInbox.next(room, 100)).map(({ event }) => event.id);

export function homeserverQueues(open: OpenStoreUnderTest): void {
  describe("the inbox of the homeserver", () => {
    test("takes an event once, and gives each room its own in order", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const name of ["1", "2", "1", "3"]) tx.matrixInbox.take(fromMatrix(name), "push", false);
        tx.matrixInbox.take(fromMatrix("4", OTHER_ROOM), "push", false);
        tx.matrixInbox.take(fromMatrix("2"), "sync", false);
      });
      expect(await store.matrixInbox.next(ROOM, 2)).toEqual([
        { event: fromMatrix("1"), attempts: 0 },
        { event: fromMatrix("2"), attempts: 0 },
      ]);
      expect(new Set(await store.matrixInbox.lanes())).toEqual(new Set([ROOM, OTHER_ROOM]));
      expect(await store.matrixInbox.count()).toBe(4);
    });

    test("knows an event after it is done, and does not take it again", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => tx.matrixInbox.take(fromMatrix("1"), "push", false));
      await store.write((tx) => tx.matrixInbox.countTry(event("1")));
      expect((await store.matrixInbox.next(ROOM, 1))[0]?.attempts).toBe(1);
      await store.write((tx) => tx.matrixInbox.finish(event("1")));
      await store.write((tx) => tx.matrixInbox.take(fromMatrix("1"), "sync", true));
      expect(await due(store)).toEqual([]);
      expect(await store.matrixInbox.lanes()).toEqual([]);
      expect(await store.matrixInbox.count()).toBe(0);
      expect(await store.matrixInbox.unknown([event("1"), event("2")])).toEqual(new Set([event("2")]));
    });

    test("in a gap the stream's order wins, what only push brought follows, older rows keep their place", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.matrixInbox.take(fromMatrix("old"), "push", false);
        for (const name of ["pushed-only", "c", "b"]) tx.matrixInbox.take(fromMatrix(name), "push", true);
      });
      expect(await due(store)).toEqual(["$old"]);
      await store.write((tx) => {
        for (const name of ["a", "old", "b", "c"]) tx.matrixInbox.take(fromMatrix(name), "sync", true);
      });
      const again = await it.reopen();
      await again.write((tx) => {
        tx.matrixInbox.take(fromMatrix("late"), "push", true);
        tx.matrixInbox.release();
        tx.matrixInbox.take(fromMatrix("after"), "push", false);
      });
      expect(await due(again)).toEqual(["$old", "$a", "$b", "$c", "$pushed-only", "$late", "$after"]);
    });

    test("a room that only has held events is a lane, so that it is woken when the gap is over", async () => {
      await using it = await open();
      await it.store.write((tx) => tx.matrixInbox.take(fromMatrix("1"), "push", true));
      const again = await it.reopen();
      expect(await again.matrixInbox.lanes()).toEqual([ROOM]);
      expect(await due(again)).toEqual([]);
      await again.write((tx) => tx.matrixInbox.release());
      expect(await due(again)).toEqual(["$1"]);
    });

    test("what was done while held stays done", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => tx.matrixInbox.take(fromMatrix("1"), "push", true));
      await store.write((tx) => tx.matrixInbox.finish(event("1")));
      await store.write((tx) => {
        tx.matrixInbox.take(fromMatrix("1"), "sync", true);
        tx.matrixInbox.release();
      });
      expect(await due(store)).toEqual([]);
    });

    test("forgets a key 60 days after it was done, and nothing that waits", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const name of ["waits", "1", "2"]) tx.matrixInbox.take(fromMatrix(name), "push", false);
        tx.matrixInbox.finish(event("1"));
      });
      it.clock.at += 2 * DAY;
      await store.write((tx) => tx.matrixInbox.finish(event("2")));
      await swept(store, START + 61 * DAY);
      expect(await store.matrixInbox.unknown(["waits", "1", "2"].map(event))).toEqual(new Set([event("1")]));
      expect(await due(store)).toEqual(["$waits"]);
    });
  });

  describe("the outbox to the homeserver", () => {
    test("keeps each room's order and gives a row back as it was put", async () => {
      await using it = await open();
      const { store } = it;
      const state = toMatrix("2", { stateKey: "", link: link("M1", { sender: undefined }) });
      await store.write((tx) => {
        tx.matrixOutbox.add(toMatrix("1"));
        tx.matrixOutbox.add(state);
        tx.matrixOutbox.add(toMatrix("3", { room: OTHER_ROOM }));
      });
      const fresh = { attempts: 0 };
      expect(await store.matrixOutbox.next(ROOM, 9)).toEqual([
        { ...toMatrix("1"), ...fresh },
        { ...state, ...fresh },
      ]);
      expect(await store.matrixOutbox.next(ROOM, 1)).toHaveLength(1);
      expect(new Set(await store.matrixOutbox.lanes())).toEqual(new Set([ROOM, OTHER_ROOM]));
      expect(await store.matrixOutbox.count()).toBe(3);
    });

    test("counts the failures", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.matrixOutbox.add(toMatrix("1"));
        tx.matrixOutbox.countTry(row("1"));
        tx.matrixOutbox.countTry(row("1"));
      });
      expect(await store.matrixOutbox.next(ROOM, 1)).toMatchObject([{ attempts: 2 }]);
    });

    test("what was sent is linked once, emptied, and still known as ours", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.matrixOutbox.add(toMatrix("1", { content: { body: "canary" }, link: link("M1") }));
        tx.matrixOutbox.add(toMatrix("2"));
        tx.matrixOutbox.sent(row("1"), event("a"));
        tx.matrixOutbox.sent(row("2"), event("b"));
        tx.matrixOutbox.sent(row("1"), event("c"));
        tx.matrixOutbox.abandon(row("1"));
        tx.matrixOutbox.sent(row("none"), event("d"));
      });
      expect(await store.matrixOutbox.count()).toBe(0);
      expect(await store.matrixOutbox.next(ROOM, 9)).toEqual([]);
      expect((await store.matrixOutbox.sentAs(row("1")))?.event).toBe(event("a"));
      expect(it.holds("canary")).toBe(false);
      const shown = { ...link("M1"), room: ROOM, event: event("a") };
      expect(await store.messages.events(KEY, remote("M1"))).toEqual([shown]);
      expect(await store.messages.byEvent(ROOM, event("b"))).toBeUndefined();
    });

    test("what was given up leaves the queue, and nothing of whom it was from", async () => {
      await using it = await open();
      const { store } = it;
      const target = { kind: "message", ...KEY, id: remote("M0"), part: 0 } as const;
      const content = { body: "canary" };
      await store.write((tx) => {
        tx.matrixOutbox.add(toMatrix("1", { content, link: link("M1"), target }));
        tx.matrixOutbox.abandon(row("1"));
      });
      for (const word of ["canary", KEY.chat, KEY.login, "M0", "M1"]) expect(it.holds(word)).toBe(false);
      expect(await store.matrixOutbox.lanes()).toEqual([]);
      expect(await store.messages.events(KEY, remote("M1"))).toEqual([]);
    });
  });
}
