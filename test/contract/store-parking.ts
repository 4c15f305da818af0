import { describe, expect, test } from "@jest/globals";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { Store } from "../../src/core/ports/store.ts";
import {
  BRAM,
  CHAT,
  DAY,
  fromNetwork,
  KEY,
  LOGIN,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_LOGIN,
  remote,
  START,
  said,
  swept,
} from "./store-fixtures.ts";

const from = { chat: CHAT, sender: BRAM, at: START } as const;
const edit = (id: string, target: string): RemoteEvent => ({
  ...from,
  kind: "edit",
  id: remote(id),
  target: remote(target),
  message: said(id),
});

const due = async (store: Store, key = KEY) =>
  (await store.networkInbox.next(key, 100)).map(({ event }) => event.id);

async function seqOf(store: Store, id: string): Promise<number> {
  const found = (await store.networkInbox.next(KEY, 100)).find(({ event }) => event.id === id);
  if (!found) throw new Error(`${id} is not due`);
  return found.seq;
}

export function parking(open: OpenStoreUnderTest): void {
  describe("an event whose message is not there yet", () => {
    test("is set aside, and due again in its place when the message is there", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const [id, target] of [
          ["E1", "M1"],
          ["E2", "M2"],
          ["E3", "M1"],
        ] as const) {
          tx.networkInbox.take(LOGIN, edit(id, target), START);
        }
      });
      const [e1, e2, e3] = [await seqOf(store, "E1"), await seqOf(store, "E2"), await seqOf(store, "E3")];
      await store.write((tx) => {
        tx.networkInbox.park(e1, remote("M1"));
        tx.networkInbox.park(e2, remote("M2"));
        tx.networkInbox.park(e3, remote("M1"));
        tx.networkInbox.take(LOGIN, fromNetwork("M3"), START);
      });
      expect(await due(store)).toEqual(["M3"]);
      expect(await store.networkInbox.count()).toBe(1);
      const awaited = (target: string, key = KEY) => store.networkInbox.isAwaited(key, remote(target));
      expect(await Promise.all(["M1", "M2", "M3"].map((id) => awaited(id)))).toEqual([true, true, false]);
      expect(await awaited("M1", OTHER_KEY)).toBe(false);
      await store.write((tx) => tx.networkInbox.unpark(OTHER_KEY, remote("M1")));
      expect(await due(store)).toEqual(["M3"]);
      const again = await it.reopen();
      await again.write((tx) => tx.networkInbox.unpark(KEY, remote("M1")));
      expect(await due(again)).toEqual(["E1", "E3", "M3"]);
      expect((await again.networkInbox.next(KEY, 1))[0]?.event).toEqual(edit("E1", "M1"));
    });

    test("makes no lane, is known, and is not taken twice", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.networkInbox.take(LOGIN, edit("E1", "M1"), START);
        tx.networkInbox.take(OTHER_LOGIN, fromNetwork("M9"), START);
      });
      const seq = await seqOf(store, "E1");
      await store.write((tx) => tx.networkInbox.park(seq, remote("M1")));
      await store.write((tx) => tx.networkInbox.take(LOGIN, edit("E1", "M1"), START));
      expect(await store.networkInbox.lanes()).toEqual([OTHER_KEY]);
      expect(await due(store)).toEqual([]);
      expect(await store.networkInbox.hasTaken(LOGIN, edit("E1", "M1"))).toBe(true);
    });

    test("is never forgotten, and after a long wait due again as what need not wait", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.networkInbox.take(LOGIN, edit("E1", "M1"), START);
        tx.networkInbox.take(LOGIN, edit("E2", "M1"), START);
        tx.networkInbox.take(OTHER_LOGIN, edit("E3", "M1"), START);
        tx.networkInbox.take(LOGIN, fromNetwork("M2"), START);
      });
      const [e1, e2] = [await seqOf(store, "E1"), await seqOf(store, "E2")];
      const [other] = await store.networkInbox.next(OTHER_KEY, 1);
      await store.write((tx) => {
        for (const seq of [e1, e2, other?.seq ?? 0]) tx.networkInbox.park(seq, remote("M1"));
      });
      await swept(store, START + 90 * DAY);
      expect(await store.networkInbox.parked(LOGIN, 9)).toEqual([e1, e2].map((seq) => ({ seq, key: KEY })));
      expect(await store.networkInbox.parked(LOGIN, 1)).toEqual([{ seq: e1, key: KEY }]);
      await store.write((tx) => {
        tx.networkInbox.overdue({ seq: e1, key: KEY });
        tx.networkInbox.overdue({ seq: e1, key: KEY });
      });
      const again = await it.reopen();
      const rows = await again.networkInbox.next(KEY, 9);
      expect(rows.map(({ event, overdue }) => [event.id, overdue])).toEqual([
        ["E1", true],
        ["M2", false],
      ]);
      expect(await again.networkInbox.parked(LOGIN, 9)).toEqual([{ seq: e2, key: KEY }]);
    });
  });

  test.each<RemoteEvent>([
    edit("1", "M1"),
    { ...from, kind: "delete", id: remote("1"), target: remote("M1") },
    { ...from, kind: "reaction", id: remote("1"), target: remote("M1"), own: true, emoji: "" },
    { ...from, kind: "excluded", id: remote("1"), what: "status" },
    { ...from, kind: "call", id: remote("1"), video: false },
    { ...from, kind: "unsupported", id: remote("1"), what: "a game", raw: "AAEC" },
  ])("an event of kind $kind is kept whole, and known after", async (event) => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => tx.networkInbox.take(LOGIN, event, START));
    const [row] = await store.networkInbox.next(KEY, 9);
    expect(row?.event).toEqual(event);
    await store.write((tx) => tx.networkInbox.finish(row?.seq ?? 0));
    expect(await due(store)).toEqual([]);
    expect(await store.networkInbox.hasTaken(LOGIN, event)).toBe(true);
  });
}
