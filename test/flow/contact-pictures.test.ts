import { expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import type { MemoryClient } from "../kit/memory-client.ts";
import { fromBram } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const BRAM = "Bram" as PersonId;

/** What the homeserver shows of Bram, and of his chat with somebody. */
async function shown(world: FlowWorld, whose = ANA): Promise<readonly unknown[]> {
  const [user] = Array.from(world.homeserver.names).find(([, name]) => name === "Bram (WhatsApp)") ?? [];
  const { room } = await world.portal(whose, "Bram");
  const bytes = (uri: unknown) => world.homeserver.files.get(String(uri))?.bytes.toString();
  const made = world.homeserver.room(room);
  return [
    bytes(user && world.homeserver.avatars.get(user)),
    bytes(made.state.get("m.room.avatar ")?.["url"]),
  ];
}

/** The network has a picture of Bram. */
function has(world: FlowWorld, picture: string): void {
  world.network.pictures.set("Bram", `ref ${picture}`);
  world.network.files.set(`ref ${picture}`, Buffer.from(picture));
}

const tells = (client: MemoryClient, id: string, avatar: string): Promise<void> =>
  client.brings({ ...fromBram(id), kind: "avatar", avatar });

test("who is new is shown with their own picture, in the chat too, and the network is asked once", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  has(world, "a face");
  await client.says("Bram", "1", "hello");
  await client.says("Bram", "2", "hello again");
  await settle();
  expect(await shown(world)).toEqual(["a face", "a face"]);
  expect(client.asked).toEqual([BRAM]);
});

test("a picture is followed when it changes, and is drawn again when it is removed", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  has(world, "a face");
  await client.says("Bram", "1", "hello");
  await settle();
  world.network.files.set("ref a dog", Buffer.from("a dog"));
  await tells(client, "2", "ref a dog");
  await settle();
  expect(await shown(world)).toEqual(["a dog", "a dog"]);
  // A new name draws nothing over it.
  await client.brings({ ...fromBram("3"), kind: "renamed", name: "Bram" });
  await settle();
  expect(await shown(world)).toEqual(["a dog", "a dog"]);
  await tells(client, "4", "");
  await settle();
  expect(await shown(world)).toEqual(["#1b8f4d B", "#1b8f4d B"]);
});

test("a network that does not say takes nothing away, nor does a picture that cannot be had", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  has(world, "a face");
  await client.says("Bram", "1", "hello");
  await settle();
  world.network.pictures.clear();
  await tells(client, "2", "ref nowhere");
  await world.restart();
  await world.network.clientOf(ANA).says("Bram", "3", "still me");
  await world.clock.advance(600_000);
  expect(await shown(world)).toEqual(["a face", "a face"]);
  expect(world.warnings).toContain("a contact's picture is not shown");
});

test("what is no image is not shown, and holds up no message", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  const { tools } = world;
  world.tools = { ...tools, inspect: async () => ({ mimetype: "text/html" }) };
  await world.restart();
  has(world, "<svg>");
  await world.network.clientOf(ANA).says("Bram", "1", "hello");
  await world.clock.advance(600_000);
  expect(await shown(world)).toEqual(["#1b8f4d B", "#1b8f4d B"]);
  const { room } = await world.portal(ANA, "Bram");
  expect(world.homeserver.shown(room)).toEqual(["Bram: hello"]);
  expect(client.isEnded).toBe(true);
});

test("the same picture is uploaded once, whoever has it and however it is named", async () => {
  await using world = await FlowWorld.start();
  const ana = await world.optsIn(ANA);
  const ben = await world.optsIn(BEN);
  has(world, "a face");
  await ana.client.says("Bram", "1", "hello");
  await ben.client.says("Bram", "2", "hello");
  await settle();
  world.network.files.set("another name", Buffer.from("a face"));
  await tells(ben.client, "3", "another name");
  await settle();
  const faces = Array.from(world.homeserver.files.values()).filter(
    (file) => file?.bytes.toString() === "a face",
  );
  expect(faces).toHaveLength(1);
  expect([await shown(world), await shown(world, BEN)]).toEqual([
    ["a face", "a face"],
    ["a face", "a face"],
  ]);
});

test("a picture that was told of is fetched after a crash, and when the network is back", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  await client.says("Bram", "1", "hello");
  await settle();
  client.openMedia = async () => {
    throw new BridgeError("remote-unreachable", { words: "away", certain: true, retryAfter: 1_000 });
  };
  has(world, "a face");
  await tells(client, "2", "ref a face");
  await world.clock.advance(60_000);
  expect(await shown(world)).toEqual(["#1b8f4d B", "#1b8f4d B"]);
  await world.restart();
  await settle();
  expect(await shown(world)).toEqual(["a face", "a face"]);
});

test("contacts of an older version are asked about at what they do next", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  await client.says("Bram", "1", "hello");
  await settle();
  expect(await shown(world)).toEqual(["#1b8f4d B", "#1b8f4d B"]);
  await world.restart();
  has(world, "a face");
  await world.network.clientOf(ANA).says("Bram", "2", "hello");
  await settle();
  expect(await shown(world)).toEqual(["a face", "a face"]);
});

test("a homeserver restored from an older copy gets the pictures anew", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  has(world, "a face");
  await client.says("Bram", "1", "hello");
  await settle();
  world.homeserver.avatars.clear();
  world.homeserver.files.clear();
  await world.bridge.intake.rolledBack();
  await settle();
  expect((await shown(world))[0]).toBe("a face");
});
