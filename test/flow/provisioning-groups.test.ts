import { expect, test } from "@jest/globals";
import type { ChatId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";
import { settle } from "../kit/virtual-clock.ts";

const CREATE = "/_matrix/provision/v3/create_group";

test("a group is made once with the people who are named, and its room is answered", async () => {
  await using here = await ProvisionedWorld.start();
  const { world } = here;
  here.tokens.access.set("ana-token", ANA);
  const { client } = await world.optsIn(ANA);
  await client.says("Bram", "m1", "hello");
  await settle();
  const zoe = {
    person: "Zoe" as PersonId,
    chat: "Zoe" as ChatId,
    name: "Zoe",
    reachability: "reachable",
  } as const;
  world.network.contacts.set("+31611", { kind: "found", contact: zoe });
  const post = (path: string, body: object) => here.ask("POST", `${CREATE}/${path}`, { body });

  const body = { name: { name: "Dinner" }, participants: ["Bram", "+31611"], key: "once" };
  const made = await post("group", body);
  expect(made).toMatchObject({ status: 201, body: { id: "Dinner@group" } });
  const id = "Dinner@group" as ChatId;
  expect(made.body).toEqual({ id, mxid: (await world.portal(ANA, id)).room satisfies RoomId });
  const members = [...(world.network.groupsById.get(id)?.people ?? [])];
  expect(members).toEqual([
    ["Bram", "member"],
    ["Zoe", "member"],
  ]);
  expect((await post("group", body)).body).toEqual(made.body);
  expect(world.network.groupsById.size).toBe(1);
  expect((await post("group", { ...body, participants: ["+31699"] })).status).toBe(404);
  expect((await post("channel", body)).status).toBe(400);
});
