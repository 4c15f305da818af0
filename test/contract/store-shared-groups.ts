import { expect, test } from "@jest/globals";
import type { PersonId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { GroupPortal } from "../../src/core/ports/rows.ts";
import type { Store } from "../../src/core/ports/store.ts";
import {
  ANA,
  BRAM,
  CHAT,
  DAY,
  event,
  KEY,
  LOGIN,
  link,
  login,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_LOGIN,
  ROOM,
  reaction,
  remote,
  row,
  START,
  swept,
  toMatrix,
  WHATSAPP,
} from "./store-fixtures.ts";

const BEN = "@ben:test" as UserId;
const [ana, ben] = ["self ana" as PersonId, "self ben" as PersonId];
const group = (over: Partial<GroupPortal> = {}): GroupPortal => ({
  ...KEY,
  network: WHATSAPP,
  kind: "group",
  createKey: "made-once",
  room: ROOM,
  state: "open",
  member: "joined",
  name: "",
  topic: "",
  avatar: "",
  picture: "",
  permissions: { writes: "member", changes: "member" },
  powers: "",
  self: ana,
  ...over,
});

/** Ana's and Ben's logins in one group. */
async function sharing(store: Store): Promise<void> {
  await store.write((tx) => {
    tx.logins.add(login());
    tx.logins.add(login({ id: OTHER_LOGIN, user: BEN, consentAt: START + 1 }));
    tx.portals.add(group());
    tx.portals.add(group({ ...OTHER_KEY, self: ben }));
  });
}

export function sharedGroups(open: OpenStoreUnderTest): void {
  test("a room is found by each who shares it", async () => {
    await using it = await open();
    await sharing(it.store);
    const { portals } = it.store;
    expect((await portals.ofRoom(ROOM)).map((one) => one.login)).toEqual([LOGIN, OTHER_LOGIN]);
    expect((await portals.inRoom(ROOM, BEN))?.login).toBe(OTHER_LOGIN);
    expect((await portals.inRoom(ROOM, ANA))?.login).toBe(LOGIN);
    expect(await portals.inRoom(ROOM, "@cem:test" as UserId)).toBeUndefined();
    expect(await portals.ofGroup(WHATSAPP, CHAT)).toHaveLength(2);
    await it.store.write((tx) => tx.portals.setState(KEY, "archived"));
    expect((await portals.ofRoom(ROOM)).map(({ state }) => state)).toEqual(["open", "archived"]);
  });

  test("a message that is shared is the others' too, and one's own is another's person's to them", async () => {
    await using it = await open();
    await sharing(it.store);
    const { store } = it;
    const at = { room: ROOM, event: event("1") };
    await store.write((tx) => {
      tx.messages.add({ ...link("M1"), ...at });
      tx.messages.add({ ...link("A1", { sender: undefined }), room: ROOM, event: event("2") });
      tx.messages.add({ ...link("B1", { sender: ben }), room: ROOM, event: event("3") });
      tx.reactions.put(reaction({ sender: undefined, event: event("r") }));
      tx.withdrawn.add(KEY, { id: remote("A1"), sender: undefined, part: undefined });
      for (const id of ["M1", "A1", "B1"]) tx.sharedGroups.share(KEY, remote(id));
    });
    const senders = ["M1", "A1", "B1"].map(async (id) =>
      (await store.messages.events(OTHER_KEY, remote(id))).map(({ sender }) => sender),
    );
    expect(await Promise.all(senders)).toEqual([[BRAM], [ana], [undefined]]);
    expect((await store.messages.byEvent(ROOM, event("2"), OTHER_LOGIN))?.sender).toBe(ana);
    expect((await store.messages.byEvent(ROOM, event("2"), LOGIN))?.sender).toBeUndefined();
    expect(await store.reactions.ofMessage(OTHER_KEY, remote("M1"))).toMatchObject([{ sender: ana }]);
    expect(await store.withdrawn.of(OTHER_KEY, remote("A1"))).toEqual([{ sender: ana, part: undefined }]);
    await store.write((tx) => {
      tx.reactions.remove(KEY, remote("M1"), undefined);
      tx.sharedGroups.share(KEY, remote("M1"));
    });
    expect(await store.reactions.ofMessage(OTHER_KEY, remote("M1"))).toEqual([]);
  });

  test("what is on its way to the room is known to all who share it, and linked for all when it is there", async () => {
    await using it = await open();
    await sharing(it.store);
    const { store } = it;
    await store.write((tx) => {
      tx.matrixOutbox.add(toMatrix("a", { link: link("M1") }));
      tx.sharedGroups.share(KEY, remote("M1"));
    });
    expect(await store.messages.parts(OTHER_KEY, remote("M1"))).toEqual([{ part: 0, sender: BRAM }]);
    await store.write((tx) => tx.matrixOutbox.sent(row("a"), event("1")));
    for (const key of [KEY, OTHER_KEY]) {
      expect(await store.messages.events(key, remote("M1"))).toMatchObject([
        { event: event("1"), sender: BRAM },
      ]);
    }
  });

  test("and stays on its way for the other when a login goes", async () => {
    await using it = await open();
    await sharing(it.store);
    const { store } = it;
    const target = { kind: "message", ...KEY, id: remote("M1"), part: 0 } as const;
    await store.write((tx) => {
      tx.matrixOutbox.add(toMatrix("a", { link: link("M1") }));
      tx.matrixOutbox.add(toMatrix("b", { target }));
      tx.sharedGroups.share(KEY, remote("M1"));
    });
    await store.write((tx) => tx.logins.remove(LOGIN));
    const rows = await store.matrixOutbox.next(ROOM, 9);
    expect(rows.map(({ link: of, target: to }) => of?.login ?? (to?.kind === "message" && to.login))).toEqual(
      [OTHER_LOGIN, OTHER_LOGIN],
    );
    await store.write((tx) => tx.matrixOutbox.sent(row("a"), event("1")));
    expect(await store.messages.events(OTHER_KEY, remote("M1"))).toHaveLength(1);
    await store.write((tx) => tx.logins.remove(OTHER_LOGIN));
    expect(await store.matrixOutbox.next(ROOM, 9)).toEqual([]);
  });

  test("who comes into a room has its messages as those have them who are there", async () => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => {
      tx.logins.add(login());
      tx.logins.add(login({ id: OTHER_LOGIN, user: BEN, consentAt: START + 1 }));
      tx.portals.add(group());
      tx.messages.add({ ...link("M1"), room: ROOM, event: event("1") });
    });
    await store.write((tx) => {
      tx.portals.add(group({ ...OTHER_KEY, self: ben }));
      tx.sharedGroups.adopt(OTHER_KEY);
    });
    expect(await store.messages.events(OTHER_KEY, remote("M1"))).toHaveLength(1);
  });

  test("that something was shown in a group is known for a month", async () => {
    await using it = await open();
    const { store } = it;
    await sharing(store);
    const shown = { ...KEY, sender: BRAM, id: remote("M1"), kind: "message" } as const;
    const toOther = { ...shown, ...OTHER_KEY };
    await store.write((tx) => tx.sharedGroups.shown(shown, START));
    expect(await store.sharedGroups.has(shown)).toBe(true);
    expect(await store.sharedGroups.has(toOther)).toBe(true);
    expect(await store.sharedGroups.has({ ...shown, kind: "edit" })).toBe(false);
    await swept(store, START + 31 * DAY);
    expect(await store.sharedGroups.has(shown)).toBe(false);
    expect(await store.sharedGroups.has(toOther)).toBe(false);
  });

  test("what was shown in another room of the group is not known to a login, until it comes into that room", async () => {
    await using it = await open();
    const { store } = it;
    await sharing(store);
    await store.write((tx) => tx.portals.setRoom(OTHER_KEY, "!other" as RoomId));
    const shown = { ...KEY, sender: BRAM, id: remote("M1"), kind: "message" } as const;
    await store.write((tx) => tx.sharedGroups.shown(shown, START));
    expect(await store.sharedGroups.has({ ...shown, ...OTHER_KEY })).toBe(false);
    await store.write((tx) => {
      tx.portals.setRoom(OTHER_KEY, ROOM);
      tx.sharedGroups.adopt(OTHER_KEY);
    });
    expect(await store.sharedGroups.has({ ...shown, ...OTHER_KEY })).toBe(true);
    await store.write((tx) => tx.logins.empty(OTHER_LOGIN));
    expect(await store.sharedGroups.has({ ...shown, ...OTHER_KEY })).toBe(false);
    expect(await store.sharedGroups.has(shown)).toBe(true);
  });
}
