import { expect, test } from "@jest/globals";
import type { MessageId, PersonId } from "../../src/core/model/ids.ts";
import type { UnreachedReason } from "../../src/core/model/reachability-text.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const whoIs = (why: UnreachedReason, ...people: readonly string[]) =>
  people.map((person) => ({ person: person as PersonId, why }));

const said = ({ shown }: GroupFlow): readonly string[] =>
  shown.filter((line) => line.includes("does not reach"));

test("who does not get what is written in a group is said once for each member and reason, also after a crash", async () => {
  await using flow = await GroupFlow.open();
  const { chat } = flow;
  await flow.client.sink.unreached(chat, whoIs("blocked", "Carla"));
  await flow.client.sink.unreached(chat, whoIs("blocked", "Carla"));
  await settle();
  const first =
    "bot: What you write in this group does not reach Carla: they have blocked you on WhatsApp. The others get it. This is said once.";
  expect(said(flow)).toEqual([first]);
  await flow.world.crash();
  await Promise.all([
    flow.client.sink.unreached(chat, [...whoIs("blocked", "Carla"), ...whoIs("other-app", "Bram", "Dirk")]),
    flow.client.sink.unreached(chat, whoIs("other-app", "Bram", "Dirk")),
  ]);
  await flow.client.sink.unreached(chat, whoIs("off", "Carla"));
  await settle();
  expect(said(flow).slice(1)).toEqual([
    "bot: What you write in this group does not reach Bram and Dirk: they use another app, and WhatsApp lets nothing pass from one such app to another. The others get it. This is said once.",
    expect.stringContaining(
      "Carla: third-party chats are turned off in their WhatsApp, which they can turn on",
    ),
  ]);
});

test("who got something meanwhile is named again where they do not", async () => {
  await using flow = await GroupFlow.open();
  const off = () => flow.client.sink.unreached(flow.chat, whoIs("off", "Carla"));
  await off();
  await flow.world.says(ANA, flow.id, "hello?");
  await flow.world.clock.leap(2 * 86_400_000);
  await off();
  await settle();
  expect(said(flow)).toHaveLength(1);
  const [id] = Array.from(flow.client.received.keys());
  const receipt = { chat: flow.chat, person: "Carla" as PersonId, kind: "delivered" } as const;
  await flow.client.sink.receipt({ ...receipt, ids: [id as MessageId] });
  await off();
  await settle();
  expect(said(flow)).toHaveLength(2);
});

test("of many who are not reached some are named and the others counted, and a chat of two says nothing", async () => {
  const names = Array.from({ length: 8 }, (_, one) => `P${one}`);
  await using flow = await GroupFlow.open(Object.fromEntries(names.map((name) => [name, "member" as const])));
  await flow.client.sink.unreached(flow.chat, whoIs("gone", ...names));
  await flow.client.says("Zoe", "d", "just us");
  await flow.client.sink.unreached("Zoe" as typeof flow.chat, whoIs("gone", "Zoe"));
  await settle();
  const lines = Array.from(flow.homeserver.rooms.values()).flatMap(({ id }) => flow.homeserver.shown(id));
  expect(lines.filter((line) => line.includes("does not reach"))).toEqual([
    expect.stringContaining("P0, P1, P2, P3, P4 and 3 more: they are no longer on WhatsApp"),
  ]);
});

test("what a network says of it itself is told in its words", async () => {
  await using flow = await GroupFlow.open();
  const [dirk] = whoIs("refused", "Dirk");
  await flow.client.sink.unreached(flow.chat, dirk ? [{ ...dirk, says: "Their phone is too old." }] : []);
  await settle();
  expect(said(flow)).toEqual([
    "bot: What you write in this group does not reach Dirk. WhatsApp says: Their phone is too old. The others get it. This is said once.",
  ]);
});

test("where others of our people share the room it says whose words are not got", async () => {
  await using flow = await GroupFlow.open();
  await flow.world.optsIn(BEN);
  await flow.group.movesOurs("Bram", "in", BEN, "joined");
  await flow.group.says("Bram", "2", "welcome");
  await settle();
  await flow.client.sink.unreached(flow.chat, whoIs("blocked", "Carla"));
  await settle();
  expect(said(flow)).toEqual([
    `bot: What ${ANA} writes in this group does not reach Carla: they have blocked ${ANA} on WhatsApp. The others get it. This is said once.`,
  ]);
});
