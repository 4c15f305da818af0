import { describe, expect, test } from "@jest/globals";
import type { GroupChange } from "../../src/core/model/groups.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import type { MemoryHomeserver } from "../kit/memory-homeserver.ts";
import { settle } from "../kit/virtual-clock.ts";

const POWER = "m.room.power_levels";
const changes = (flow: GroupFlow): readonly GroupChange[] =>
  flow.client.taken.flatMap((one) => (one.kind === "group-change" ? [one.change] : []));

/** Holds the bridge's next write of a kind until the answer is called. */
function held(homeserver: MemoryHomeserver, call: "setPowers" | "setState" | "send", type?: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const write = homeserver[call].bind(homeserver) as (...args: readonly unknown[]) => Promise<never>;
  let due = true;
  const holding = async (...args: readonly unknown[]): Promise<never> => {
    const isMeant = type === undefined || JSON.stringify(args).includes(`"${type}"`);
    if (due && isMeant) {
      due = false;
      await promise;
    }
    return write(...args);
  };
  Object.assign(homeserver, { [call]: holding });
  return async (): Promise<void> => {
    expect(due).toBe(false);
    resolve();
    await settle();
  };
}

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

describe("what the bridge sets in a room without knowing yet what a person just changed there", () => {
  test("as powers, does not keep who was promoted from being demoted, nor the other way", async () => {
    await using flow = await led();
    const before = flow.state(POWER) as { readonly users: Record<string, number> };
    const dirk = (power: number) => ({
      ...before,
      users: { ...before.users, [flow.ghostOf("Dirk")]: power },
    });
    for (const powers of [
      [50, 0],
      [50, 0, 50],
      [0, 50],
    ]) {
      const release = held(flow.homeserver, "setPowers");
      await flow.sets(ANA, POWER, dirk(powers[0] ?? 0));
      flow.client.state = { kind: "connecting" };
      for (const power of powers.slice(1)) await flow.sets(ANA, POWER, dirk(power));
      await release();
      flow.client.state = { kind: "connected" };
      await flow.world.clock.advance(60_000);
      expect(flow.powerOf("Dirk")).toBe(powers.at(-1));
      expect(flow.group.people.get("Dirk" as PersonId)).toBe(powers.at(-1) === 50 ? "admin" : "member");
    }
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("as who may write, does not keep that from being taken back", async () => {
    await using flow = await led();
    const before = flow.state(POWER);
    const release = held(flow.homeserver, "setPowers");
    await flow.sets(ANA, POWER, { ...before, events_default: 50 });
    flow.client.state = { kind: "connecting" };
    await flow.sets(ANA, POWER, { ...before, events_default: 0 });
    await release();
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(60_000);
    expect(flow.state(POWER)["events_default"]).toBe(0);
    expect(flow.group.permissions.writes).toBe("member");
    expect(flow.shown.join()).not.toMatch(/Somebody changed it again/);
  });

  test("as name, topic or picture, does not keep theirs from the network", async () => {
    await using flow = await led();
    const uri = "mxc://test/cake";
    flow.homeserver.files.set(uri, { bytes: Buffer.from("cake"), mimetype: "image/png", name: undefined });
    flow.world.network.files.set("picture-1", new Uint8Array([1, 2, 3]));
    const theirs = [
      held(flow.homeserver, "send", "m.room.name"),
      held(flow.homeserver, "setState", "m.room.avatar"),
    ];
    await flow.group.does("Bram", "a", { kind: "group-avatar", avatar: "picture-1" });
    await flow.group.does("Bram", "n", { kind: "group-name", name: "Dinner" });
    await flow.group.does("Bram", "t", { kind: "group-topic", topic: "Dinner" });
    await settle();
    flow.client.state = { kind: "connecting" };
    await flow.sets(ANA, "m.room.avatar", { url: uri });
    await flow.sets(ANA, "m.room.name", { name: "Friends" });
    await flow.sets(ANA, "m.room.topic", { topic: "Ours" });
    for (const release of theirs) await release();
    expect(flow.state("m.room.avatar")["url"]).not.toBe(uri);
    expect(flow.state("m.room.name")).toEqual({ name: "Dinner (WhatsApp)" });
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(60_000);
    expect(changes(flow).map(({ kind }) => kind)).toEqual(["avatar", "name", "topic"]);
    expect(flow.state("m.room.name")).toEqual({ name: "Friends (WhatsApp)" });
    expect(flow.state("m.room.topic")).toEqual({ topic: "Ours" });
  });

  test("as who is there, for what they wrote before, keeps nobody from being removed or added", async () => {
    await using flow = await led();
    for (const membership of ["joined", "left"] as const)
      await flow.group.moves("Bram", membership, [{ person: "Eva" as PersonId, name: "Eva", membership }]);
    await flow.world.clock.advance(1_000);
    flow.client.state = { kind: "connecting" };
    await flow.moves(ANA, flow.ghostOf("Dirk"), "leave");
    await flow.moves(ANA, flow.ghostOf("Eva"), "invite");
    await flow.group.says("Dirk", "2", "before I went");
    await flow.group.says("Eva", "3", "before I came");
    await flow.world.clock.advance(1_000);
    expect(flow.present).toContain("Dirk");
    expect(flow.present).not.toContain("Eva");
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(60_000);
    expect(changes(flow).map(({ kind }) => kind)).toEqual(["remove", "add"]);
    expect(flow.present).toEqual(["Bram", "Carla", "Eva"]);
    expect(flow.shown.join()).not.toMatch(/Somebody changed it again/);
  });
});
