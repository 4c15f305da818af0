import { expect, test } from "@jest/globals";
import type { ChatId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";
import { settle } from "../kit/virtual-clock.ts";

const GROUPS = "/_matrix/provision/person/v1/groups";
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

test("groups are told with how many are in them, and are left", async () => {
  await using here = await ProvisionedWorld.start();
  const { world } = here;
  here.tokens.access.set("ana-token", ANA);
  const { client } = await world.optsIn(ANA);
  const group = world.network.group("Family", { Bram: "owner", Carla: "admin" }, [ANA]);
  await group.says("Bram", "1", "hello");
  await client.says("Bram", "d", "just us");
  await settle();
  const told = await here.ask("GET", GROUPS);
  const mxid = (await world.portal(ANA, group.chat)).room;
  expect(told.body).toEqual({
    groups: [
      expect.objectContaining({
        id: group.chat,
        name: "Family",
        mxid,
        members: 3,
        network_id: "whatsapp",
        request: false,
      }),
    ],
  });
  expect(
    await here.ask("PUT", `${GROUPS}/${group.chat}/request`, { body: { answer: "accept" } }),
  ).toMatchObject({
    status: 409,
  });
  const closed = "WhatsApp does not let third parties into groups now.";
  const before = client.granted;
  client.granted = { ...before, closed };
  client.sink.capabilities(() => client.granted);
  await settle();
  expect((await here.ask("GET", GROUPS)).body).toEqual({
    groups: [expect.objectContaining({ id: group.chat, mxid, closed })],
  });
  expect(await here.ask("POST", `${GROUPS}/${group.chat}/leave`)).toMatchObject({
    status: 409,
    body: { error: `${closed} You can leave the group when that is over.` },
  });
  client.granted = before;
  client.sink.capabilities(() => before);
  await settle();
  expect((await here.ask("POST", `${GROUPS}/nothing/leave`)).status).toBe(404);
  expect((await here.ask("POST", `${GROUPS}/${group.chat}/leave`)).status).toBe(200);
  await world.clock.advance(60_000);
  expect(group.ours.has(ANA)).toBe(false);
  expect((await here.ask("GET", GROUPS)).body).toEqual({ groups: [] });
  expect(world.homeserver.room(mxid).archived).toBe(true);
});

test("an invitation to a group is told, accepted or declined", async () => {
  await using here = await ProvisionedWorld.start();
  const { world } = here;
  here.tokens.access.set("ana-token", ANA);
  await world.optsIn(ANA);
  const answers = async (name: string, answer: "accept" | "decline") => {
    const group = world.network.group(name, { Bram: "owner" }, []);
    await group.invites("Bram", "i", ANA);
    await settle();
    const { body } = await here.ask("GET", GROUPS);
    expect(body).toEqual({
      groups: expect.arrayContaining([expect.objectContaining({ name, request: true })]),
    });
    expect((await here.ask("POST", `${GROUPS}/${group.chat}/leave`)).status).toBe(409);
    expect((await here.ask("PUT", `${GROUPS}/${group.chat}/request`, { body: { answer } })).status).toBe(200);
    await world.clock.advance(5_000);
    return group;
  };
  const accepted = await answers("Club", "accept");
  expect(accepted.ours.has(ANA)).toBe(true);
  const declined = await answers("Spam", "decline");
  expect(declined.ours.has(ANA)).toBe(false);
  const { body } = await here.ask("GET", GROUPS);
  expect(body).toEqual({ groups: [expect.objectContaining({ name: "Club", request: false })] });
});
