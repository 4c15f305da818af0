import { expect, test } from "@jest/globals";
import type { PersonId, UserId } from "../../src/core/model/ids.ts";
import type { GroupPortal, PortalMember } from "../../src/core/ports/rows.ts";
import {
  BRAM,
  KEY,
  LOGIN,
  login,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_LOGIN,
  OTHER_ROOM,
  ROOM,
  row,
  START,
  toNetwork,
  WHATSAPP,
} from "./store-fixtures.ts";

const group: GroupPortal = {
  ...KEY,
  network: WHATSAPP,
  kind: "group",
  createKey: "made-once",
  room: ROOM,
  state: "open",
  member: "joined",
  name: "Family",
  topic: "Dinner",
  avatar: "picture-1",
  picture: "",
  permissions: { writes: "member", changes: "member" },
  powers: "",
  self: "self" as PersonId,
};
const carla = "carla" as PersonId;
const member = (over: Partial<PortalMember> = {}): PortalMember => ({
  ...KEY,
  person: BRAM,
  role: "admin",
  membership: "joined",
  ...over,
});

export function groups(open: OpenStoreUnderTest): void {
  test("a group is kept with what it is called, is about and looks like", async () => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portals.add(group);
    });
    expect(await store.portals.byChat(KEY)).toEqual(group);
    expect(await store.portals.unshown()).toEqual([KEY]);
    await store.write((tx) => {
      tx.portals.setGroup(KEY, { name: "Dinner" });
      tx.portals.setPicture(KEY, "picture-1");
      tx.portals.setGroup(KEY, { permissions: { writes: "admin", changes: "owner" } });
    });
    expect(await store.portals.unshown()).toEqual([KEY]);
    await store.write((tx) => tx.portals.setPowers(KEY, "admin owner"));
    const permissions = { writes: "admin", changes: "owner" };
    const changed = { ...group, name: "Dinner", picture: "picture-1", permissions, powers: "admin owner" };
    expect(await (await it.reopen()).portals.byChat(KEY)).toEqual(changed);
    expect(await it.store.portals.unshown()).toEqual([]);
  });

  test("a picture or a member that the room may show otherwise is to be shown again", async () => {
    await using it = await open();
    const { portals, portalMembers, ...store } = it.store;
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portals.add({ ...group, picture: "picture-1", powers: "member member" });
      tx.portalMembers.put(member());
      tx.portalMembers.shown(member());
    });
    expect(await portals.unshown()).toEqual([]);
    await store.write((tx) => tx.portals.doubtPicture(KEY));
    expect(await portals.unshown()).toEqual([KEY]);
    await store.write((tx) => {
      tx.portals.setGroup(KEY, { avatar: "" });
      tx.portals.doubtPicture(KEY);
    });
    expect(await portals.unshown()).toEqual([KEY]);
    await store.write((tx) => {
      tx.portals.setPicture(KEY, "");
      // What is known of somebody stays as it is.
      tx.portalMembers.doubt(member({ role: "member", membership: "left" }));
      tx.portalMembers.doubt(member({ person: carla, role: "member", membership: "left" }));
    });
    expect(await portals.unshown()).toEqual([KEY]);
    expect(await portalMembers.unshown(KEY, 5)).toEqual([
      member({ doubts: 1 }),
      member({ person: carla, role: "member", membership: "left" }),
    ]);
  });

  test("a member who was doubted while the room was brought in line with them is looked at again", async () => {
    await using it = await open();
    const { portals, portalMembers, ...store } = it.store;
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portals.add({ ...group, avatar: "", powers: "member member" });
      tx.portalMembers.put(member());
    });
    const read = await portalMembers.unshown(KEY, 5);
    await store.write((tx) => tx.portalMembers.doubt(member()));
    await store.write((tx) => read.forEach((one) => tx.portalMembers.shown(one)));
    const again = await portalMembers.unshown(KEY, 5);
    expect(again).toEqual([member({ doubts: 1 })]);
    await store.write((tx) => again.forEach((one) => tx.portalMembers.shown(one)));
    expect(await portals.unshown()).toEqual([]);
  });

  test("its members are to be shown until the room shows them as they are", async () => {
    await using it = await open();
    const { store } = it;
    const { portals, portalMembers } = store;
    const all = [
      member({ person: undefined, role: "member" }),
      member(),
      member({ person: carla, role: "owner" }),
    ];
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portals.add({ ...group, avatar: "", powers: "member member" });
      for (const one of all) tx.portalMembers.put(one);
    });
    expect(await portalMembers.withRole(KEY, 9)).toEqual([all[2], all[1]]);
    expect(await portalMembers.withRole(KEY, 1)).toEqual([all[2]]);
    expect(await portalMembers.get(KEY, undefined)).toEqual(all[0]);
    expect(await portalMembers.get(KEY, "nobody" as PersonId)).toBeUndefined();
    expect(await portalMembers.of(KEY)).toEqual([all[0], all[1], all[2]]);
    expect(await portalMembers.unshown(KEY, 2)).toHaveLength(2);
    expect(await portals.unshown()).toEqual([KEY]);
    const left = member({ membership: "left" });
    await store.write((tx) => {
      for (const one of all) tx.portalMembers.shown(one);
      // Told again, and the same.
      tx.portalMembers.put(member({ person: carla, role: "owner" }));
      tx.portalMembers.put(left);
      // What was shown is not what they are by now.
      tx.portalMembers.shown(member());
    });
    expect(await portalMembers.unshown(KEY, 9)).toEqual([left]);
    expect(await portalMembers.count(KEY)).toBe(2);
    expect(await portalMembers.withRole(KEY, 9)).toEqual([all[2]]);
    await store.write((tx) => tx.portalMembers.shown(left));
    expect(await portals.unshown()).toEqual([]);
  });

  test("who left is to be shown so again once another login counts no more that has them as a member", async () => {
    await using it = await open();
    const { store } = it;
    const [bram, left] = [member({ membership: "left" }), member({ person: carla, membership: "left" })];
    await store.write((tx) => {
      for (const id of [LOGIN, OTHER_LOGIN]) tx.logins.add(login({ id, user: `@${id}:test` as UserId }));
      for (const key of [KEY, OTHER_KEY]) tx.portals.add({ ...group, ...key });
      for (const one of [bram, left]) tx.portalMembers.put(one);
      for (const one of [bram, left]) tx.portalMembers.shown(one);
      tx.portalMembers.put(member(OTHER_KEY));
      tx.portalMembers.put({ ...left, ...OTHER_KEY });
      tx.portalMembers.shown({ ...left, ...OTHER_KEY });
      tx.portalMembers.doubtLeft(KEY, OTHER_LOGIN);
    });
    const doubted = await store.portalMembers.unshown(KEY, 9);
    expect(doubted).toMatchObject([bram]);
    await store.write((tx) => {
      for (const one of doubted) tx.portalMembers.shown(one);
      tx.portalMembers.put({ ...bram, ...OTHER_KEY });
      tx.portalMembers.doubtLeft(KEY, OTHER_LOGIN);
    });
    expect(await store.portalMembers.unshown(KEY, 9)).toMatchObject([bram]);
  });

  test("are to be shown anew in another room, and in one of a homeserver that was put back", async () => {
    await using it = await open();
    const { store } = it;
    const shown = async (): Promise<void> => {
      const all = await store.portalMembers.unshown(KEY, 9);
      await store.write((tx) => {
        for (const one of all) tx.portalMembers.shown(one);
        tx.portals.setPicture(KEY, "picture-1");
      });
    };
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portals.add(group);
      tx.portalMembers.put(member());
    });
    await shown();
    await store.write((tx) => tx.portals.setRoom(KEY, OTHER_ROOM));
    expect(await store.portalMembers.unshown(KEY, 9)).toEqual([member({ doubts: 1 })]);
    expect(await store.portals.byChat(KEY)).toMatchObject({ picture: "" });
    await shown();
    await store.write((tx) => tx.portals.doubt());
    expect(await store.portalMembers.unshown(KEY, 9)).toEqual([member({ doubts: 2 })]);
    await shown();
    const move = { room: OTHER_ROOM, successor: ROOM, createKey: "k2", at: START };
    await store.write((tx) => tx.formerRooms.leave({ ...KEY, ...move }));
    expect(await store.portalMembers.unshown(KEY, 9)).toEqual([member({ doubts: 3 })]);
    expect(await store.portals.unshown()).toEqual([KEY]);
  });

  test("who is in a group that is not known is not kept, and goes with it and with its login", async () => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => {
      tx.logins.add(login());
      tx.portalMembers.put(member());
    });
    expect(await store.portalMembers.of(KEY)).toEqual([]);
    const add = (): Promise<void> =>
      store.write((tx) => {
        tx.portals.add(group);
        tx.portalMembers.put(member());
      });
    await add();
    await store.write((tx) => tx.portals.remove(KEY));
    expect(await store.portalMembers.of(KEY)).toEqual([]);
    await add();
    await store.write((tx) => tx.logins.remove(LOGIN));
    expect(await store.portalMembers.of(KEY)).toEqual([]);
    const archive = {
      kind: "group",
      state: "archived",
      room: ROOM,
      name: "",
      topic: "",
      avatar: "",
      self: "",
    };
    expect(await store.portals.ofLogin(LOGIN)).toMatchObject([archive]);
  });

  test("its changes that wait for the network are given without its messages, in order", async () => {
    await using it = await open();
    const { store } = it;
    const change = (name: string) => ({ kind: "group-change", change: { kind: "name", name } }) as const;
    await store.write((tx) => {
      for (const one of [login(), login({ id: OTHER_LOGIN })]) tx.logins.add(one);
      tx.networkOutbox.add(toNetwork("words"));
      for (const name of ["one", "made", "two"])
        tx.networkOutbox.add(toNetwork(name, { outgoing: change(name) }));
      tx.networkOutbox.add(toNetwork("other", { key: OTHER_KEY, outgoing: change("other") }));
      tx.networkOutbox.setState(row("made"), "sent");
    });
    const waiting = ["one", "two"].map((name) => ({ id: row(name), change: change(name).change }));
    expect(await store.networkOutbox.changes(KEY)).toEqual(waiting);
  });

  test("who is in a group keeps their ghost, though there is no chat with them", async () => {
    await using it = await open();
    const { store } = it;
    const other = {
      ...login(),
      id: "login-b" as typeof LOGIN,
      user: "@ben:test" as ReturnType<typeof login>["user"],
    };
    const ghost = { network: WHATSAPP, user: "@g:test" as typeof other.user, name: "B" } as const;
    await store.write((tx) => {
      for (const one of [login(), other]) tx.logins.add(one);
      for (const person of [BRAM, carla]) {
        tx.ghosts.add({
          ...ghost,
          user: `@${person}:test` as typeof other.user,
          person,
          profile: "named",
          shown: "",
          avatar: "",
          picture: undefined,
        });
      }
      tx.portals.add({ ...group, login: other.id });
      tx.portalMembers.put(member({ login: other.id }));
      tx.logins.remove(LOGIN);
    });
    expect(await store.ghosts.byPerson(WHATSAPP, BRAM)).toBeDefined();
    expect(await store.ghosts.byPerson(WHATSAPP, carla)).toBeUndefined();
  });
}
