import { describe, expect, test } from "@jest/globals";
import {
  ANA,
  BRAM,
  event,
  fromOurselves,
  GHOST,
  KEY,
  LOGIN,
  link,
  login,
  type OpenStoreUnderTest,
  ROOM,
  remote,
  row,
  START,
  toMatrix,
} from "./store-fixtures.ts";

const own = link("M1", { sender: undefined });

export function ownMessages(open: OpenStoreUnderTest): void {
  describe("what our person wrote on another device", () => {
    test("is linked as theirs, with who shows it, from when it is queued", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.matrixOutbox.add(toMatrix("a", { sender: ANA, link: own }));
        tx.matrixOutbox.add(toMatrix("b", { link: link("M2") }));
      });
      expect(await store.messages.parts(KEY, remote("M1"))).toEqual([
        { part: 0, sender: undefined, shownBy: ANA },
      ]);
      await store.write((tx) => {
        tx.matrixOutbox.sent(row("a"), event("1"));
        tx.matrixOutbox.sent(row("b"), event("2"));
      });
      expect(await store.messages.parts(KEY, remote("M1"))).toEqual([
        { part: 0, sender: undefined, shownBy: ANA },
      ]);
      expect(await store.messages.byEvent(ROOM, event("1"))).toMatchObject({
        sender: undefined,
        shownBy: ANA,
      });
      const theirs = await store.messages.byEvent(ROOM, event("2"));
      expect(theirs?.sender).toBe(BRAM);
      expect(theirs && "shownBy" in theirs).toBe(false);
    });

    test("is of no contact's reading, nor told to the network as read", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.matrixOutbox.add(toMatrix("a", { sender: ANA, link: own }));
        tx.matrixOutbox.sent(row("a"), event("1"));
      });
      expect(await store.messages.placeOf(ROOM, event("1"))).toBeUndefined();
      expect(await store.messages.between(ROOM, 0, 1_000, 9)).toEqual([]);
    });

    test("may be sent by somebody else, as long as it was not sent", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.matrixOutbox.add(toMatrix("a", { sender: ANA, link: own }));
        tx.matrixOutbox.handOver(row("a"), { sender: GHOST, content: { body: "by a ghost" } });
      });
      expect(await store.matrixOutbox.next(ROOM, 9)).toMatchObject([
        { sender: GHOST, content: { body: "by a ghost" } },
      ]);
      expect(await store.matrixOutbox.madeBy(row("a"))).toEqual({
        room: ROOM,
        sender: GHOST,
        insteadOf: ANA,
        event: undefined,
      });
      await store.write((tx) => {
        tx.matrixOutbox.sent(row("a"), event("1"));
        tx.matrixOutbox.sent(row("a"), event("2"));
        tx.matrixOutbox.handOver(row("a"), { sender: ANA, content: {} });
      });
      expect(await store.matrixOutbox.madeBy(row("a"))).toEqual({
        room: ROOM,
        sender: GHOST,
        insteadOf: ANA,
        event: event("1"),
      });
      expect(await store.messages.events(KEY, remote("M1"))).toMatchObject([
        { event: event("1"), shownBy: GHOST },
      ]);
      expect(await store.matrixOutbox.madeBy(row("never"))).toBeUndefined();
    });

    test("is edited by events that know which event they change, once they are sent", async () => {
      await using it = await open();
      const { store } = it;
      const of = { ...KEY, id: remote("M1"), part: 0, room: ROOM, at: START, event: undefined } as const;
      const revision = { ...of, original: undefined, remote: remote("E1") };
      await store.write((tx) => {
        tx.logins.add(login());
        tx.matrixOutbox.add(toMatrix("a", { sender: ANA, link: own }));
        tx.matrixOutbox.add(toMatrix("b", { sender: ANA }));
        tx.matrixOutbox.add(toMatrix("c"));
        tx.revisions.add({ ...revision, sender: undefined, row: row("b") });
        tx.revisions.add({ ...revision, sender: BRAM, row: row("c") });
        for (const [id, made] of [
          ["a", "1"],
          ["b", "2"],
          ["c", "3"],
        ] as const)
          tx.matrixOutbox.sent(row(id), event(made));
      });
      expect(await store.revisions.byEvent(ROOM, event("2"))).toMatchObject({ original: event("1") });
      expect((await store.revisions.ofEvent(ROOM, event("1"))).map((one) => one.event)).toEqual([event("2")]);
      expect((await store.revisions.byEvent(ROOM, event("3")))?.original).toBeUndefined();
    });

    test("is known by its sender among the network's events, and comes back as nobody's", async () => {
      await using it = await open();
      const { store } = it;
      const mine = fromOurselves("M1");
      expect(await store.networkInbox.hasTaken(LOGIN, mine)).toBe(false);
      await store.write((tx) => tx.networkInbox.take(LOGIN, mine, START));
      expect(await store.networkInbox.hasTaken(LOGIN, mine)).toBe(true);
      expect(await store.networkInbox.hasTaken(LOGIN, { ...mine, sender: BRAM })).toBe(false);
      const [taken] = await store.networkInbox.next(KEY, 9);
      expect(taken?.event.sender).toBeUndefined();
      expect(taken?.event).toMatchObject({ kind: "message", id: "M1" });
    });
  });
}
