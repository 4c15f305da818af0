import { describe, expect, test } from "@jest/globals";
import type { ChatId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import {
  BRAM,
  CHAT,
  contact,
  event,
  fromNetwork,
  GHOST,
  KEY,
  LOGIN,
  link,
  login,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_LOGIN,
  OTHER_ROOM,
  portal,
  ROOM,
  reaction,
  remote,
  row,
  START,
  toMatrix,
  toNetwork,
  WHATSAPP,
} from "./store-fixtures.ts";

const ACCOUNT = { chat: "account" as ChatId, person: "account" as PersonId };
const NOW = { login: LOGIN, chat: ACCOUNT.chat };
const ID = { ...NOW, person: ACCOUNT.person, was: { chat: CHAT, person: BRAM } };
const ghost = { network: WHATSAPP, person: BRAM, user: GHOST, name: "+31", profile: "named" } as const;

export function formerIds(open: OpenStoreUnderTest): void {
  describe("a contact who is proved to be somebody", () => {
    test("has all that was the former id's, and nothing of it stays behind", async () => {
      await using it = await open();
      await it.store.write((tx) => {
        tx.logins.add(login());
        tx.logins.add(login({ id: OTHER_LOGIN }));
        tx.portals.add(portal());
        tx.portals.add(portal({ ...OTHER_KEY, room: OTHER_ROOM, createKey: "other" }));
        tx.ghosts.add({ ...ghost, shown: "", avatar: "", picture: undefined });
        tx.contacts.setBlocked(LOGIN, BRAM, CHAT, true);
        tx.matrixOutbox.add(toMatrix("shown", { link: link("M1") }));
        tx.matrixOutbox.sent(row("shown"), event("shown"));
        tx.matrixOutbox.add(toMatrix("queued", { link: link("M2") }));
        tx.matrixOutbox.add(
          toMatrix("about", { target: { kind: "message", ...KEY, id: remote("M1"), part: 0 } }),
        );
        tx.reactions.put(reaction({ row: row("r") }));
        tx.withdrawn.add(KEY, { id: remote("M0"), sender: BRAM, part: undefined });
        tx.networkInbox.take(LOGIN, fromNetwork("waits"), START);
        tx.networkInbox.take(OTHER_LOGIN, fromNetwork("another's"), START);
        tx.networkOutbox.add(toNetwork("a"));
        tx.records.set(`login/${LOGIN}/read`, CHAT, "7");
        tx.records.set(`login/${LOGIN}/files`, `${CHAT} M1`, "file");
        tx.records.set(`login/${OTHER_LOGIN}/read`, CHAT, "9");
        tx.formerIds.join(ID, WHATSAPP, START);
        // Told once more, it changes nothing.
        tx.formerIds.join(ID, WHATSAPP, START);
      });
      const store = await it.reopen();
      expect(await store.formerIds.of(LOGIN)).toEqual([ID]);
      expect(await store.formerIds.of(OTHER_LOGIN)).toEqual([]);
      expect(await store.portals.byChat(NOW)).toEqual(portal({ ...ACCOUNT, member: "none" }));
      expect(await store.portals.byChat(KEY)).toBeUndefined();
      expect(await store.contacts.get(LOGIN, ACCOUNT.person)).toEqual(contact({ ...ACCOUNT, blocked: true }));
      expect(await store.contacts.get(LOGIN, BRAM)).toBeUndefined();
      expect(await store.messages.events(NOW, remote("M1"))).toMatchObject([
        { ...NOW, sender: ACCOUNT.person },
      ]);
      expect(await store.messages.parts(NOW, remote("M2"))).toMatchObject([{ sender: ACCOUNT.person }]);
      expect(
        (await store.matrixOutbox.next(ROOM, 9)).map(({ link: of, target }) => of ?? target),
      ).toMatchObject([{ ...NOW, sender: ACCOUNT.person }, NOW]);
      expect(await store.reactions.of(NOW, remote("M1"), ACCOUNT.person)).toMatchObject(NOW);
      expect(await store.withdrawn.of(NOW, remote("M0"))).toEqual([
        { sender: ACCOUNT.person, part: undefined },
      ]);
      expect((await store.networkInbox.next(NOW, 9)).map((one) => one.event)).toEqual([
        { ...fromNetwork("waits"), chat: ACCOUNT.chat, sender: ACCOUNT.person },
      ]);
      expect((await store.networkOutbox.next(NOW, 9)).map((one) => one.key)).toEqual([NOW]);
      expect(await store.records.get(`login/${LOGIN}/read`, ACCOUNT.chat)).toBe("7");
      expect(await store.records.get(`login/${LOGIN}/files`, `${ACCOUNT.chat} M1`)).toBe("file");
      expect(await store.records.all(`login/${LOGIN}/read`)).toHaveLength(1);
      // Another login knows them as before, and so their ghost stays.
      expect(await store.portals.byChat(OTHER_KEY)).toMatchObject({ person: BRAM });
      expect(await store.networkInbox.next(OTHER_KEY, 9)).toHaveLength(1);
      expect(await store.records.get(`login/${OTHER_LOGIN}/read`, CHAT)).toBe("9");
      expect(await store.ghosts.byPerson(WHATSAPP, BRAM)).toMatchObject({ user: GHOST });
      expect(await store.ghosts.byPerson(WHATSAPP, ACCOUNT.person)).toBeUndefined();
      // The chat is not begun again under the former id.
      await store.write((tx) => tx.portals.add(portal()));
      expect(await store.portals.byChat(KEY)).toBeUndefined();
      await store.write((tx) => tx.logins.empty(LOGIN));
      expect(await store.formerIds.of(LOGIN)).toEqual([]);
    });

    test("is in a group once, under the id that is theirs now", async () => {
      await using it = await open();
      const [one, two] = ["group-1" as ChatId, "group-2" as ChatId];
      const group = {
        login: LOGIN,
        network: WHATSAPP,
        kind: "group",
        state: "open",
        member: "joined",
        name: "",
        topic: "",
        avatar: "",
        picture: "",
        powers: "",
        self: "",
        permissions: { writes: "member", changes: "member" },
      } as const;
      const member = (chat: ChatId, person: PersonId, role: "member" | "admin") =>
        ({ login: LOGIN, chat, person, role, membership: "joined" }) as const;
      await it.store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.portals.add({ ...group, chat: one, createKey: "1", room: undefined });
        tx.portals.add({ ...group, chat: two, createKey: "2", room: undefined });
        tx.portalMembers.put(member(one, BRAM, "admin"));
        tx.portalMembers.put(member(two, BRAM, "member"));
        tx.portalMembers.put(member(two, ACCOUNT.person, "admin"));
        tx.formerIds.join(ID, WHATSAPP, START);
      });
      const { portalMembers } = await it.reopen();
      expect(await portalMembers.of({ login: LOGIN, chat: one })).toEqual([
        member(one, ACCOUNT.person, "admin"),
      ]);
      const inTwo = { login: LOGIN, chat: two };
      expect(await portalMembers.get(inTwo, ACCOUNT.person)).toEqual(member(two, ACCOUNT.person, "admin"));
      expect(await portalMembers.get(inTwo, BRAM)).toMatchObject({ membership: "left" });
      expect(await portalMembers.count(inTwo)).toBe(1);
    });

    test("is found by the id that was proved last, even if it was a former one", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.formerIds.join(ID, WHATSAPP, START);
        tx.formerIds.join(
          { ...KEY, person: BRAM, was: { chat: ACCOUNT.chat, person: ACCOUNT.person } },
          WHATSAPP,
          START,
        );
      });
      expect(await store.formerIds.of(LOGIN)).toEqual([
        { ...KEY, person: BRAM, was: { chat: ACCOUNT.chat, person: ACCOUNT.person } },
      ]);
      expect(await store.portals.byChat(KEY)).toMatchObject({ room: ROOM, person: BRAM });
    });

    test.each([
      ["older", START - 1, "open", ROOM],
      ["younger", START + 1, "open", OTHER_ROOM],
      ["an archive", START - 1, "archived", OTHER_ROOM],
    ] as const)("keeps one of two rooms: the former one is %s", async (_, at, state, kept) => {
      await using it = await open();
      const { store } = it;
      const other = portal({ ...ACCOUNT, room: OTHER_ROOM, createKey: "other" });
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal({ state }));
        tx.portals.add(other);
        tx.messages.add({ ...link("M1", { at }), room: ROOM, event: event("1") });
        tx.messages.add({
          ...link("M2", { ...ACCOUNT, sender: ACCOUNT.person }),
          room: OTHER_ROOM,
          event: event("2"),
        });
        tx.ghosts.add({ ...ghost, shown: "", avatar: "", picture: undefined });
        tx.formerIds.join(ID, WHATSAPP, START + 5);
      });
      const left: RoomId = kept === ROOM ? OTHER_ROOM : ROOM;
      expect(await store.portals.ofLogin(LOGIN)).toMatchObject([
        { ...NOW, person: ACCOUNT.person, room: kept, member: "joined" },
      ]);
      expect(await store.formerRooms.of(NOW)).toEqual([
        { ...NOW, room: left, followed: false, carried: false, at: START + 5 },
      ]);
      expect((await store.messages.events(NOW, remote("M1")))[0]?.room).toBe(ROOM);
      expect((await store.messages.events(NOW, remote("M2")))[0]?.room).toBe(OTHER_ROOM);
      // Nobody else has their ghost.
      expect(await store.ghosts.byPerson(WHATSAPP, ACCOUNT.person)).toMatchObject({ user: GHOST });
    });
  });
}
