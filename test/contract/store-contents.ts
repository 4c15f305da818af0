import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../src/core/model/ids.ts";
import {
  BRAM,
  contact,
  DAY,
  event,
  KEY,
  LOGIN,
  link,
  login,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_ROOM,
  portal,
  ROOM,
  reaction,
  remote,
  row,
  START,
  swept,
  toMatrix,
} from "./store-fixtures.ts";

const CAS = "cas" as PersonId;

export function contents(open: OpenStoreUnderTest): void {
  describe("contacts", () => {
    test("are changed in one thing, which makes them where there are none yet", async () => {
      await using it = await open();
      const { store } = it;
      const nobody = "nobody" as PersonId;
      const chat = KEY.chat;
      await store.write((tx) => {
        tx.contacts.setReachability(LOGIN, BRAM, chat, "off");
        tx.contacts.setTrust(LOGIN, BRAM, chat, "verified");
        tx.contacts.setBlocked(LOGIN, BRAM, chat, true);
        tx.contacts.setTrust(LOGIN, CAS, chat, "changed");
        tx.contacts.setBlocked(LOGIN, nobody, chat, true);
      });
      const whole = contact({ reachability: "off", trust: "verified", blocked: true });
      expect(await store.contacts.get(LOGIN, BRAM)).toEqual(whole);
      expect(await store.contacts.get(LOGIN, CAS)).toEqual(contact({ person: CAS, trust: "changed" }));
      expect(await store.contacts.get(LOGIN, nobody)).toEqual(contact({ person: nobody, blocked: true }));
      await store.write((tx) => {
        tx.contacts.setReachability(LOGIN, BRAM, chat, "reachable");
        tx.contacts.setBlocked(LOGIN, BRAM, chat, false);
      });
      expect(await store.contacts.get(LOGIN, BRAM)).toEqual({
        ...whole,
        reachability: "reachable",
        blocked: false,
      });
    });

    test("are found by their chat", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.contacts.setBlocked(LOGIN, BRAM, KEY.chat, true);
        tx.contacts.setBlocked(LOGIN, CAS, "another" as typeof KEY.chat, true);
      });
      expect(await store.contacts.ofChat(KEY)).toEqual(contact({ blocked: true }));
      expect(await store.contacts.ofChat(OTHER_KEY)).toBeUndefined();
    });

    test("with a new number are another than who was verified; of the rest nothing is noted", async () => {
      await using it = await open();
      const { store } = it;
      const nobody = "nobody" as PersonId;
      await store.write((tx) => {
        tx.contacts.setTrust(LOGIN, BRAM, KEY.chat, "verified");
        tx.contacts.setTrust(LOGIN, CAS, KEY.chat, "unverified");
        for (const person of [BRAM, CAS, nobody]) tx.contacts.setChanged(LOGIN, person);
      });
      expect((await store.contacts.get(LOGIN, BRAM))?.trust).toBe("changed");
      expect((await store.contacts.get(LOGIN, CAS))?.trust).toBe("unverified");
      expect(await store.contacts.get(LOGIN, nobody)).toBeUndefined();
    });
  });

  describe("reactions", () => {
    test("are one a person and message, found by event in their own room only", async () => {
      await using it = await open();
      const { store } = it;
      const own = reaction({ sender: undefined, event: event("own") });
      const first = reaction({ event: event("1") });
      const second = reaction({ event: event("2"), emoji: "🎉" });
      await store.write((tx) => {
        for (const it of [first, own, second]) tx.reactions.put(it);
      });
      expect(await store.reactions.of(KEY, remote("M1"), BRAM)).toEqual(second);
      expect(await store.reactions.of(KEY, remote("M1"), undefined)).toEqual(own);
      expect(await store.reactions.of(OTHER_KEY, remote("M1"), BRAM)).toBeUndefined();
      expect(await store.reactions.byEvent(ROOM, event("1"))).toBeUndefined();
      expect(await store.reactions.byEvent(ROOM, event("2"))).toEqual(second);
      expect(await store.reactions.byEvent(OTHER_ROOM, event("2"))).toBeUndefined();
      await store.write((tx) => tx.reactions.remove(KEY, remote("M1"), undefined));
      expect(await store.reactions.of(KEY, remote("M1"), undefined)).toBeUndefined();
      expect(await store.reactions.of(KEY, remote("M1"), BRAM)).toEqual(second);
    });

    test("know their event once the row that made them was sent", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.matrixOutbox.add(toMatrix("r", { type: "m.reaction" }));
        tx.reactions.put(reaction({ row: row("r") }));
        tx.reactions.put(reaction({ sender: CAS, row: row("other") }));
      });
      await store.write((tx) => tx.matrixOutbox.sent(row("r"), event("made")));
      const made = reaction({ row: row("r"), event: event("made") });
      expect(await store.reactions.byEvent(ROOM, event("made"))).toEqual(made);
      expect((await store.reactions.of(KEY, remote("M1"), CAS))?.event).toBeUndefined();
    });

    test("of ten thousand people stand side by side", async () => {
      await using it = await open();
      const { store } = it;
      const people = Array.from({ length: 10_000 }, (_, n) => `p${n}` as PersonId);
      await store.write((tx) => {
        for (const sender of people) tx.reactions.put(reaction({ sender, event: event(sender) }));
      });
      expect((await store.reactions.byEvent(ROOM, event("p9999")))?.sender).toBe("p9999");
      expect((await store.reactions.of(KEY, remote("M1"), "p0" as PersonId))?.event).toBe("$p0");
    });

    test("go with the chat that is forgotten", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.portals.add(portal());
        tx.reactions.put(reaction({ event: event("1") }));
        tx.portals.remove(KEY);
      });
      expect(await store.reactions.byEvent(ROOM, event("1"))).toBeUndefined();
    });
  });

  describe("the parts of a message", () => {
    test("are those in the room and those on their way to it, by part", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.matrixOutbox.add(toMatrix("b", { link: link("M1", { part: 1 }) }));
        tx.matrixOutbox.add(toMatrix("a", { link: link("M1") }));
        tx.matrixOutbox.add(toMatrix("c", { link: link("M2") }));
        tx.matrixOutbox.add(toMatrix("d", { link: link("M1", { ...OTHER_KEY, part: 2 }) }));
      });
      const both = [
        { part: 0, sender: BRAM },
        { part: 1, sender: BRAM },
      ];
      expect(await store.messages.parts(KEY, remote("M1"))).toEqual(both);
      await store.write((tx) => tx.matrixOutbox.sent(row("a"), event("1")));
      expect(await store.messages.parts(KEY, remote("M1"))).toEqual(both);
      await store.write((tx) => tx.matrixOutbox.abandon(row("b")));
      expect(await store.messages.parts(KEY, remote("M1"))).toEqual([both[0]]);
      expect(await store.messages.parts(KEY, remote("none"))).toEqual([]);
    });

    test("of our own person have no sender", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) =>
        tx.messages.add({ ...link("M1", { sender: undefined }), room: ROOM, event: event("1") }),
      );
      expect(await store.messages.parts(KEY, remote("M1"))).toEqual([{ part: 0, sender: undefined }]);
    });
  });

  test("a sender's newest messages come newest first, each once", async () => {
    await using it = await open();
    const { store } = it;
    const said = (id: string, over: Parameters<typeof link>[1]) => ({
      ...link(id, over),
      room: ROOM,
      event: event(`${id}-${over?.part ?? 0}`),
    });
    await store.write((tx) => {
      tx.messages.add(said("M1", { at: START + 1 }));
      tx.messages.add(said("M3", { at: START + 3 }));
      tx.messages.add(said("M3", { at: START + 3, part: 1 }));
      tx.messages.add(said("M2", { at: START + 2 }));
      tx.messages.add(said("own", { at: START + 9, sender: undefined }));
      tx.messages.add(said("elsewhere", { ...OTHER_KEY, at: START + 9 }));
    });
    expect((await store.messages.newest(KEY, BRAM, 2)).map(({ id }) => id)).toEqual(["M3", "M2"]);
    expect(await store.messages.newest(KEY, BRAM, 9)).toHaveLength(3);
  });

  describe("a row that refers to another event", () => {
    const target = { kind: "message", ...KEY, id: remote("M1"), part: 2 } as const;

    test("keeps what it refers to", async () => {
      await using it = await open();
      const rows = [
        toMatrix("a", { target }),
        toMatrix("b", { target: { kind: "row", id: row("a") } }),
        toMatrix("c"),
      ];
      await it.store.write((tx) => {
        for (const each of rows) tx.matrixOutbox.add(each);
      });
      const again = await it.reopen();
      const fresh = { attempts: 0 };
      expect(await again.matrixOutbox.next(ROOM, 9)).toEqual(rows.map((each) => ({ ...each, ...fresh })));
    });

    test("finds the event a row was sent as for a month after", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.matrixOutbox.add(toMatrix("a", { target }));
        tx.matrixOutbox.add(toMatrix("b"));
      });
      expect((await store.matrixOutbox.sentAs(row("a")))?.event).toBeUndefined();
      await store.write((tx) => {
        tx.matrixOutbox.sent(row("a"), event("1"));
        tx.matrixOutbox.abandon(row("b"));
      });
      await swept(store, START + 30 * DAY);
      expect((await store.matrixOutbox.sentAs(row("a")))?.event).toBe("$1");
      expect((await store.matrixOutbox.sentAs(row("b")))?.event).toBeUndefined();
      expect((await store.matrixOutbox.sentAs(row("none")))?.event).toBeUndefined();
      expect(it.holds(target.id)).toBe(false);
    });
  });
}
