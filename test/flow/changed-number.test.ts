import { describe, expect, test } from "@jest/globals";
import type { ChatId } from "../../src/core/model/ids.ts";
import { fromBram, OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const away = { kind: "waiting", words: "away." } as const;
const connected = { kind: "connected" } as const;
const newNumber = { ...fromBram("new"), kind: "identity-changed" } as const;

/** A chat whose person compared the safety number of their contact. */
async function verified(): Promise<OpenFlow> {
  const flow = await OpenFlow.begin();
  await flow.asks("verified whatsapp Bram");
  return flow;
}

const refused = ({ shown }: OpenFlow) => shown.filter((line) => line.includes("Not delivered."));
const refusal = expect.stringContaining("safety number is another one than you verified");

describe("the number of a verified contact changes", () => {
  test("what waited to be sent does not leave for the new key", async () => {
    await using flow = await verified();
    const { world, client } = flow;
    client.state = away;
    await flow.says("a secret");
    await client.brings(newNumber);
    client.state = connected;
    await world.clock.advance(5_000);
    expect(client.received.size).toBe(0);
    expect(refused(flow)).toEqual([refusal]);
  });

  test("what is written then is kept, and offered once its person agreed", async () => {
    await using flow = await verified();
    const { client } = flow;
    await client.brings(newNumber);
    await settle();
    await flow.says("a secret");
    expect(refused(flow)).toEqual([
      expect.stringMatching(/agree\. Reply to this with “retry” to send it again\.$/),
    ]);
    expect(await flow.asks("unverified whatsapp Bram")).toMatch(
      / What you wrote meanwhile was not sent: write “retry whatsapp Bram” to send it now\.$/,
    );
    await flow.asks("retry whatsapp Bram");
    expect(Array.from(client.received.values())).toEqual(["a secret"]);
  });

  test("nor while the room cannot be told of it", async () => {
    await using flow = await verified();
    const { world, client } = flow;
    client.state = away;
    await flow.says("a secret");
    world.homeserver.away = true;
    await client.brings(newNumber);
    client.state = connected;
    await world.clock.advance(5_000);
    expect(client.received.size).toBe(0);
    world.homeserver.away = false;
    await world.clock.advance(120_000);
    expect(refused(flow)).toEqual([refusal]);
    expect(flow.shown).toContainEqual(expect.stringContaining("You had verified the old one"));
  });

  test("nor what is being encrypted when a new session shows the key", async () => {
    await using flow = await verified();
    const { world, client } = flow;
    const send = client.send.bind(client);
    client.send = async (item, journal) => {
      await client.brings(newNumber);
      await send(item, journal);
    };
    await flow.says("a secret");
    await world.clock.advance(5_000);
    expect(client.received.size).toBe(0);
    expect(refused(flow)).toEqual([refusal]);
  });

  test("nor what the new phone asks for again; its writer is told, and may send it on their word", async () => {
    await using flow = await verified();
    const { client } = flow;
    await flow.says("a secret");
    const [id] = Array.from(client.received.keys());
    if (id === undefined) throw new Error("nothing was sent");
    expect(await client.sink.again("Bram" as ChatId, id)).toMatchObject({ kind: "message" });
    await client.brings(newNumber);
    for (let asked = 0; asked < 2; asked++) {
      expect(await client.sink.again("Bram" as ChatId, id)).toBeUndefined();
    }
    await settle();
    expect(refused(flow)).toEqual([refusal]);
    await flow.asks("unverified whatsapp Bram");
    expect(await flow.asks("retry whatsapp Bram")).toContain("1 message to Bram is on its way");
  });
});

test("what waits for a contact who is blocked meanwhile is not sent", async () => {
  await using flow = await verified();
  const { world, client } = flow;
  client.state = away;
  await flow.says("a secret");
  await flow.asks("block whatsapp Bram");
  client.state = connected;
  await world.clock.advance(5_000);
  expect(client.received.size).toBe(0);
  expect(refused(flow)).toEqual([expect.stringContaining("You have blocked Bram")]);
});
