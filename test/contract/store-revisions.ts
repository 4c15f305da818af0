import { describe, expect, test } from "@jest/globals";
import type { Revision, Withdrawn } from "../../src/core/ports/rows.ts";
import {
  BRAM,
  event,
  KEY,
  LOGIN,
  link,
  login,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_ROOM,
  ROOM,
  reaction,
  remote,
  row,
  START,
  toMatrix,
  toNetwork,
} from "./store-fixtures.ts";

const revision = (over: Partial<Revision> = {}): Revision => ({
  ...KEY,
  id: remote("M1"),
  part: 0,
  sender: BRAM,
  room: ROOM,
  original: undefined,
  event: undefined,
  row: row("a"),
  remote: remote("E1"),
  at: START,
  ...over,
});

const own = (name: string, over: Partial<Revision> = {}): Revision =>
  revision({ sender: undefined, original: event("mine"), event: event(name), row: undefined, ...over });

export function revisions(open: OpenStoreUnderTest): void {
  describe("edits", () => {
    test("of a contact know their event once it is sent, also after the file is opened again", async () => {
      await using it = await open();
      await it.store.write((tx) => {
        tx.matrixOutbox.add(toMatrix("a"));
        tx.revisions.add(revision());
        tx.revisions.add(revision({ part: 1, row: row("b") }));
      });
      expect(await it.store.revisions.ofMessage(KEY, remote("M1"))).toEqual([
        revision(),
        revision({ part: 1, row: row("b") }),
      ]);
      await it.store.write((tx) => tx.matrixOutbox.sent(row("a"), event("edit")));
      const store = await it.reopen();
      const sent = revision({ event: event("edit") });
      expect(await store.revisions.byEvent(ROOM, event("edit"))).toEqual(sent);
      expect(await store.revisions.byEvent(OTHER_ROOM, event("edit"))).toBeUndefined();
      expect(await store.revisions.byRemote(KEY, remote("E1"))).toEqual(sent);
      expect(await store.revisions.byRemote(OTHER_KEY, remote("E1"))).toBeUndefined();
      expect(await store.revisions.ofMessage(OTHER_KEY, remote("M1"))).toEqual([]);
    });

    test("of our person's are in the order in which clients show them", async () => {
      await using it = await open();
      const { store } = it;
      const [late, early, alsoLate] = [own("b", { at: START + 2 }), own("c"), own("a", { at: START + 2 })];
      await store.write((tx) => {
        for (const one of [late, early, alsoLate]) tx.revisions.add(one);
      });
      expect(await store.revisions.ofEvent(ROOM, event("mine"))).toEqual([early, alsoLate, late]);
      await store.write((tx) => tx.revisions.remove(ROOM, event("b")));
      expect(await store.revisions.ofEvent(ROOM, event("mine"))).toEqual([early, alsoLate]);
      expect(await store.revisions.ofEvent(OTHER_ROOM, event("mine"))).toEqual([]);
    });

    test("of one part lose their events with it, and still lead to the message", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.revisions.add(revision());
        tx.revisions.add(revision({ part: 1 }));
        tx.revisions.add(own("mine"));
        tx.revisions.forget(KEY, { id: remote("M1"), part: 0, sender: BRAM });
      });
      const left = await store.revisions.ofMessage(KEY, remote("M1"));
      expect(left).toEqual([revision({ row: undefined }), revision({ part: 1 }), own("mine")]);
      expect((await store.revisions.byRemote(KEY, remote("E1")))?.id).toBe("M1");
    });
  });

  test("what was withdrawn is known by message, writer and part, until it is restored", async () => {
    await using it = await open();
    const { store } = it;
    const id = remote("M1");
    const [whole, part, ours]: readonly Withdrawn[] = [
      { id, sender: BRAM, part: undefined },
      { id, sender: BRAM, part: 2 },
      { id, sender: undefined, part: undefined },
    ];
    await store.write((tx) => {
      for (const one of [whole, part, ours, whole]) if (one) tx.withdrawn.add(KEY, one);
    });
    expect(await store.withdrawn.of(KEY, id)).toHaveLength(3);
    expect(await store.withdrawn.of(OTHER_KEY, id)).toEqual([]);
    await store.write((tx) => whole && tx.withdrawn.remove(KEY, whole));
    expect(await store.withdrawn.of(KEY, id)).toEqual([
      { sender: undefined, part: undefined },
      { sender: BRAM, part: 2 },
    ]);
  });

  test("an event that shows several messages of the network's shows the newest; each can be let go of", async () => {
    await using it = await open();
    const { store } = it;
    const message = (name: string, at: number, form?: string) => ({
      ...link(name, { sender: undefined, at }),
      room: ROOM,
      event: event("1"),
      ...(form === undefined ? {} : { form }),
    });
    await store.write((tx) => {
      tx.messages.add(message("Z1", START, "text"));
      tx.messages.add(message("A2", START + 1));
    });
    expect(await store.messages.byEvent(ROOM, event("1"))).toEqual(message("A2", START + 1));
    await store.write((tx) => tx.messages.remove(KEY, { id: remote("A2"), sender: BRAM }));
    expect((await store.messages.byEvent(ROOM, event("1")))?.id).toBe("A2");
    await store.write((tx) => tx.messages.remove(KEY, { id: remote("A2"), sender: undefined }));
    expect(await store.messages.byEvent(ROOM, event("1"))).toEqual(message("Z1", START, "text"));
  });

  test("an event makes several messages of the network's, each in its place once", async () => {
    await using it = await open();
    const { store } = it;
    const of = { event: event("1") };
    await store.write((tx) => {
      tx.networkOutbox.add(toNetwork("b", { ...of, item: 1 }));
      tx.networkOutbox.add(toNetwork("a", of));
      tx.networkOutbox.add(toNetwork("c", { ...of, item: 1 }));
    });
    expect((await store.networkOutbox.ofEvent(event("1"))).map(({ id, item }) => [id, item])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    expect((await store.networkOutbox.byEvent(event("1")))?.id).toBe("a");
    expect((await store.networkOutbox.get(row("b")))?.item).toBe(1);
    expect(await store.networkOutbox.get(row("c"))).toBeUndefined();
    expect((await store.networkOutbox.next(KEY, 9)).map(({ id }) => id)).toEqual(["b", "a"]);
  });

  test("reactions to a message are found, and edits and what was withdrawn go with the login", async () => {
    await using it = await open();
    const { store } = it;
    const mine = reaction({ sender: undefined, event: event("r2"), row: undefined });
    await store.write((tx) => {
      tx.logins.add(login());
      tx.reactions.put(reaction());
      tx.reactions.put(mine);
      tx.revisions.add(revision());
      tx.withdrawn.add(KEY, { id: remote("M1"), sender: BRAM, part: undefined });
    });
    const { target } = reaction();
    expect(await store.reactions.ofMessage(KEY, target)).toEqual(expect.arrayContaining([reaction(), mine]));
    expect(await store.reactions.ofMessage(OTHER_KEY, target)).toEqual([]);
    await store.write((tx) => tx.logins.remove(LOGIN));
    expect(await store.revisions.ofMessage(KEY, remote("M1"))).toEqual([]);
    expect(await store.withdrawn.of(KEY, remote("M1"))).toEqual([]);
  });
}
