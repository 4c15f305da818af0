import { expect, test } from "@jest/globals";
import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN, type FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const STRANGER = "@eve:elsewhere" as UserId;

async function ghostOf(world: FlowWorld): Promise<UserId> {
  const [ghost] = await world.store.ghosts.all();
  if (!ghost) throw new Error("no ghost");
  return ghost.user;
}

/** Somebody invites Bram's ghost to a room of theirs; answers why it declined, and the room. */
async function invites(world: FlowWorld, who: UserId, into?: RoomId): Promise<unknown> {
  const ghost = await ghostOf(world);
  const room = into ?? world.homeserver.personMakes(`dm-of-${who.slice(1, 4)}`, who, "invite");
  const made = world.homeserver.room(room);
  made.member(ghost, "invite", who, { is_direct: true });
  const invited = { user: ghost, membership: "invite", direct: true } as const;
  await world.push({ kind: "member", room, sender: who, id: world.newEventId(), at: 0, ...invited });
  const last = made.timeline.findLast(
    ({ type, state_key }) => type === "m.room.member" && state_key === ghost,
  );
  return last?.content["reason"] ?? made.members.get(ghost);
}

test("who invites a contact's ghost is told where the chat is, by the ghost and by the bot, and invited there", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  await world.moves(ANA, flow.room, "leave");
  world.homeserver.room(flow.room).members.delete(ANA);
  const said = await invites(world, ANA);
  expect(said).toMatch(
    /^The chat with Bram is in a room of its own, accept the invitation and write there: https/,
  );
  expect(said).toContain(encodeURIComponent(flow.room));
  expect(world.homeserver.shown(flow.management).at(-1)).toBe(`bot: ${String(said)}`);
  expect(world.homeserver.room(flow.room).members.get(ANA)).toBe("invite");
});

test("a chat that was muted and left is opened again", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  await world.moves(ANA, flow.room, "leave");
  world.homeserver.room(flow.room).members.delete(ANA);
  await flow.asks("mute whatsapp Bram");
  await invites(world, ANA);
  expect(world.homeserver.room(flow.room).members.get(ANA)).toBe("invite");
});

test("who has no chat with the contact, or the network off, is told why, and reaches nobody by a Matrix id", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  expect(await invites(world, BEN)).toMatch(/^I stand for somebody on WhatsApp, which is off for you/);
  await world.optsIn(BEN);
  const said = await invites(world, BEN);
  expect(said).toMatch(/^You have no chat with whom I stand for. Write “start-chat whatsapp …”/);
  expect(said).not.toContain("Bram");
  const [login] = await world.store.logins.of(BEN, world.network.id);
  expect(login && (await world.store.portals.ofLogin(login.id))).toEqual([]);
});

test("who may not use the bridge is declined, and no room is made for them", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  const rooms = world.homeserver.rooms.size;
  expect(await invites(world, STRANGER)).toMatch(/^You are not allowed to use this bridge/);
  // The room of the stranger's own is the one more.
  expect(world.homeserver.rooms.size).toBe(rooms + 1);
});

test("a ghost comes back into its own chat, and into nobody else's", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  expect(await invites(world, ANA, flow.room)).toBe("join");
  await flow.client.says("Carla", "c1", "hello");
  await settle();
  const carla = await world.portal(ANA, "Carla");
  expect(await invites(world, ANA, carla.room)).toMatch(/^The chat with Bram is in a room of its own, /);
  expect(await flow.asks("status")).toMatch(/WhatsApp/);
});
