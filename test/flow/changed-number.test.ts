import { describe, expect, test } from "@jest/globals";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

const away = { kind: "waiting", words: "away." } as const;
const connected = { kind: "connected" } as const;
const newNumber = {
  kind: "identity-changed",
  chat: "Bram" as ChatId,
  sender: "Bram" as PersonId,
  id: "new" as MessageId,
  at: 0,
} as const;

/** A person who compared the safety number of their contact. */
async function verified() {
  const world = await FlowWorld.start();
  const { client, room: management } = await world.optsIn(ANA);
  await client.says("Bram", "1", "hello");
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  await world.says(ANA, management, "verified whatsapp Bram");
  const notices = () => world.homeserver.shown(room).filter((line) => line.includes("Not delivered."));
  return { world, client, management, room, notices };
}

const refusal = expect.stringContaining("safety number is another one than you verified");

describe("the number of a verified contact changes", () => {
  test("what waited to be sent does not leave for the new key", async () => {
    const { world, client, room, notices } = await verified();
    await using _ = world;
    client.state = away;
    await world.says(ANA, room, "a secret");
    await client.brings(newNumber);
    client.state = connected;
    await world.clock.advance(5_000);
    expect(client.received.size).toBe(0);
    expect(notices()).toEqual([refusal]);
  });

  test("nor while the room cannot be told of it", async () => {
    const { world, client, room, notices } = await verified();
    await using _ = world;
    client.state = away;
    await world.says(ANA, room, "a secret");
    world.homeserver.away = true;
    await client.brings(newNumber);
    client.state = connected;
    await world.clock.advance(5_000);
    expect(client.received.size).toBe(0);
    world.homeserver.away = false;
    await world.clock.advance(120_000);
    expect(notices()).toEqual([refusal]);
    expect(world.homeserver.shown(room)).toContainEqual(
      expect.stringContaining("You had verified the old one"),
    );
  });

  test("nor what is being encrypted when a new session shows the key", async () => {
    const { world, client, room, notices } = await verified();
    await using _ = world;
    const send = client.send.bind(client);
    client.send = async (item, journal) => {
      await client.brings(newNumber);
      await send(item, journal);
    };
    await world.says(ANA, room, "a secret");
    await world.clock.advance(5_000);
    expect(client.received.size).toBe(0);
    expect(notices()).toEqual([refusal]);
  });

  test("nor what the new phone asks for again; its writer is told, and may send it on their word", async () => {
    const { world, client, management, room, notices } = await verified();
    await using _ = world;
    const event = world.text(ANA, room, "a secret");
    world.homeserver.written.set(event.id, event);
    await world.push(event);
    const [id] = Array.from(client.received.keys());
    if (id === undefined) throw new Error("nothing was sent");
    expect(await client.sink.again("Bram" as ChatId, id)).toMatchObject({ kind: "message" });
    await client.brings(newNumber);
    for (let asked = 0; asked < 2; asked++) {
      expect(await client.sink.again("Bram" as ChatId, id)).toBeUndefined();
    }
    await settle();
    expect(notices()).toEqual([refusal]);
    await world.says(ANA, management, "unverified whatsapp Bram");
    await world.says(ANA, management, "retry whatsapp Bram");
    expect(world.homeserver.shown(management).at(-1)).toContain("1 message to Bram is on its way");
  });
});

test("what waits for a contact who is blocked meanwhile is not sent", async () => {
  const { world, client, management, room, notices } = await verified();
  await using _ = world;
  client.state = away;
  await world.says(ANA, room, "a secret");
  await world.says(ANA, management, "block whatsapp Bram");
  client.state = connected;
  await world.clock.advance(5_000);
  expect(client.received.size).toBe(0);
  expect(notices()).toEqual([expect.stringContaining("You have blocked Bram")]);
});
