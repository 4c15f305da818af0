import { describe, expect, test } from "@jest/globals";
import type { LoginId } from "../../src/core/model/ids.ts";
import { hostedFiles } from "../../src/networks/meta-interop/hosted-files.ts";
import { aciOf, signalRecords } from "../../src/signal-protocol/signal-records.ts";
import {
  BRAM,
  event,
  fromMatrix,
  fromNetwork,
  KEY,
  LOGIN,
  link,
  login,
  type OpenStoreUnderTest,
  OTHER_ROOM,
  portal,
  ROOM,
  reaction,
  remote,
  row,
  START,
  toMatrix,
  toNetwork,
} from "./store-fixtures.ts";

export function removal(open: OpenStoreUnderTest): void {
  describe("a login that is removed", () => {
    test("takes its queues, contacts, mappings, keys and records with it", async () => {
      await using it = await open();
      const { store } = it;
      const letter = {
        direction: "to-matrix",
        key: KEY,
        ref: "M1",
        reason: "r",
        at: START,
        body: "{}",
      } as const;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.contacts.setBlocked(LOGIN, BRAM, KEY.chat, true);
        tx.reactions.put(reaction());
        tx.family(hostedFiles).add({ id: "f", login: LOGIN, size: 1, at: START });
        tx.matrixOutbox.add(
          toMatrix("c", { target: { kind: "message", ...KEY, id: remote("M1"), part: 0 } }),
        );
        tx.messages.add({ ...link("M1"), room: ROOM, event: event("1") });
        tx.networkInbox.take(LOGIN, fromNetwork("M2"), START);
        tx.networkOutbox.add(toNetwork("a"));
        tx.networkOutbox.setState(row("a"), "sent");
        tx.matrixOutbox.add(toMatrix("b", { link: link("M2") }));
        tx.family(signalRecords).setSession(aciOf(LOGIN), { name: "a", device: 1 }, Uint8Array.of(1));
        tx.deadLetters.add(letter);
        tx.records.set(`login/${LOGIN}`, "n", "v");
        tx.records.set(`login/${LOGIN}/times`, "n", "v");
        tx.records.set(`login/${LOGIN}x`, "n", "another's");
        tx.records.set("login", "n", "everybody's");
      });
      await store.write((tx) => tx.logins.remove(LOGIN));
      expect(await store.logins.get(LOGIN)).toBeUndefined();
      expect(await store.contacts.get(LOGIN, BRAM)).toBeUndefined();
      expect(await store.messages.byEvent(ROOM, event("1"))).toBeUndefined();
      expect(await store.reactions.of(KEY, remote("M1"), BRAM)).toBeUndefined();
      expect(await store.family(hostedFiles).stale(START)).toEqual(["f"]);
      expect(await store.matrixOutbox.count()).toBe(0);
      expect(await store.networkInbox.hasTaken(LOGIN, fromNetwork("M2"))).toBe(false);
      expect(await store.networkOutbox.byRemote(KEY, remote("A"))).toBeUndefined();
      expect(
        await store.family(signalRecords).session(aciOf(LOGIN), { name: "a", device: 1 }),
      ).toBeUndefined();
      expect(await store.deadLetters.count(LOGIN)).toBe(0);
      expect(await store.records.get(`login/${LOGIN}`, "n")).toBeUndefined();
      expect(await store.records.get(`login/${LOGIN}/times`, "n")).toBeUndefined();
      expect(await store.records.get(`login/${LOGIN}x`, "n")).toBe("another's");
      expect(await store.records.get("login", "n")).toBe("everybody's");
    });

    test("leaves what waits to be sent for its person to be told of, without the text", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.networkOutbox.add(toNetwork("a"));
        tx.networkOutbox.seal(row("a"), Uint8Array.of(1));
        tx.logins.remove(LOGIN);
      });
      const [left] = await store.networkOutbox.next(KEY, 9);
      expect(left).toMatchObject({ id: "a", event: event("a"), outgoing: undefined, sealed: undefined });
      await store.write((tx) => {
        for (let times = 0; times < 2; times++) tx.networkOutbox.remove(row("a"));
      });
      expect(await store.networkOutbox.get(row("a"))).toBeUndefined();
      expect(await store.networkOutbox.lanes()).toEqual([]);
    });

    test("leaves of its portals the archived room, and not who was in it", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.portals.add(portal({ chat: "unmade" as typeof KEY.chat, createKey: "k2", room: undefined }));
        tx.logins.remove(LOGIN);
      });
      const left = await store.portals.ofLogin(LOGIN);
      expect(left).toHaveLength(1);
      expect(left[0]).toMatchObject({ room: ROOM, state: "archived", person: "" });
      expect((await store.portals.ofRoom(ROOM))[0]).toEqual(left[0]);
      expect(await store.portals.byChat(KEY)).toBeUndefined();
    });

    test("gets nothing back from what was under way", async () => {
      await using it = await open();
      const { store } = it;
      const letter = { direction: "to-matrix", key: KEY, ref: "M3", reason: "r", at: START } as const;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.logins.remove(LOGIN);
        tx.matrixOutbox.add(toMatrix("late", { link: link("M2") }));
        tx.matrixOutbox.sent(row("late"), event("late"));
        tx.deadLetters.add({ ...letter, body: "canary" });
        tx.portals.add(portal());
      });
      for (const word of [KEY.chat, LOGIN, "M2", "M3", "canary"]) expect(it.holds(word)).toBe(false);
    });

    test("is followed by a new one with rooms of its own", async () => {
      await using it = await open();
      const { store } = it;
      const next = "login-next" as LoginId;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.logins.remove(LOGIN);
        tx.logins.add(login({ id: next }));
        tx.portals.add(portal({ login: next, room: OTHER_ROOM }));
      });
      expect((await store.portals.byChat({ ...KEY, login: next }))?.room).toBe(OTHER_ROOM);
      expect((await store.portals.ofRoom(ROOM))[0]?.state).toBe("archived");
    });

    test("leaves what people wrote in its rooms to be answered, and notices to be sent", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.matrixInbox.take(fromMatrix("1"), "push", false);
        tx.matrixOutbox.add(toMatrix("notice"));
        tx.logins.remove(LOGIN);
      });
      expect(await store.matrixInbox.count()).toBe(1);
      expect(await store.matrixOutbox.count()).toBe(1);
    });
  });
}
