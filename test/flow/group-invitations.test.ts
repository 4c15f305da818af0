import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { GroupFlow, PEOPLE } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const QUESTION =
  /^bot: Bram invites you to the group “Family” on WhatsApp, which has 3 members\. You are in it once you accept; nobody there sees before that what you read or write\. Answer this with 👍 or 👎, or write “accept whatsapp Family” or “decline whatsapp Family” to me\.$/;

/** Ana was invited to the group by Bram. */
async function invited(): Promise<GroupFlow> {
  const flow = await GroupFlow.begin();
  flow.group.ours.delete(ANA);
  await flow.group.invites("Bram", "i", ANA);
  await settle();
  flow.homeserver.lets(ANA, flow.id);
  await flow.world.push(flow.membership(ANA, "join"));
  return flow;
}

const question = (flow: GroupFlow): EventId => {
  const found = flow.room.events.find(({ send }) => String(send.content["body"]).includes("invites you"));
  if (!found) throw new Error("nobody was asked");
  return found.event;
};
const reacts = (flow: GroupFlow, emoji: string): Promise<void> =>
  flow.world.push({
    kind: "reaction",
    room: flow.id,
    sender: ANA,
    id: flow.world.newEventId(),
    at: 0,
    target: question(flow),
    emoji,
  });
const asks = async ({ world, management }: GroupFlow, text: string): Promise<string> => {
  await world.says(ANA, management, text);
  return world.homeserver.shown(management).at(-1) ?? "";
};

describe("an invitation to a group", () => {
  test("makes its room, and asks who invited and how many are there", async () => {
    await using flow = await invited();
    expect(flow.shown).toEqual([expect.stringMatching(QUESTION)]);
    expect(flow.room.spec.name).toBe("Family (WhatsApp)");
    expect(flow.present).toEqual(Object.keys(PEOPLE));
    await flow.world.restart();
    expect(flow.shown).toHaveLength(1);
  });

  test.each([
    ["a reaction", (flow: GroupFlow) => reacts(flow, "👍")],
    ["a command", (flow: GroupFlow) => asks(flow, "accept whatsapp Family")],
    ["writing there", (flow: GroupFlow) => flow.world.says(ANA, flow.id, "hello all")],
  ])("is accepted by %s, which the network hears before what is written", async (how, act) => {
    await using flow = await invited();
    await act(flow);
    expect(flow.world.network.answered).toEqual([`${flow.chat} accepted`]);
    expect(flow.group.ours).toContain(ANA);
    expect(flow.client.taken).toHaveLength(how === "writing there" ? 1 : 0);
    expect(flow.shown.at(-1)).toBe("bot: You are in this group now.");
    await flow.group.says("Carla", "1", "welcome");
    await settle();
    expect(flow.shown.at(-1)).toBe("Carla: welcome");
  });

  test.each([
    ["a reaction", (flow: GroupFlow) => reacts(flow, "👎")],
    ["a command", (flow: GroupFlow) => asks(flow, "decline whatsapp Family")],
  ])("is declined by %s: its room is closed with words, and a new invitation asks again", async (_, act) => {
    await using flow = await invited();
    await act(flow);
    expect(flow.world.network.answered).toEqual([`${flow.chat} declined`]);
    expect(flow.room.archived).toBe(true);
    expect(flow.shown.at(-1)).toBe(
      "bot: You declined the invitation to this group. If you are invited again, I ask you again.",
    );
    await flow.group.invites("Carla", "i2", ANA);
    await settle();
    expect(flow.room.archived).toBe(false);
    expect(flow.shown.slice(-2)).toEqual([
      "bot: You are invited to this group again.",
      expect.stringMatching(
        /^bot: Carla invites you to the group “Family” on WhatsApp, which has 3 members\./,
      ),
    ]);
    await reacts(flow, "👍");
    expect(flow.world.network.answered).toEqual([`${flow.chat} declined`, `${flow.chat} accepted`]);
    expect(flow.shown.at(-1)).toBe("bot: You are in this group now.");
  });

  test("that is answered on the phone is a request no more, and one taken back closes its room", async () => {
    await using flow = await invited();
    await flow.group.answered(ANA, true);
    await settle();
    expect(flow.shown.at(-1)).toBe("bot: You are in this group now.");
    expect(await asks(flow, "accept whatsapp Family")).toMatch(
      /is a group, and “accept” is about one person/,
    );

    await using other = await invited();
    other.group.invited.delete(ANA);
    await other.client.brings(
      other.group.event("Bram", "r", {
        kind: "group-members",
        changes: [{ person: undefined, membership: "left" }],
      }),
    );
    await settle();
    expect(other.room.archived).toBe(true);
    expect(other.shown.at(-1)).toBe("bot: You are not invited to this group any more.");
    expect(other.world.network.answered).toEqual([]);
  });

  test("holds what is written there until the network knows that it is accepted", async () => {
    await using flow = await invited();
    const away = new BridgeError("remote-unreachable", { words: "away", certain: true, retryAfter: 0 });
    flow.world.network.answerFaults.push(away);
    await flow.world.says(ANA, flow.id, "hello all");
    expect([flow.client.taken.length, flow.world.network.answered.length]).toEqual([0, 0]);
    await flow.world.crash();
    await flow.world.clock.advance(60_000);
    expect(flow.world.network.answered).toEqual([`${flow.chat} accepted`]);
    expect(flow.client.taken).toHaveLength(1);
  });

  test("that stands no more when it is accepted says so in the room", async () => {
    await using flow = await invited();
    const words = "You are not invited to this group any more.";
    flow.world.network.answerFaults.push(new BridgeError("forbidden", { words, certain: true }));
    await reacts(flow, "👍");
    expect(flow.shown.at(-1)).toBe(
      `bot: Your answer to the invitation did not bring you into the group: ${words}`,
    );
  });

  test("is accepted at once for who wants no requests", async () => {
    await using flow = await GroupFlow.begin();
    await asks(flow, "requests off");
    flow.group.ours.delete(ANA);
    await flow.group.invites("Bram", "i", ANA);
    await settle();
    expect(flow.world.network.answered).toEqual([`${flow.chat} accepted`]);
    expect(flow.shown.filter((line) => line.includes("invites you"))).toEqual([]);
    expect(flow.group.ours).toContain(ANA);
  });

  test("into a room that others of ours use asks apart, and lets nobody in who has not accepted", async () => {
    await using world = await FlowWorld.start();
    await world.optsIn(ANA);
    const { room: management } = await world.optsIn(BEN);
    const group = world.network.group("Family", PEOPLE, [ANA]);
    await group.says("Bram", "1", "among us");
    await settle();
    const room = Array.from(world.homeserver.rooms.values()).find(({ spec }) => spec.kind === "portal");
    await group.invites("Bram", "i", BEN);
    await settle();
    expect(room?.members.has(BEN)).toBe(false);
    expect(world.homeserver.shown(management).at(-1)).toMatch(
      /^bot: Bram invites you to the group “Family” on WhatsApp, which has 4 members\..* Write “accept whatsapp Family” or “decline whatsapp Family”\.$/,
    );
    const asked = world.homeserver.shown(management).length;
    await group.says("Bram", "2", "still among us");
    await world.restart();
    expect(world.homeserver.shown(management)).toHaveLength(asked);
    expect(room?.members.has(BEN)).toBe(false);
    await world.says(BEN, management, "accept whatsapp Family");
    expect(room?.members.get(BEN)).toBe("invite");
    expect(group.ours).toContain(BEN);
  });
});
