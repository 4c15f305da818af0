import { describe, expect, test } from "@jest/globals";
import type { Store } from "../../src/core/ports/store.ts";
import {
  ANA,
  DAY,
  event,
  fromMatrix,
  fromNetwork,
  KEY,
  LOGIN,
  type OpenStoreUnderTest,
  ROOM,
  row,
  START,
  swept,
  toMatrix,
  toNetwork,
} from "./store-fixtures.ts";

/** One row a queue, made and ended at the moment given. */
async function passes(store: Store, name: string, at: number): Promise<void> {
  await store.write((tx) => {
    tx.matrixInbox.take(fromMatrix(name), "push", false);
    tx.matrixInbox.finish(event(name));
    tx.matrixOutbox.add(toMatrix(name, { createdAt: at }));
    tx.matrixOutbox.sent(row(name), event(`sent-${name}`));
    tx.networkInbox.take(LOGIN, fromNetwork(name), at);
    tx.networkOutbox.add(toNetwork(name, { createdAt: at }));
    tx.networkOutbox.setState(row(name), "delivered");
  });
  for (const { seq } of await store.networkInbox.next(KEY, 9))
    await store.write((tx) => tx.networkInbox.finish(seq));
}

const known = async (store: Store, name: string): Promise<readonly boolean[]> => [
  !(await store.matrixInbox.unknown([event(name)])).has(event(name)),
  (await store.matrixOutbox.sentAs(row(name))) !== undefined,
  await store.networkInbox.hasTaken(LOGIN, fromNetwork(name)),
  (await store.networkOutbox.byEvent(event(name))) !== undefined,
];

const all = [true, true, true, true];
const none = [false, false, false, false];

export function housekeeping(open: OpenStoreUnderTest): void {
  describe("housekeeping", () => {
    test("forgets what is old behind rows that a wrong clock stamped in the future, and nothing younger", async () => {
      await using it = await open();
      const { store, clock } = it;
      clock.at = START + 3650 * DAY;
      await passes(store, "future", clock.at);
      clock.at = START;
      await passes(store, "old", clock.at);
      clock.at = START + 3650 * DAY;
      await passes(store, "future again", clock.at);
      clock.at = START + 100 * DAY;
      await passes(store, "new", clock.at);
      await swept(store, START + 101 * DAY);
      expect(await known(store, "old")).toEqual(none);
      expect(await known(store, "new")).toEqual(all);
      expect(await known(store, "future")).toEqual(all);
      await swept(store, START + 3800 * DAY);
      for (const name of ["new", "future", "future again"]) expect(await known(store, name)).toEqual(none);
    });

    test("forgets nothing that waits", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.matrixInbox.take(fromMatrix("waits"), "push", false);
        tx.matrixOutbox.add(toMatrix("waits"));
        tx.networkInbox.take(LOGIN, fromNetwork("waits"), START);
        tx.networkOutbox.add(toNetwork("waits", { sender: ANA }));
      });
      await swept(store, START + 400 * DAY);
      expect(await store.matrixInbox.next(ROOM, 9)).toHaveLength(1);
      expect(await store.matrixOutbox.next(ROOM, 9)).toHaveLength(1);
      expect(await store.networkInbox.next(KEY, 9)).toHaveLength(1);
      expect(await store.networkOutbox.next(KEY, 9)).toMatchObject([{ outgoing: { kind: "message" } }]);
    });
  });
}
