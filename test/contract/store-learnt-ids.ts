import { describe, expect, test } from "@jest/globals";
import type { RemoteEvent, UnplacedDeletion } from "../../src/core/model/events.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import type { Store } from "../../src/core/ports/store.ts";
import {
  BRAM,
  DAY,
  event,
  fromNetwork,
  KEY,
  LOGIN,
  link,
  login,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_LOGIN,
  ROOM,
  remote,
  row,
  START,
  swept,
  toNetwork,
} from "./store-fixtures.ts";

const CEES = "31600000002@s" as PersonId;

const deletion = (target: string, over: Partial<UnplacedDeletion> = {}): UnplacedDeletion => ({
  kind: "delete",
  sender: BRAM,
  id: remote(`D-${target}`),
  at: START,
  target: remote(target),
  ...over,
});

const due = async (store: Store, key = KEY): Promise<readonly RemoteEvent[]> =>
  (await store.networkInbox.next(key, 100)).map((one) => one.event);

export function messageNames(open: OpenStoreUnderTest): void {
  describe("the ids that networks give to our messages", () => {
    test("lead both ways, chat by chat; the first that was learnt stays until it is forgotten", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.learntIds.add(KEY, { ours: remote("A"), learnt: remote("17") });
        tx.learntIds.add(KEY, { ours: remote("A"), learnt: remote("18") });
        tx.learntIds.add(KEY, { ours: remote("B"), learnt: remote("17") });
        tx.learntIds.add(OTHER_KEY, { ours: remote("C"), learnt: remote("17") });
      });
      expect(await store.learntIds.of(KEY, remote("A"))).toBe("17");
      expect(await store.learntIds.of(KEY, remote("B"))).toBeUndefined();
      expect(await store.learntIds.ours(KEY, remote("17"))).toBe("A");
      expect(await store.learntIds.ours(KEY, remote("18"))).toBeUndefined();
      expect(await store.learntIds.ours(OTHER_KEY, remote("17"))).toBe("C");
      await store.write((tx) => {
        tx.learntIds.forget(KEY, remote("A"));
        tx.learntIds.forget(OTHER_KEY, remote("A"));
        tx.learntIds.add(KEY, { ours: remote("A"), learnt: remote("18") });
      });
      expect(await store.learntIds.of(KEY, remote("A"))).toBe("18");
      expect(await store.learntIds.ours(KEY, remote("17"))).toBeUndefined();
      expect(await store.learntIds.of(OTHER_KEY, remote("C"))).toBe("17");
    });

    test("go with their login", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.learntIds.add(KEY, { ours: remote("A"), learnt: remote("17") });
      });
      await store.write((tx) => tx.logins.remove(LOGIN));
      expect(await store.learntIds.of(KEY, remote("A"))).toBeUndefined();
    });
  });

  describe("the ids of what is queued for a network", () => {
    test("are each given once a login", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => tx.networkOutbox.add(toNetwork("a")));
      expect(await store.networkOutbox.hasRemote(LOGIN, remote("A"))).toBe(true);
      expect(await store.networkOutbox.hasRemote(LOGIN, remote("B"))).toBe(false);
      expect(await store.networkOutbox.hasRemote(OTHER_LOGIN, remote("A"))).toBe(false);
      const again = toNetwork("b", { remoteId: remote("A") });
      await expect(store.write((tx) => tx.networkOutbox.add(again))).rejects.toMatchObject({
        reason: "unstorable",
      });
      await store.write((tx) => tx.networkOutbox.add({ ...again, key: { ...KEY, login: OTHER_LOGIN } }));
    });
  });

  describe("what refers to a message behind it", () => {
    test("goes to the end of its lane, as long as it is queued", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const id of ["a", "b", "c"]) tx.networkOutbox.add(toNetwork(id));
        tx.networkOutbox.setState(row("b"), "sent");
      });
      await store.write((tx) => {
        tx.networkOutbox.postpone({ id: row("a"), key: KEY });
        tx.networkOutbox.postpone({ id: row("b"), key: KEY });
      });
      expect((await store.networkOutbox.next(KEY, 9)).map(({ id }) => id)).toEqual([row("c"), row("a")]);
      expect((await store.networkOutbox.get(row("b")))?.state).toBe("sent");
    });
  });

  describe("a message that is named without its chat", () => {
    test("is found by login, sender and id, be it shown, taken, edited, or ours by the network's id", async () => {
      await using it = await open();
      const { store } = it;
      const chatOf = (sender: typeof BRAM | undefined, id: string, of = LOGIN) =>
        store.networkInbox.chatOf(of, { sender, id: remote(id) });
      await store.write((tx) => {
        tx.messages.add({ ...link("shown"), room: ROOM, event: event("1") });
        tx.networkInbox.take(LOGIN, fromNetwork("taken"), START);
        tx.messages.add({ ...link("KEY"), ...OTHER_KEY, sender: undefined, room: ROOM, event: event("2") });
        tx.learntIds.add(OTHER_KEY, { ours: remote("KEY"), learnt: remote("17") });
        const revised = { ...KEY, id: remote("shown"), part: 0, sender: BRAM, room: ROOM, at: START };
        const known = { original: undefined, event: event("3"), row: undefined, remote: remote("edit") };
        tx.revisions.add({ ...revised, ...known });
      });
      for (const id of ["shown", "taken", "edit"]) expect(await chatOf(BRAM, id)).toBe(KEY.chat);
      expect(await chatOf(CEES, "shown")).toBeUndefined();
      expect(await chatOf(BRAM, "shown", OTHER_LOGIN)).toBeUndefined();
      expect(await chatOf(BRAM, "17", OTHER_KEY.login)).toBeUndefined();
      for (const id of ["KEY", "17"])
        expect(await chatOf(undefined, id, OTHER_KEY.login)).toBe(OTHER_KEY.chat);
      expect(await chatOf(BRAM, "never")).toBeUndefined();
    });

    test("is deleted once it comes: the deletion follows it into its chat, and is due there first", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.networkInbox.takeUnplaced(LOGIN, deletion("M1"), START);
        tx.networkInbox.takeUnplaced(LOGIN, deletion("M1"), START);
        tx.networkInbox.takeUnplaced(LOGIN, deletion("M1", { sender: CEES }), START);
        tx.networkInbox.takeUnplaced(LOGIN, deletion("M2"), START);
      });
      expect(await store.networkInbox.lanes()).toEqual([]);
      expect(await store.networkInbox.count()).toBe(0);
      expect(await store.networkInbox.parked(LOGIN, 9)).toEqual([]);
      await store.write((tx) => tx.networkInbox.take(LOGIN, fromNetwork("M1"), START));
      expect(await due(store)).toEqual([
        { ...deletion("M1"), chat: KEY.chat },
        expect.objectContaining({ kind: "message", id: "M1" }),
      ]);
    });

    test("is forgotten with its deletion, where it never came", async () => {
      await using it = await open();
      const { store, clock } = it;
      clock.at = START;
      await store.write((tx) => tx.networkInbox.takeUnplaced(LOGIN, deletion("M1"), START));
      await swept(store, START + 31 * DAY);
      await store.write((tx) => tx.networkInbox.take(LOGIN, fromNetwork("M1"), START + 31 * DAY));
      expect((await due(store)).map(({ kind }) => kind)).toEqual(["message"]);
    });
  });
}
