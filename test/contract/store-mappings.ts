import { describe, expect, test } from "@jest/globals";
import type { MessageId, NetworkId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { DeadLetter, Ghost, Message, NewNetworkOutboxRow } from "../../src/core/ports/rows.ts";
import {
  ANA,
  BRAM,
  DAY,
  event,
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
  row,
  START,
  swept,
  toMatrix,
  toNetwork,
  WHATSAPP,
} from "./store-fixtures.ts";

export function mappings(open: OpenStoreUnderTest): void {
  describe("portals", () => {
    test("are found by chat and by room", async () => {
      await using it = await open();
      const { store } = it;
      const young = portal({ room: undefined, state: "making", member: "none" });
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(young);
      });
      expect(await store.portals.byChat(KEY)).toEqual(young);
      expect((await store.portals.ofRoom(ROOM))[0]).toBeUndefined();
      await store.write((tx) => {
        tx.portals.setRoom(KEY, ROOM);
        tx.portals.setState(KEY, "open");
        tx.portals.setMember(KEY, "joined");
      });
      expect((await store.portals.ofRoom(ROOM))[0]).toEqual(portal());
      expect(await store.portals.ofLogin(LOGIN)).toEqual([portal()]);
      expect(await store.portals.ofPerson(WHATSAPP, BRAM)).toEqual([portal()]);
      expect(await store.portals.ofPerson("messenger" as NetworkId, BRAM)).toEqual([]);
    });

    test("a room is for a chat that is there", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.setRoom(KEY, ROOM);
      });
      expect((await store.portals.ofRoom(ROOM))[0]).toBeUndefined();
      await store.write((tx) => {
        tx.portals.add(portal({ room: undefined }));
        tx.portals.setRoom(KEY, ROOM);
      });
      expect((await store.portals.ofRoom(ROOM))[0]).toEqual(portal());
    });

    test("a chat has one: the second is ignored, until the first is removed", async () => {
      await using it = await open();
      const { store } = it;
      const second = portal({ createKey: "second", room: OTHER_ROOM });
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
        tx.portals.add(second);
      });
      expect(await store.portals.byChat(KEY)).toEqual(portal());
      await store.write((tx) => tx.portals.remove(KEY));
      expect(await store.portals.byChat(KEY)).toBeUndefined();
      await store.write((tx) => tx.portals.add(second));
      expect(await store.portals.byChat(KEY)).toEqual(second);
    });
  });

  test("ghosts are found by person and by user; the first one stays", async () => {
    await using it = await open();
    const { store } = it;
    const bram: Ghost = {
      network: WHATSAPP,
      person: BRAM,
      user: GHOST,
      name: "Bram",
      profile: "none",
      shown: "",
      avatar: "",
      picture: undefined,
    };
    await store.write((tx) => {
      tx.ghosts.add(bram);
      tx.ghosts.add({ ...bram, name: "Not Bram" });
      tx.ghosts.setProfile(WHATSAPP, BRAM, "named");
    });
    expect(await store.ghosts.byPerson(WHATSAPP, BRAM)).toEqual({ ...bram, profile: "named" });
    await store.write((tx) => tx.ghosts.setName(WHATSAPP, BRAM, "Bram V."));
    expect(await store.ghosts.byUser(GHOST)).toMatchObject({ name: "Bram V." });
    expect(await store.ghosts.byPerson("messenger" as NetworkId, BRAM)).toBeUndefined();
    await store.write((tx) => tx.ghosts.setShown(WHATSAPP, BRAM, "Bram V. (WhatsApp)"));
    const shown = { name: "Bram V.", profile: "named", shown: "Bram V. (WhatsApp)" } as const;
    expect(await store.ghosts.all()).toEqual([{ ...bram, ...shown }]);
    await store.write((tx) => tx.ghosts.setAvatar(WHATSAPP, BRAM, "#1b8f4d B"));
    expect(await store.ghosts.byUser(GHOST)).toEqual({ ...bram, ...shown, avatar: "#1b8f4d B" });
  });

  test("messages are found by part order, and by event in their own room and chat only", async () => {
    await using it = await open();
    const { store } = it;
    const first = { ...link("M1"), room: ROOM, event: event("1") };
    const second = { ...link("M1", { part: 1 }), room: ROOM, event: event("2") };
    const own = { ...link("M2", { sender: undefined }), room: ROOM, event: event("3") };
    await store.write((tx) => {
      for (const message of [second, first, first, own]) tx.messages.add(message);
    });
    expect(await store.messages.events(KEY, "M1" as MessageId)).toEqual([first, second]);
    expect(await store.messages.events(OTHER_KEY, "M1" as MessageId)).toEqual([]);
    expect(await store.messages.byEvent(ROOM, event("3"))).toEqual(own);
    expect(await store.messages.byEvent(OTHER_ROOM, event("3"))).toBeUndefined();
  });

  test("the messages that one event became are found in their order, and so are their rows", async () => {
    await using it = await open();
    const { store } = it;
    const several = ["M9", "M5", "M7"].map((id) => ({
      ...link(id, { sender: undefined }),
      room: ROOM,
      event: event("gallery"),
    }));
    const rows = several.map((_, item) => toNetwork(`g${item}`, { event: event("gallery"), item }));
    const [again, ...others] = rows;
    await store.write((tx) => {
      for (const item of [2, 0, 1]) tx.messages.add(several[item] as Message, item);
      for (const one of [...others, again, { ...again, id: row("other") }])
        tx.networkOutbox.add(one as NewNetworkOutboxRow);
    });
    expect(await store.messages.ofEvent(ROOM, event("gallery"))).toEqual(several);
    expect(await store.messages.byEvent(ROOM, event("gallery"))).toEqual(several[0]);
    expect(await store.messages.ofEvent(OTHER_ROOM, event("gallery"))).toEqual([]);
    const kept = await store.networkOutbox.ofEvent(event("gallery"));
    expect(kept.map(({ id, item }) => [id, item])).toEqual(rows.map(({ id, item }) => [id, item]));
    expect(await store.networkOutbox.byEvent(event("gallery"))).toMatchObject({ id: again?.id, item: 0 });
    await store.write((tx) => tx.networkOutbox.setState(row("g1"), "sent"));
    expect(await store.networkOutbox.queuedOf(event("gallery"))).toEqual(
      [rows[0], rows[2]].map((one) => ({ id: one?.id, item: one?.item })),
    );
  });

  test("a contact's messages between two places are found in order, the newest where they are many", async () => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => {
      tx.logins.add(login());
      for (const name of ["1", "2", "3"]) {
        tx.matrixOutbox.add(toMatrix(name, { link: link(`M${name}`) }));
        tx.matrixOutbox.add(toMatrix(`${name}b`, { link: link(`M${name}`, { part: 1 }) }));
        tx.matrixOutbox.add(toMatrix(`${name}n`));
        for (const id of [name, `${name}b`, `${name}n`]) tx.matrixOutbox.sent(row(id), event(id));
      }
      tx.messages.add({ ...link("M9", { sender: undefined }), room: ROOM, event: event("own") });
    });
    const [first, last] = [
      await store.messages.placeOf(ROOM, event("1")),
      await store.messages.placeOf(ROOM, event("3")),
    ] as [number, number];
    expect(await store.messages.placeOf(OTHER_ROOM, event("1"))).toBeUndefined();
    expect(await store.messages.placeOf(ROOM, event("own"))).toBeUndefined();
    expect(await store.messages.placeOf(ROOM, event("1n"))).toBeUndefined();
    const ids = async (after: number, upTo: number, limit = 9) =>
      (await store.messages.between(ROOM, after, upTo, limit)).map(({ id }) => id);
    expect(await ids(0, last)).toEqual(["M1", "M2", "M3"]);
    expect(await ids(0, last - 1)).toEqual(["M1", "M2"]);
    expect(await ids(first + 1, last)).toEqual(["M2", "M3"]);
    expect(await ids(0, last, 2)).toEqual(["M2", "M3"]);
    expect(await store.messages.between(OTHER_ROOM, 0, last, 9)).toEqual([]);
  });

  test("two people of a chat may use one message id", async () => {
    await using it = await open();
    const { store } = it;
    const theirs = { ...link("M1"), room: ROOM, event: event("1") };
    const ours = { ...link("M1", { sender: undefined }), room: ROOM, event: event("2") };
    await store.write((tx) => {
      tx.messages.add(theirs);
      tx.messages.add(ours);
    });
    expect(await store.messages.byEvent(ROOM, event("1"))).toEqual(theirs);
    expect(await store.messages.byEvent(ROOM, event("2"))).toEqual(ours);
  });

  test("a person has one management room, and a room one owner", async () => {
    await using it = await open();
    const { store } = it;
    const ben = "@ben:test" as UserId;
    await store.write((tx) => tx.rooms.set(ANA, ROOM));
    await store.write((tx) => tx.rooms.set(ANA, OTHER_ROOM));
    expect(await store.rooms.of(ANA)).toBe(OTHER_ROOM);
    expect(await store.rooms.owner(ROOM)).toBeUndefined();
    await store.write((tx) => tx.rooms.set(ben, OTHER_ROOM));
    expect(await store.rooms.owner(OTHER_ROOM)).toBe(ben);
    expect(await store.rooms.owners()).toEqual([ben]);
    expect(await store.rooms.of(ANA)).toBeUndefined();
    await store.write((tx) => tx.rooms.remove("!no" as RoomId));
    await store.write((tx) => tx.rooms.remove(OTHER_ROOM));
    expect(await store.rooms.of(ben)).toBeUndefined();
  });

  test("records have a scope", async () => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => {
      tx.records.set("a", "n", "1");
      tx.records.set("b", "n", "2");
      tx.records.set("a", "n", "3");
    });
    expect([await store.records.get("a", "n"), await store.records.get("b", "n")]).toEqual(["3", "2"]);
    await store.write((tx) => {
      tx.records.set("c", "n", "4");
      tx.records.set("c", "m", "5");
      tx.records.clear("c");
    });
    expect([await store.records.get("c", "n"), await store.records.get("c", "m")]).toEqual([
      undefined,
      undefined,
    ]);
    await store.write((tx) => tx.records.remove("a", "n"));
    expect(await store.records.get("a", "n")).toBeUndefined();
  });

  test("records are forgotten after their time, where they have one", async () => {
    await using it = await open();
    const { store } = it;
    const kept = (name: string) => store.records.get("s", name);
    await store.write((tx) => {
      tx.records.set("s", "short", "v", START + DAY);
      tx.records.set("s", "long", "v", START + 3 * DAY);
      tx.records.set("s", "lasting", "v");
      tx.records.set("s", "renewed", "v", START + DAY);
      tx.records.set("s", "renewed", "v");
    });
    await swept(store, START + 2 * DAY);
    const names = ["short", "long", "lasting", "renewed"];
    expect(await Promise.all(names.map(kept))).toEqual([undefined, "v", "v", "v"]);
  });

  test("a clock that jumps far ahead and back deletes nothing; one that stays there is believed", async () => {
    await using it = await open();
    const { store } = it;
    const sweep = (at: number) => store.write((tx) => tx.records.sweep(at));
    const kept = async () => (await store.records.get("s", "n")) === "v";
    await store.write((tx) => tx.records.set("s", "n", "v", START + 30 * DAY));
    await swept(store, START);
    for (const at of [START + 40 * DAY, START + 1, START + 50 * DAY]) {
      await sweep(at);
      expect(await kept()).toBe(true);
    }
    await sweep(START + 50 * DAY + 1);
    expect(await kept()).toBe(false);
  });

  test("dead letters are counted by login, and read newest first", async () => {
    await using it = await open();
    const { store } = it;
    const letter: DeadLetter = {
      direction: "to-matrix",
      key: KEY,
      ref: "M1",
      reason: "poison",
      at: START,
      body: "{}",
    };
    const keyless: DeadLetter = { ...letter, direction: "to-network", key: undefined };
    await store.write((tx) => {
      tx.logins.add(login());
      tx.deadLetters.add(letter);
      tx.deadLetters.add(keyless);
    });
    expect(await store.deadLetters.count(LOGIN)).toBe(1);
    expect(await store.deadLetters.count(OTHER_LOGIN)).toBe(0);
    expect(await store.deadLetters.newest(1)).toEqual([keyless]);
    expect(await store.deadLetters.newest(9)).toEqual([keyless, letter]);
  });
}
