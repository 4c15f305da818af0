import { describe, expect, test } from "@jest/globals";
import type { RoomId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { ADMIN, invites, LEVELS, reigns } from "../kit/room-endings.ts";
import { settle } from "../kit/virtual-clock.ts";

const ghosts = (flow: GroupFlow, room: RoomId): readonly string[] =>
  Array.from(flow.homeserver.room(room).members)
    .filter(([user, is]) => is === "join" && user !== flow.homeserver.bot && flow.homeserver.isOurs(user))
    .map(([user]) => (flow.homeserver.names.get(user) ?? "?").replace(/ \(WhatsApp\)$/, ""))
    .sort();

describe("a group's room that somebody upgraded", () => {
  test("is followed by all members with their roles, for everybody here who shares it, each message once", async () => {
    await using flow = await GroupFlow.open();
    await flow.world.optsIn(BEN);
    await flow.group.movesOurs("Bram", "b", BEN, "joined");
    await flow.group.says("Bram", "2", "hello Ben");
    await settle();
    const before = flow.id;
    flow.homeserver.lets(BEN, before);
    await flow.group.does("Bram", "p", {
      kind: "group-permissions",
      writes: "admin",
      changes: "admin",
    });
    await flow.world.clock.advance(5_000);
    reigns(flow.world, before);
    const next = flow.homeserver.upgrade(before, ADMIN);
    await invites(flow.world, next, before);
    await flow.world.clock.advance(5_000);
    await flow.group.says("Carla", "3", "here?");
    await flow.world.clock.advance(5_000);
    expect(flow.homeserver.shown(next).filter((line) => line.startsWith("Carla"))).toEqual(["Carla: here?"]);
    expect(ghosts(flow, next)).toEqual(["Bram", "Carla", "Dirk"]);
    const room = flow.homeserver.room(next);
    expect([room.members.get(ANA), room.members.get(BEN)]).toEqual(["invite", "invite"]);
    expect(room.state.get(`${LEVELS} `)).toMatchObject({
      events_default: 50,
      invite: 50,
      users: { [flow.ghostOf("Bram")]: 75, [flow.ghostOf("Carla")]: 50, [ADMIN]: 100 },
    });
    expect(room.state.get("m.room.name ")).toEqual({ name: "Family (WhatsApp)" });
    const rooms = Array.from(flow.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "portal");
    expect(rooms).toHaveLength(2);
  });

  test("is in its person's Space in the earlier one's place", async () => {
    await using flow = await GroupFlow.open();
    await flow.world.says(ANA, flow.management, "inbox separate");
    await settle();
    const space = (await flow.world.store.records.get("space", `${ANA} whatsapp`)) as RoomId;
    const children = (): readonly string[] =>
      Array.from(flow.homeserver.room(space).state)
        .filter(([key, content]) => key.startsWith("m.space.child ") && "via" in content)
        .map(([key]) => key.slice("m.space.child ".length));
    const before = flow.id;
    expect(children()).toEqual([before]);
    reigns(flow.world, before);
    const next = flow.homeserver.upgrade(before, ADMIN);
    await invites(flow.world, next, before);
    await flow.world.clock.advance(5_000);
    expect(children()).toEqual([next]);
  });
});
