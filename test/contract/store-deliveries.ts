import { describe, expect, test } from "@jest/globals";
import type { LoginId } from "../../src/core/model/ids.ts";
import type { Store } from "../../src/core/ports/store.ts";
import {
  BRAM,
  CHAT,
  event,
  fromNetwork,
  KEY,
  LOGIN,
  link,
  type OpenStoreUnderTest,
  OTHER_LOGIN,
  ROOM,
  remote,
  START,
  said,
} from "./store-fixtures.ts";

const named = (id: string) => ({ chat: CHAT, sender: BRAM, id: remote(id) });
const owed = (id: string) => ({
  ...named(id),
  kind: "message" as const,
  at: START,
  message: said(id),
  receipt: `sts of ${id}`,
});

const unconfirmed = async (store: Store, login: LoginId = LOGIN, after = 0, limit = 9) =>
  (await store.netInbox.unconfirmed(login, after, limit)).map(({ id }) => id);

export function deliveries(open: OpenStoreUnderTest): void {
  describe("word of a delivery", () => {
    test("is owed from when the message is in the room until it is confirmed, also over a restart", async () => {
      await using it = await open();
      await it.store.write((tx) => {
        for (const id of ["M1", "M2", "M3"]) tx.netInbox.take(LOGIN, owed(id), START);
        tx.netInbox.take(LOGIN, fromNetwork("M4"), START);
        tx.netInbox.take(OTHER_LOGIN, owed("M1"), START);
      });
      expect(await unconfirmed(it.store)).toEqual([]);
      await it.store.write((tx) => {
        for (const id of ["M3", "M1", "M4"])
          tx.messages.add({ ...link(id), room: ROOM, event: event(`of ${id}`) });
      });
      const store = await it.reopen();
      expect(await unconfirmed(store)).toEqual(["M1", "M3"]);
      expect(await unconfirmed(store, OTHER_LOGIN)).toEqual([]);
      const [first] = await store.netInbox.unconfirmed(LOGIN, 0, 1);
      expect(first).toEqual({ ...named("M1"), receipt: "sts of M1", seq: expect.any(Number) });
      expect(await unconfirmed(store, LOGIN, first?.seq)).toEqual(["M3"]);
      await store.write((tx) => tx.netInbox.confirmed(LOGIN, named("M1")));
      expect(await unconfirmed(store)).toEqual(["M3"]);
    });

    test("needs what the message came with, which a repeat does not change", async () => {
      await using it = await open();
      const { store } = it;
      const receipt = (id: string) => store.netInbox.receipt(LOGIN, named(id));
      await store.write((tx) => {
        tx.netInbox.take(LOGIN, owed("M1"), START);
        tx.netInbox.take(LOGIN, fromNetwork("M2"), START);
        tx.netInbox.take(LOGIN, { ...owed("M1"), receipt: "another" }, START);
      });
      const [row] = await store.netInbox.next(KEY, 1);
      await store.write((tx) => tx.netInbox.done(row?.seq ?? 0));
      expect([await receipt("M1"), await receipt("M2"), await receipt("M3")]).toEqual([
        "sts of M1",
        undefined,
        undefined,
      ]);
      await store.write((tx) => tx.netInbox.confirmed(LOGIN, named("M1")));
      expect(await receipt("M1")).toBeUndefined();
    });
  });
}
