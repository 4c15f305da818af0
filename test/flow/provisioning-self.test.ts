import { expect, test } from "@jest/globals";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";

const V3 = "/_matrix/provision/v3";

test("oneself is found and written to by one's own address, in the room of one's notes", async () => {
  await using here = await ProvisionedWorld.start();
  here.tokens.access.set("ana-token", ANA);
  await here.world.optsIn(ANA);
  const own = { person: "Ana" as PersonId, chat: "Ana" as ChatId, name: "Ana" };
  const get = async (path: string) => (await here.ask("GET", path)).body;
  const post = (path: string, body: object = {}) => here.ask("POST", path, { body });
  here.world.network.contacts.set("+31600", {
    kind: "found",
    contact: { ...own, reachability: "reachable", self: true },
  });
  const identifier = encodeURIComponent("+31600");
  const words = "That is you: what you write there is a note to yourself on WhatsApp.";
  const notes = { id: "Ana", name: "Note to self", reachability: { state: "reachable", words } };
  const found = await get(`${V3}/resolve_identifier/${identifier}`);
  expect(found).toMatchObject(notes);
  expect(found).not.toHaveProperty("dm_room_mxid");
  const made = await post(`${V3}/create_dm/${identifier}`);
  const { room } = await here.world.portal(ANA, "Ana");
  expect([made.status, made.body]).toMatchObject([201, { ...notes, dm_room_mxid: room }]);
  const again = await post(`${V3}/create_dm/${identifier}`);
  expect(again.body).toMatchObject({ dm_room_mxid: room });
  expect(await get(`${V3}/resolve_identifier/${identifier}`)).toMatchObject({ dm_room_mxid: room });
  expect((await post(`${V3}/search_users`, { query: "+31600" })).body).toMatchObject({
    results: [{ ...notes, dm_room_mxid: room }],
  });
});
