import { describe, expect, test } from "@jest/globals";
import type { Expiring } from "../../src/core/ports/expiries.ts";
import {
  BRAM,
  event,
  KEY,
  LOGIN,
  link,
  login,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_LOGIN,
  portal,
  ROOM,
  remote,
  row,
  START,
  toMatrix,
  toNetwork,
} from "./store-fixtures.ts";

const expiring = (id: string, over: Partial<Expiring> = {}): Expiring => ({
  ...KEY,
  id: remote(id),
  sender: BRAM,
  seconds: 60,
  due: undefined,
  ...over,
});

export function expiries(open: OpenStoreUnderTest): void {
  describe("messages that disappear", () => {
    test("are due in order, each login's for itself, also after the file is opened again", async () => {
      await using it = await open();
      await it.store.write((tx) => {
        tx.logins.add(login());
        tx.logins.add(login({ id: OTHER_LOGIN }));
        tx.expiries.add(expiring("M2", { due: START + 2 }));
        tx.expiries.add(expiring("M1", { due: START + 1, sender: undefined }));
        // A repeat changes nothing.
        tx.expiries.add(expiring("M1", { due: START + 9, sender: undefined }));
        tx.expiries.add(expiring("M3"));
        tx.expiries.add(expiring("M1", { ...OTHER_KEY, due: START }));
      });
      const store = await it.reopen();
      expect(await store.expiries.lanes()).toEqual([LOGIN, OTHER_LOGIN]);
      expect(await store.expiries.next(LOGIN)).toBe(START + 1);
      expect(await store.expiries.due(LOGIN, START, 9)).toEqual([]);
      const [first, second] = [
        expiring("M1", { due: START + 1, sender: undefined }),
        expiring("M2", { due: START + 2 }),
      ];
      expect(await store.expiries.due(LOGIN, START + 2, 9)).toEqual([first, second]);
      expect(await store.expiries.due(LOGIN, START + 2, 1)).toEqual([first]);
      await store.write((tx) => {
        tx.expiries.remove(first);
        tx.expiries.hurry(LOGIN, START);
      });
      expect((await store.expiries.due(LOGIN, START, 9)).map(({ id, due }) => [id, due])).toEqual([
        ["M2", START],
        ["M3", START],
      ]);
      expect(await store.expiries.next(OTHER_LOGIN)).toBe(START);
    });

    test("count from when a contact's is read: up to a place in the room, or a time", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        for (const id of ["M1", "M2", "M3", "M4"]) {
          tx.matrixOutbox.add(toMatrix(id, { link: link(id, { at: START + Number(id[1]) }) }));
          if (id !== "M4") tx.matrixOutbox.sent(row(id), event(id));
          tx.expiries.add(expiring(id));
        }
        // Of one's own nothing is read.
        tx.expiries.add(expiring("M1", { sender: undefined }));
      });
      expect(await store.expiries.awaitsReading(KEY)).toBe(true);
      expect(await store.expiries.awaitsReading(OTHER_KEY)).toBe(false);
      const place = (await store.messages.placeOf(ROOM, event("M1"))) ?? 0;
      const due = async () => (await store.expiries.due(LOGIN, Infinity, 9)).map((one) => [one.id, one.due]);
      await store.write((tx) => tx.expiries.read(KEY, { place }, START));
      expect(await due()).toEqual([["M1", START + 60_000]]);
      // What was read first counts.
      await store.write((tx) => tx.expiries.read(KEY, { writtenBy: START + 2 }, START + 5));
      expect(await due()).toEqual([
        ["M1", START + 60_000],
        ["M2", START + 60_005],
      ]);
      // One that is not in the room yet was not read.
      await store.write((tx) => tx.expiries.read(KEY, { writtenBy: START + 9 }, START + 6));
      expect(await due()).toHaveLength(3);
      expect(await store.expiries.awaitsReading(KEY)).toBe(true);
      await store.write((tx) => tx.matrixOutbox.sent(row("M4"), event("M4")));
      await store.write((tx) => tx.expiries.read(KEY, { writtenBy: START + 9 }, START + 7));
      expect(await store.expiries.awaitsReading(KEY)).toBe(false);
    });

    test("are forgotten with their login or their chat, and never stored for a login that is gone", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.expiries.add(expiring("M1", { due: START }));
        tx.expiries.add(expiring("M1", { ...OTHER_KEY, due: START }));
      });
      expect(await store.expiries.lanes()).toEqual([LOGIN]);
      await store.write((tx) => tx.portals.remove(KEY));
      expect(await store.expiries.lanes()).toEqual([]);
      await store.write((tx) => tx.expiries.add(expiring("M2", { due: START })));
      await store.write((tx) => tx.logins.empty(LOGIN));
      expect(await store.expiries.lanes()).toEqual([]);
    });

    test("leave nothing of what was sent under their id", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.networkOutbox.add(toNetwork("gone words"));
        tx.networkOutbox.add(toNetwork("other words"));
        tx.networkOutbox.setState(row("gone words"), "sent");
        tx.networkOutbox.empty(KEY, [remote("GONE WORDS"), remote("OTHER WORDS"), remote("none")]);
      });
      expect((await store.networkOutbox.get(row("gone words")))?.outgoing).toBeUndefined();
      // What is still to be sent stays.
      expect((await store.networkOutbox.get(row("other words")))?.outgoing).toBeDefined();
    });
  });
}
