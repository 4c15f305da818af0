import { describe, expect, test } from "@jest/globals";
import type { ChatId, LoginId, PersonId } from "../../src/core/model/ids.ts";
import type { NetworkOutboxState } from "../../src/core/ports/rows.ts";
import type { Store } from "../../src/core/ports/store.ts";
import {
  BRAM,
  DAY,
  event,
  fromMatrix,
  fromNetwork,
  fromOurselves,
  KEY,
  LOGIN,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_LOGIN,
  ROOM,
  remote,
  row,
  START,
  said,
  swept,
  toMatrix,
  toNetwork,
} from "./store-fixtures.ts";

const stateOf = async (store: Store, id: string) => (await store.networkOutbox.byEvent(event(id)))?.state;
/** What a row that was queued becomes; that it is queued anew has a write of its own, which knows its lane. */
const later = ["sent", "delivered", "read", "failed", "cancelled"] as const;
const states = ["queued", ...later] as const;

/** What each state may become. */
const forward: { readonly [S in NetworkOutboxState]: readonly (typeof later)[number][] } = {
  queued: ["sent", "delivered", "read", "failed", "cancelled"],
  sent: ["delivered", "read", "failed"],
  delivered: ["read"],
  read: [],
  failed: [],
  cancelled: [],
};

/** A way to get there from queued. */
const pathTo: { readonly [S in NetworkOutboxState]: readonly (typeof later)[number][] } = {
  queued: [],
  sent: ["sent"],
  delivered: ["sent", "delivered"],
  read: ["read"],
  failed: ["failed"],
  cancelled: ["cancelled"],
};

export function networkQueues(open: OpenStoreUnderTest): void {
  test("no queue gives out half a character, which an earlier version may have put there", async () => {
    await using it = await open();
    const { store } = it;
    const message = said("x\ud83d");
    await store.write((tx) => {
      tx.networkInbox.take(LOGIN, { ...fromNetwork("M1"), kind: "message", message }, START);
      tx.matrixInbox.take({ ...fromMatrix("1"), kind: "message", message }, "push", false);
      tx.networkOutbox.add(toNetwork("2", { outgoing: { kind: "message", message } }));
      tx.matrixOutbox.add(toMatrix("3", { content: { body: "x\ud83d" } }));
    });
    const whole = said("x\ufffd");
    expect((await store.networkInbox.next(KEY, 1))[0]?.event).toMatchObject({ message: whole });
    expect((await store.matrixInbox.next(ROOM, 1))[0]?.event).toMatchObject({ message: whole });
    expect((await store.networkOutbox.next(KEY, 1))[0]?.outgoing).toMatchObject({ message: whole });
    expect((await store.matrixOutbox.next(ROOM, 1))[0]?.content).toEqual({ body: "x\ufffd" });
  });

  describe("the inbox of the networks", () => {
    test("takes an event once for each login, chat, sender, id and kind", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.networkInbox.take(LOGIN, fromNetwork("M1"), START);
        tx.networkInbox.take(LOGIN, fromNetwork("M1"), START);
        tx.networkInbox.take(LOGIN, fromNetwork("M2"), START);
        tx.networkInbox.take(LOGIN, fromNetwork("M1", "cas" as PersonId), START);
        tx.networkInbox.take(LOGIN, fromOurselves("M1"), START);
        tx.networkInbox.take(LOGIN, fromOurselves("M1"), START);
        tx.networkInbox.take(OTHER_LOGIN, fromNetwork("M1"), START);
      });
      const rows = await store.networkInbox.next(KEY, 9);
      expect(rows.map(({ event }) => event.id)).toEqual(["M1", "M2", "M1", "M1"]);
      expect(rows[3]?.event.sender).toBeUndefined();
      expect(rows[0]).toMatchObject({ key: KEY, event: fromNetwork("M1"), attempts: 0 });
      expect(await store.networkInbox.next(KEY, 1)).toHaveLength(1);
      expect(new Set(await store.networkInbox.lanes())).toEqual(new Set([KEY, OTHER_KEY]));
      expect(await store.networkInbox.count()).toBe(5);
    });

    test("a message that could not be decrypted may come again and be read", async () => {
      await using it = await open();
      const { store } = it;
      const { message: _, ...bare } = { message: undefined, ...fromNetwork("M1") };
      await store.write((tx) => tx.networkInbox.take(LOGIN, { ...bare, kind: "undecryptable" }, START));
      expect(await store.networkInbox.hasTaken(LOGIN, fromNetwork("M1"))).toBe(false);
      await store.write((tx) => tx.networkInbox.take(LOGIN, fromNetwork("M1"), START));
      expect(await store.networkInbox.hasTaken(LOGIN, fromNetwork("M1"))).toBe(true);
      expect((await store.networkInbox.next(KEY, 9)).map(({ event }) => event.kind)).toEqual([
        "undecryptable",
        "message",
      ]);
    });

    test("what is done leaves the queue and stays known, for 30 days", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => tx.networkInbox.take(LOGIN, fromNetwork("M1"), START));
      const seq = (await store.networkInbox.next(KEY, 1))[0]?.seq ?? 0;
      await store.write((tx) => tx.networkInbox.countTry(seq));
      expect((await store.networkInbox.next(KEY, 1))[0]?.attempts).toBe(1);
      await store.write((tx) => tx.networkInbox.finish(seq));
      await store.write((tx) => tx.networkInbox.take(LOGIN, fromNetwork("M1"), START));
      expect(await store.networkInbox.next(KEY, 1)).toEqual([]);
      await swept(store, START + 29 * DAY);
      expect(await store.networkInbox.hasTaken(LOGIN, fromNetwork("M1"))).toBe(true);
      await swept(store, START + 31 * DAY);
      expect(await store.networkInbox.hasTaken(LOGIN, fromNetwork("M1"))).toBe(false);
    });

    test("a row's number is not given again while somebody may hold it", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => tx.networkInbox.take(LOGIN, fromNetwork("M1"), START));
      const held = (await store.networkInbox.next(KEY, 1))[0]?.seq ?? 0;
      await store.write((tx) => tx.logins.remove(LOGIN));
      await store.write((tx) => tx.networkInbox.take(OTHER_LOGIN, fromNetwork("M2"), START));
      await store.write((tx) => tx.networkInbox.finish(held));
      expect(await store.networkInbox.next(OTHER_KEY, 9)).toHaveLength(1);
    });
  });

  describe("the outbox to the networks", () => {
    test("gives what is queued, oldest first, as it was put", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const id of ["a", "b", "c"]) tx.networkOutbox.add(toNetwork(id));
        tx.networkOutbox.setState(row("b"), "cancelled");
      });
      const fresh = { item: 0, sealed: undefined, state: "queued", attempts: 0 };
      expect(await store.networkOutbox.next(KEY, 9)).toEqual([
        { ...toNetwork("a"), ...fresh },
        { ...toNetwork("c"), ...fresh },
      ]);
      expect(await store.networkOutbox.lanes()).toEqual([KEY]);
      expect(await store.networkOutbox.count()).toBe(2);
    });

    test("an event is queued once, whatever the row", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.networkOutbox.add(toNetwork("a"));
        tx.networkOutbox.add(toNetwork("b", { event: event("a") }));
      });
      expect((await store.networkOutbox.next(KEY, 9)).map(({ id }) => id)).toEqual(["a"]);
    });

    test("sealed bytes are kept while it is queued, the text until it was delivered", async () => {
      await using it = await open();
      const { store } = it;
      const sealed = Uint8Array.of(1, 2, 3);
      await store.write((tx) => {
        tx.networkOutbox.add(toNetwork("a"));
        tx.networkOutbox.seal(row("a"), sealed);
        tx.networkOutbox.countTry(row("a"));
      });
      expect((await store.networkOutbox.next(KEY, 1))[0]).toMatchObject({ sealed, attempts: 1 });
      await store.write((tx) => tx.networkOutbox.setState(row("a"), "sent"));
      const { outgoing } = toNetwork("a");
      expect(await store.networkOutbox.byRemote(KEY, remote("A"))).toMatchObject({
        outgoing,
        sealed: undefined,
      });
      await store.write((tx) => tx.networkOutbox.setState(row("a"), "delivered"));
      expect((await store.networkOutbox.byRemote(KEY, remote("A")))?.outgoing).toBeUndefined();
      expect(await store.networkOutbox.byRemote(OTHER_KEY, remote("A"))).toBeUndefined();
    });

    test("what is sealed is not taken back, and what was taken back is not sealed", async () => {
      await using it = await open();
      const { store } = it;
      const sealed = Uint8Array.of(1);
      await store.write((tx) => {
        for (const id of ["a", "b"]) tx.networkOutbox.add(toNetwork(id));
        tx.networkOutbox.seal(row("a"), sealed);
        tx.networkOutbox.setState(row("a"), "cancelled");
        tx.networkOutbox.setState(row("b"), "cancelled");
        tx.networkOutbox.seal(row("b"), sealed);
      });
      expect(await store.networkOutbox.get(row("a"))).toMatchObject({ state: "queued", sealed });
      expect(await store.networkOutbox.get(row("b"))).toMatchObject({
        state: "cancelled",
        sealed: undefined,
      });
      expect((await store.networkOutbox.next(KEY, 9)).map(({ id }) => id)).toEqual(["a"]);
    });

    test.each(states)("what is %s becomes only what may follow", async (from) => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const to of later) {
          tx.networkOutbox.add(toNetwork(to));
          for (const state of [...pathTo[from], to]) tx.networkOutbox.setState(row(to), state);
        }
      });
      for (const to of later) expect(await stateOf(store, to)).toBe(forward[from].includes(to) ? to : from);
    });

    test("messages that failed are listed, and come last when they are to be sent after all", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const id of ["a", "b", "c", "no-message"]) {
          const { remoteId, event: shownBy, room, ...added } = toNetwork(id);
          tx.networkOutbox.add({ ...added, remoteId, event: shownBy, room });
          if (id === "no-message") continue;
          tx.messages.add(
            { ...KEY, id: remoteId, part: 0, sender: undefined, room, event: shownBy, at: START },
            0,
          );
        }
        tx.networkOutbox.countTry(row("a"));
        for (const id of ["a", "b", "no-message"]) tx.networkOutbox.setState(row(id), "failed");
      });
      expect((await store.networkOutbox.listFailed(KEY)).map(({ id }) => id)).toEqual(["a", "b"]);
      expect(await store.networkOutbox.listFailed(OTHER_KEY)).toEqual([]);
      const { outgoing } = toNetwork("again");
      if (outgoing === undefined) throw new Error("a new row has content");
      await store.write((tx) => {
        tx.networkOutbox.requeue({ id: row("a"), key: KEY }, outgoing);
        tx.networkOutbox.requeue({ id: row("c"), key: KEY }, outgoing);
      });
      const queued = await store.networkOutbox.next(KEY, 9);
      expect(queued.map(({ id }) => id)).toEqual(["c", "a"]);
      expect(queued[1]).toMatchObject({ outgoing, attempts: 0, sealed: undefined });
      expect(queued[0]?.outgoing).toEqual(toNetwork("c").outgoing);
    });

    test("receipts move what they name and nothing else", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const id of ["a", "b", "c"]) tx.networkOutbox.add(toNetwork(id));
        for (const id of ["a", "b"]) tx.networkOutbox.setState(row(id), "sent");
        tx.networkOutbox.receipt(KEY, [remote("A"), remote("unknown")], "read");
        tx.networkOutbox.receipt(KEY, [remote("A"), remote("B")], "delivered");
        tx.networkOutbox.receipt(OTHER_KEY, [remote("B")], "read");
      });
      expect([await stateOf(store, "a"), await stateOf(store, "b"), await stateOf(store, "c")]).toEqual([
        "read",
        "delivered",
        "queued",
      ]);
    });

    test("the chat of a message is found by its login and id, whatever became of it, as long as its row is kept", async () => {
      await using it = await open();
      const { store } = it;
      const group = { login: LOGIN, chat: "a-group" as ChatId };
      await store.write((tx) => {
        tx.networkOutbox.add(toNetwork("a"));
        tx.networkOutbox.add(toNetwork("b", { key: group }));
        tx.networkOutbox.setState(row("b"), "delivered");
      });
      const chatOf = (login: LoginId, id: string) => store.networkOutbox.chatOf(login, remote(id));
      expect([await chatOf(LOGIN, "A"), await chatOf(LOGIN, "B")]).toEqual([KEY.chat, group.chat]);
      expect([await chatOf(OTHER_LOGIN, "A"), await chatOf(LOGIN, "C")]).toEqual([undefined, undefined]);
      await store.write((tx) => tx.networkOutbox.remove(row("b")));
      expect(await chatOf(LOGIN, "B")).toBeUndefined();
    });

    test("a week after, the text of what was sent is gone; of what waits it is kept", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        for (const id of ["a", "b"]) tx.networkOutbox.add(toNetwork(id));
        tx.networkOutbox.setState(row("a"), "sent");
      });
      await swept(store, START + 6 * DAY);
      expect((await store.networkOutbox.byEvent(event("a")))?.outgoing).toBeDefined();
      await swept(store, START + 8 * DAY);
      expect((await store.networkOutbox.byEvent(event("a")))?.outgoing).toBeUndefined();
      expect((await store.networkOutbox.next(KEY, 9))[0]?.outgoing).toEqual(toNetwork("b").outgoing);
    });
  });

  test("senders are told apart in what is known", async () => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => tx.networkInbox.take(LOGIN, fromNetwork("M1"), START));
    const other = { ...fromNetwork("M1"), sender: "cas" as PersonId };
    expect(await store.networkInbox.hasTaken(LOGIN, other)).toBe(false);
    expect(await store.networkInbox.hasTaken(LOGIN, { ...other, sender: BRAM })).toBe(true);
  });
}
