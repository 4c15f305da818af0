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
  (await store.networkInbox.unconfirmed(login, after, limit)).map(({ id }) => id);

export function deliveries(open: OpenStoreUnderTest): void {
  describe("word of a delivery", () => {
    test("is owed from when the message is in the room until it is confirmed, also over a restart", async () => {
      await using it = await open();
      await it.store.write((tx) => {
        for (const id of ["M1", "M2", "M3"]) tx.networkInbox.take(LOGIN, owed(id), START);
        tx.networkInbox.take(LOGIN, fromNetwork("M4"), START);
        tx.networkInbox.take(OTHER_LOGIN, owed("M1"), START);
      });
      expect(await unconfirmed(it.store)).toEqual([]);
      await it.store.write((tx) => {
        for (const id of ["M3", "M1", "M4"])
          tx.messages.add({ ...link(id), room: ROOM, event: event(`of ${id}`) });
      });
      const store = await it.reopen();
      expect(await unconfirmed(store)).toEqual(["M1", "M3"]);
      expect(await unconfirmed(store, OTHER_LOGIN)).toEqual([]);
      const [first] = await store.networkInbox.unconfirmed(LOGIN, 0, 1);
      expect(first).toEqual({ ...named("M1"), receipt: "sts of M1", seq: expect.any(Number) });
      expect(await unconfirmed(store, LOGIN, first?.seq)).toEqual(["M3"]);
      await store.write((tx) => tx.networkInbox.confirmed(LOGIN, named("M1")));
      expect(await unconfirmed(store)).toEqual(["M3"]);
    });

    test("needs what the message came with, which a repeat does not change", async () => {
      await using it = await open();
      const { store } = it;
      const receipt = (id: string) => store.networkInbox.receipt(LOGIN, named(id));
      await store.write((tx) => {
        tx.networkInbox.take(LOGIN, owed("M1"), START);
        tx.networkInbox.take(LOGIN, fromNetwork("M2"), START);
        tx.networkInbox.take(LOGIN, { ...owed("M1"), receipt: "another" }, START);
      });
      const [row] = await store.networkInbox.next(KEY, 1);
      await store.write((tx) => tx.networkInbox.finish(row?.seq ?? 0));
      expect([await receipt("M1"), await receipt("M2"), await receipt("M3")]).toEqual([
        "sts of M1",
        undefined,
        undefined,
      ]);
      await store.write((tx) => tx.networkInbox.confirmed(LOGIN, named("M1")));
      expect(await receipt("M1")).toBeUndefined();
    });
  });
}
