import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { GroupChange } from "../../src/core/model/groups.ts";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const person = (name: string) => name as PersonId;
const changes = (flow: GroupFlow): readonly GroupChange[] =>
  flow.client.taken.flatMap((one) => (one.kind === "group-change" ? [one.change] : []));
const away = (retryAfter: number) =>
  new BridgeError("remote-unreachable", { words: "away.", certain: false, retryAfter });
const NAME = "m.room.name";
const RETRY = " Reply to this with “retry” to send it again.";

/** A group in which Ana is an admin. */
async function led(): Promise<GroupFlow> {
  const flow = await GroupFlow.begin();
  flow.group.ourRoles.set(ANA, "admin");
  flow.group.permissions = { writes: "member", changes: "admin" };
  await flow.group.says("Bram", "1", "hello");
  await settle();
  flow.homeserver.lets(ANA, flow.id);
  await flow.world.push(flow.membership(ANA, "join"));
  return flow;
}

/** A group in which Ana is a member, and may change nothing. */
async function unled(): Promise<GroupFlow> {
  const flow = await GroupFlow.open();
  flow.group.permissions = { writes: "member", changes: "admin" };
  return flow;
}

describe("a group whose room is changed by its person", () => {
  test("has the name, which the room shows with the network's; the network's own copy says nothing more", async () => {
    await using flow = await led();
    await flow.sets(ANA, NAME, { name: "Friends" });
    expect(changes(flow)).toEqual([{ kind: "name", name: "Friends" }]);
    expect(flow.group.name).toBe("Friends");
    expect(flow.state(NAME)).toEqual({ name: "Friends (WhatsApp)" });
    expect(flow.shown).toEqual(["Bram: hello"]);
    expect(await flow.world.portal(ANA, flow.chat)).toMatchObject({ name: "Friends" });
  });

  test("has what it is about, and its picture, which is not brought back as another", async () => {
    await using flow = await led();
    const uri = "mxc://test/cake";
    flow.homeserver.files.set(uri, { bytes: Buffer.from("cake"), mimetype: "image/png", name: undefined });
    await flow.sets(ANA, "m.room.topic", { topic: "Dinner\non Sunday" });
    await flow.sets(ANA, "m.room.avatar", { url: uri });
    expect(flow.group).toMatchObject({ topic: "Dinner\non Sunday", avatar: `picture ${uri}` });
    expect(flow.world.network.files.get(`picture ${uri}`)).toEqual(Buffer.from("cake"));
    expect(flow.state("m.room.avatar")).toEqual({ url: uri });
    await flow.sets(ANA, "m.room.avatar", {});
    expect(flow.group.avatar).toBe("");
    expect(flow.state("m.room.avatar")["url"]).not.toBe(uri);
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("is not changed by what it has already; the room shows it as the bridge does", async () => {
    await using flow = await led();
    await flow.sets(ANA, NAME, { name: "Family" });
    await flow.sets(ANA, "m.room.topic", { topic: "" });
    await flow.sets(ANA, "m.room.avatar", {});
    expect(changes(flow)).toEqual([]);
    expect(flow.state(NAME)).toEqual({ name: "Family (WhatsApp)" });
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("has the last of several names that were given while the network was away", async () => {
    await using flow = await led();
    flow.client.state = { kind: "connecting" };
    for (const name of ["One", "Two", "Family"]) await flow.sets(ANA, NAME, { name });
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(60_000);
    expect(changes(flow)).toEqual([{ kind: "name", name: "Family" }]);
    expect(flow.state(NAME)).toEqual({ name: "Family (WhatsApp)" });
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("has the name that was taken back, however much else waits for the network", async () => {
    await using flow = await led();
    flow.client.state = { kind: "connecting" };
    for (let count = 0; count < 60; count++)
      await flow.writes(ANA, "m.room.message", { msgtype: "m.text", body: `${count}` });
    for (const name of ["One", "Family"]) await flow.sets(ANA, NAME, { name });
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(60_000);
    expect(flow.client.received.size).toBe(60);
    expect(flow.group.name).toBe("Family");
    expect(changes(flow)).toEqual([{ kind: "name", name: "Family" }]);
    expect(flow.state(NAME)).toEqual({ name: "Family (WhatsApp)" });
  });

  test("says nothing twice where the network tells of it before it answers", async () => {
    await using flow = await led();
    flow.client.faults.push({ when: "after", error: away(0) });
    await flow.sets(ANA, NAME, { name: "Friends" });
    await flow.world.clock.advance(60_000);
    expect(flow.group.name).toBe("Friends");
    expect(flow.state(NAME)).toEqual({ name: "Friends (WhatsApp)" });
    expect(flow.shown).toEqual(["Bram: hello"]);
  });
});

describe("a change of a group that the network refuses", () => {
  test("leaves the name, which the room has again, and says why", async () => {
    await using flow = await unled();
    await flow.sets(ANA, NAME, { name: "Friends" });
    expect(flow.group.name).toBe("Family");
    expect(flow.state(NAME)).toEqual({ name: "Family (WhatsApp)" });
    expect(flow.shown.slice(1)).toEqual([
      `bot: ⚠️ The group keeps its name. Only admins may do that.${RETRY}`,
    ]);
  });

  test("leaves what it is about and its picture, which the room has again", async () => {
    await using flow = await unled();
    flow.group.topic = "Dinner";
    await flow.group.does("Bram", "t", { kind: "group-topic", topic: "Dinner" });
    flow.world.network.files.set("picture-1", new Uint8Array([1, 2, 3]));
    await flow.group.does("Bram", "p", { kind: "group-avatar", avatar: "picture-1" });
    await settle();
    await flow.sets(ANA, "m.room.topic", { topic: "Nothing" });
    await flow.sets(ANA, "m.room.avatar", { url: "mxc://test/mine" });
    await flow.world.clock.advance(60_000);
    expect(flow.state("m.room.topic")).toEqual({ topic: "Dinner" });
    const { url } = flow.state("m.room.avatar");
    expect(flow.homeserver.files.get(String(url))?.bytes).toEqual(Buffer.from([1, 2, 3]));
    expect(flow.shown.slice(-2)).toEqual([
      `bot: ⚠️ What the group is about stays as it was. Only admins may do that.${RETRY}`,
      "bot: ⚠️ The group keeps its picture. no such file Reply to this with “retry” to send it again.",
    ]);
  });

  test("can be made after all with “retry”, once it is allowed", async () => {
    await using flow = await unled();
    await flow.sets(ANA, NAME, { name: "Friends" });
    flow.group.permissions = { writes: "member", changes: "member" };
    await flow.world.says(ANA, flow.management, "retry whatsapp Family");
    await flow.world.clock.advance(60_000);
    expect(flow.group.name).toBe("Friends");
    expect(flow.state(NAME)).toEqual({ name: "Friends (WhatsApp)" });
  });

  test("is put back also where its person turned the network off meanwhile, in a room that others share", async () => {
    await using flow = await GroupFlow.begin();
    await flow.world.optsIn(BEN);
    flow.group.ours.add(BEN);
    await flow.group.says("Bram", "1", "hello");
    await settle();
    for (const user of [ANA, BEN]) {
      flow.homeserver.lets(user, flow.id);
      await flow.world.push(flow.membership(user, "join"));
    }
    const { room, id } = flow;
    flow.client.state = { kind: "connecting" };
    await flow.sets(ANA, NAME, { name: "Mine" });
    await flow.world.says(ANA, flow.management, "disable whatsapp");
    await flow.world.says(ANA, flow.management, "yes");
    await flow.world.clock.advance(60_000);
    expect(flow.group.name).toBe("Family");
    expect(room.state.get(`${NAME} `)).toEqual({ name: "Family (WhatsApp)" });
    expect(flow.homeserver.shown(id).at(-1)).toMatch(/The group keeps its name/);
  });
});

/** Somebody who was in the group once, so that the bridge knows them. */
async function leaves(flow: GroupFlow, name: string): Promise<void> {
  for (const membership of ["joined", "left"] as const)
    await flow.group.moves("Bram", `${name} ${membership}`, [{ person: person(name), name, membership }]);
  await settle();
  await flow.world.clock.advance(1_000);
}

const added = (name: string) => [`bot: Bram added ${name}.`, `bot: Bram removed ${name}.`];

describe("who is in a group", () => {
  test("is added by an invitation of their ghost, who is in the room when the network took it", async () => {
    await using flow = await led();
    await leaves(flow, "Eva");
    await flow.moves(ANA, flow.ghostOf("Eva"), "invite");
    expect(changes(flow)).toEqual([{ kind: "add", person: "Eva", name: "Eva" }]);
    expect(flow.group.people.get(person("Eva"))).toBe("member");
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk", "Eva"]);
    expect(flow.shown).toEqual(["Bram: hello", ...added("Eva")]);
  });

  test("is not added where the network refuses: the ghost is out again, and it is said", async () => {
    await using flow = await unled();
    await leaves(flow, "Eva");
    await flow.moves(ANA, flow.ghostOf("Eva"), "invite");
    await flow.world.clock.advance(60_000);
    expect(flow.room.members.get(flow.ghostOf("Eva"))).toBe("leave");
    expect(flow.shown.at(-1)).toBe(`bot: ⚠️ Eva was not added. Only admins may do that.${RETRY}`);
  });

  test.each(["leave", "ban"] as const)("is removed by a %s of their ghost", async (membership) => {
    await using flow = await led();
    await flow.moves(ANA, flow.ghostOf("Dirk"), membership);
    expect(changes(flow)).toEqual([{ kind: "remove", person: "Dirk", name: "Dirk" }]);
    expect(flow.present).toEqual(["Bram", "Carla"]);
    expect(flow.shown).toEqual(["Bram: hello"]);
    // Whoever is back in the group is back in the room.
    await flow.group.moves("Bram", "back", [{ person: person("Dirk"), membership: "joined" }]);
    await settle();
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
  });

  test.each(["leave", "ban"] as const)(
    "stays, and is in the room again, where the network refuses a %s",
    async (membership) => {
      await using flow = await led();
      await flow.moves(ANA, flow.ghostOf("Bram"), membership);
      await flow.world.clock.advance(60_000);
      expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
      expect(flow.powerOf("Bram")).toBe(75);
      expect(flow.shown.at(-1)).toBe(`bot: ⚠️ Bram stays in the group. They may do more than you.${RETRY}`);
    },
  );

  test("is removed also where our person verified them, and their number has changed since", async () => {
    await using flow = await led();
    const { login } = await flow.world.portal(ANA, flow.chat);
    await flow.world.store.write((tx) =>
      tx.contacts.setTrust(login, person("Dirk"), "Dirk" as ChatId, "changed"),
    );
    await flow.world.says(ANA, flow.id, "secret");
    await flow.moves(ANA, flow.ghostOf("Dirk"), "leave");
    expect(flow.client.taken).toEqual([
      { kind: "group-change", change: { kind: "remove", person: "Dirk", name: "Dirk" } },
    ]);
  });

  test("is promoted and demoted by the levels that stand for roles", async () => {
    await using flow = await led();
    const levels = flow.state("m.room.power_levels") as { readonly users: Record<string, number> };
    const users = { ...levels.users, [flow.ghostOf("Dirk")]: 50, [flow.ghostOf("Carla")]: 0 };
    await flow.sets(ANA, "m.room.power_levels", { ...levels, users });
    expect(changes(flow)).toEqual([
      { kind: "role", person: "Carla", name: "Carla", role: "member" },
      { kind: "role", person: "Dirk", name: "Dirk", role: "admin" },
    ]);
    await flow.world.clock.advance(60_000);
    expect(["Bram", "Carla", "Dirk"].map((who) => flow.powerOf(who))).toEqual([75, 0, 50]);
    expect(flow.group.people.get(person("Dirk"))).toBe("admin");
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("is no admin after all where that is taken back before the network has answered", async () => {
    await using flow = await led();
    flow.client.faults.push({ when: "after", error: away(5_000) });
    flow.group.holding = true;
    const levels = flow.state("m.room.power_levels") as { readonly users: Record<string, number> };
    const users = { ...levels.users, [flow.ghostOf("Dirk")]: 50 };
    await flow.sets(ANA, "m.room.power_levels", { ...levels, users });
    expect(flow.group.people.get(person("Dirk"))).toBe("admin");
    await flow.sets(ANA, "m.room.power_levels", levels);
    await flow.world.clock.advance(60_000);
    expect(flow.group.people.get(person("Dirk"))).toBe("member");
    expect(flow.powerOf("Dirk")).toBe(0);
  });

  test("has the role that was given with another's, though the network answers one after the other", async () => {
    await using flow = await led();
    let sends = 0;
    flow.client.faults.shift = () => (++sends === 2 ? { when: "before", error: away(5_000) } : undefined);
    const levels = flow.state("m.room.power_levels") as { readonly users: Record<string, number> };
    const users = { ...levels.users, [flow.ghostOf("Dirk")]: 50, [flow.ghostOf("Carla")]: 0 };
    await flow.sets(ANA, "m.room.power_levels", { ...levels, users });
    await flow.world.clock.advance(60_000);
    expect(Array.from(flow.group.people)).toEqual([
      ["Bram", "owner"],
      ["Carla", "member"],
      ["Dirk", "admin"],
    ]);
    expect(["Bram", "Carla", "Dirk"].map((who) => flow.powerOf(who))).toEqual([75, 0, 50]);
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("keeps what they may do where the network refuses, one like the other", async () => {
    await using flow = await unled();
    const levels = flow.state("m.room.power_levels") as { readonly users: Record<string, number> };
    const users = { ...levels.users, [flow.ghostOf("Dirk")]: 75 };
    await flow.sets(ANA, "m.room.power_levels", { ...levels, users });
    await flow.world.clock.advance(60_000);
    expect(flow.powerOf("Dirk")).toBe(0);
    expect(flow.shown.at(-1)).toBe(`bot: ⚠️ Dirk keeps their role. Only admins may do that.${RETRY}`);
  });
});
