import { describe, expect, test } from "@jest/globals";
import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

/** A group of Ana's and Ben's, which both keep in their Spaces. */
async function kept() {
  const flow = await GroupFlow.begin();
  const { room: bens } = await flow.world.optsIn(BEN);
  const rooms = new Map([
    [ANA, flow.management],
    [BEN, bens],
  ]);
  flow.group.ours.add(BEN);
  await flow.group.says("Bram", "1", "hello");
  await settle();
  const says = (user: UserId, words: string): Promise<unknown> =>
    flow.world.says(user, rooms.get(user) as RoomId, words);
  await Promise.all([says(ANA, "inbox separate"), says(BEN, "inbox separate")]);
  await settle();
  return { flow, says };
}

/** Whose Spaces' members may come in by themselves. */
async function mayEnter(flow: GroupFlow): Promise<readonly UserId[]> {
  const rule = flow.room.state.get("m.room.join_rules ") as {
    readonly join_rule: string;
    readonly allow?: readonly { readonly room_id: RoomId }[];
  };
  expect(rule.join_rule).toBe(rule.allow === undefined ? "invite" : "restricted");
  const spaces = await Promise.all(
    [ANA, BEN].map(async (user) => ({ user, space: await spaceOf(flow, user) })),
  );
  return (rule.allow ?? []).flatMap(({ room_id: id }) =>
    spaces.flatMap(({ user, space }) => (space === id ? [user] : [])),
  );
}
const spaceOf = async (flow: GroupFlow, user: UserId): Promise<RoomId | undefined> =>
  (await flow.world.store.records.get("space", `${user} whatsapp`)) as RoomId | undefined;
async function isIn(flow: GroupFlow, user: UserId): Promise<boolean> {
  const space = await spaceOf(flow, user);
  const child = space && flow.homeserver.room(space).state.get(`m.space.child ${flow.id}`);
  return child !== undefined && "via" in (child as object);
}

describe("a group's room that two people keep in their Spaces", () => {
  test("is in both, and who is in either may come in", async () => {
    const { flow } = await kept();
    await using _ = flow;
    expect([...(await mayEnter(flow))].sort()).toEqual([ANA, BEN]);
    expect([await isIn(flow, ANA), await isIn(flow, BEN)]).toEqual([true, true]);
  });

  test("stays in one's when the other does without a Space", async () => {
    const { flow, says } = await kept();
    await using _ = flow;
    await says(ANA, "inbox combined");
    expect(await mayEnter(flow)).toEqual([BEN]);
    expect([await isIn(flow, ANA), await isIn(flow, BEN)]).toEqual([false, true]);
    await says(BEN, "inbox combined");
    expect(await mayEnter(flow)).toEqual([]);
  });

  test("is not to be come into again by who is out of the group", async () => {
    const { flow, says } = await kept();
    await using _ = flow;
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await settle();
    expect(await mayEnter(flow)).toEqual([BEN]);
    expect([await isIn(flow, ANA), await isIn(flow, BEN)]).toEqual([false, true]);
    await says(ANA, "inbox separate");
    await says(BEN, "inbox separate");
    expect(await mayEnter(flow)).toEqual([BEN]);
    await flow.group.movesOurs("Bram", "in", ANA, "joined");
    await flow.group.says("Bram", "2", "welcome back");
    await settle();
    expect(flow.room.members.get(ANA)).toBe("invite");
    expect([...(await mayEnter(flow))].sort()).toEqual([ANA, BEN]);
    expect(await isIn(flow, ANA)).toBe(true);
  });

  test("nor by who turned the network off", async () => {
    const { flow, says } = await kept();
    await using _ = flow;
    await says(BEN, "disable whatsapp yes");
    await settle();
    expect(await mayEnter(flow)).toEqual([ANA]);
    expect(flow.room.members.get(BEN)).not.toBe("join");
  });
});
