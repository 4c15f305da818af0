import { expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { FlowWorld } from "../kit/flow-world.ts";

test("whoever may not use the bridge is told so with the declined invitation, and the administrator who it was", async () => {
  await using world = await FlowWorld.start();
  const stranger = "@eve:elsewhere" as UserId;
  const room = await world.meets(stranger);
  const { bot } = world.homeserver;
  expect(world.homeserver.room(room).state.get(`m.room.member ${bot}`)).toEqual({
    membership: "leave",
    reason: "You are not allowed to use this bridge. Ask the administrator of your server.",
  });
  expect(world.warnings).toContain(
    "an invitation was declined, for “permissions” names nobody its sender is among",
  );
  expect(await world.store.rooms.of(stranger)).toBeUndefined();
});
