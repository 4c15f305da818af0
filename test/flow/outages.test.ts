import { expect, test } from "@jest/globals";
import type { ConnectionState } from "../../src/core/ports/network.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

const AWAY =
  "bot: WhatsApp has not been reachable for some minutes. What you write is kept and goes by itself when it is back, and what your contacts write waits there.";
const BACK = "bot: WhatsApp is connected again. What waited is on its way.";
const waiting = { kind: "waiting", words: "away" } as const;

/** The state of Ana's connection, as the network tells it. */
async function turns(world: FlowWorld, state: ConnectionState): Promise<void> {
  const client = world.network.clientOf(ANA);
  client.state = state;
  client.sink.state(state);
  await settle();
}

test("a person is told once that a network is away for three minutes, and once that it is back", async () => {
  await using world = await FlowWorld.start();
  const { room } = await world.optsIn(ANA);
  const before = world.homeserver.shown(room).length;
  const since = () => world.homeserver.shown(room).slice(before);

  await turns(world, waiting);
  await world.clock.advance(179_000);
  await turns(world, { kind: "connected" });
  await world.clock.advance(600_000);
  expect(since()).toEqual([]);

  await turns(world, waiting);
  await world.clock.advance(100_000);
  await turns(world, waiting);
  await world.clock.advance(79_999);
  expect(since()).toEqual([]);
  await world.clock.advance(2);
  expect(since()).toEqual([AWAY]);
  await world.clock.advance(3_600_000);
  expect(since()).toEqual([AWAY]);
  await turns(world, { kind: "connected" });
  expect(since()).toEqual([AWAY, BACK]);
  await turns(world, { kind: "connected" });
  expect(since()).toEqual([AWAY, BACK]);
});

test("who was told that a network is away is not told again after a restart, and is told when it is back", async () => {
  await using world = await FlowWorld.start();
  const { room } = await world.optsIn(ANA);
  const before = world.homeserver.shown(room).length;
  const since = () => world.homeserver.shown(room).slice(before);
  await turns(world, waiting);
  await world.clock.advance(200_000);
  world.network.initially = waiting;
  await world.restart();
  await world.clock.advance(3_600_000);
  expect(since()).toEqual([AWAY]);
  world.network.initially = { kind: "connected" };
  await world.restart();
  expect(since()).toEqual([AWAY, BACK]);
});

test("a refusal is told once for its reason, across restarts, and its end too", async () => {
  await using world = await FlowWorld.start();
  const { room } = await world.optsIn(ANA);
  const before = world.homeserver.shown(room).length;
  const since = () => world.homeserver.shown(room).slice(before);
  const refused = { kind: "refused", words: "WhatsApp has blocked your account there." } as const;
  await turns(world, refused);
  world.network.initially = refused;
  await world.restart();
  await world.clock.advance(3_600_000);
  expect(since()).toEqual(["bot: WhatsApp refused the connection. WhatsApp has blocked your account there."]);
  world.network.initially = { kind: "connected" };
  await world.restart();
  expect(since().slice(1)).toEqual([BACK]);
});

test("what a network wants of a person is told to them under its name, and committed with the connector's own", async () => {
  await using world = await FlowWorld.start();
  const { room, client } = await world.optsIn(ANA);
  await client.sink.tell("Open your phone.", (tx) => tx.records.set("a connector's", "told", "yes"));
  await settle();
  expect(world.homeserver.shown(room).at(-1)).toBe("bot: WhatsApp: Open your phone.");
  expect(await world.store.records.get("a connector's", "told")).toBe("yes");
});

test("a network that was turned off meanwhile says nothing more", async () => {
  await using world = await FlowWorld.start();
  const { room } = await world.optsIn(ANA);
  await turns(world, waiting);
  await world.says(ANA, room, "disable whatsapp yes");
  const before = world.homeserver.shown(room).length;
  await world.clock.advance(600_000);
  expect(world.homeserver.shown(room).slice(before)).toEqual([]);
});
