import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, EventId, MessageId } from "../../src/core/model/ids.ts";
import { messageRefused } from "../../src/networks/meta-interop/connection/refusals.ts";
import { edits, phone, redacts } from "../kit/edited-chat.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { fromBram, OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const away = { kind: "waiting", words: "away." } as const;
const refused = new BridgeError("not-reachable", { words: "Bram turned it off.", certain: true });

const newNumber = { ...fromBram("new"), kind: "identity-changed" } as const;

/** Ana writes something that the network refuses. */
async function fails(flow: OpenFlow, text: string): Promise<EventId> {
  flow.client.faults.push({ when: "before", error: refused });
  return flow.says(text);
}

describe("a message that did not arrive", () => {
  test("leaves nothing of its text here", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    const event = await fails(flow, "a secret");
    expect((await world.store.networkOutbox.byEvent(event))?.outgoing).toBeUndefined();
    expect(await world.store.deadLetters.newest(9)).toMatchObject([{ ref: event, body: "" }]);
  });

  test("cannot be edited or reacted to: its contact never had it", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    const target = await fails(flow, "first");
    await flow.does({ kind: "edit", target, message: said("corrected") });
    expect(flow.last).toMatch(/Not delivered\. That message did not arrive; write it as a new one/);
    await flow.does({ kind: "reaction", target, emoji: "👍" });
    expect(flow.last).toMatch(/did not arrive/);
    expect(client.taken).toEqual([]);
  });

  test("because its contact's phone could not read it is marked so once, and can be sent again", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    await flow.says("hello");
    const [id = "" as MessageId] = Array.from(client.received.keys());
    const unread = new BridgeError("gone", { words: "Bram's phone could not decrypt it.", certain: false });
    for (let asked = 0; asked < 2; asked++) await client.sink.undelivered("Bram" as ChatId, id, unread);
    await client.sink.undelivered("Bram" as ChatId, "nothing" as MessageId, unread);
    await settle();
    const told = flow.shown.filter((line) => line.includes("Not delivered"));
    expect(told).toEqual([expect.stringContaining("Bram's phone could not decrypt it.")]);
    expect(flow.last).toBe(told[0]);
    expect(await flow.asks("retry whatsapp Bram")).toContain("1 message to Bram is on its way");
  });

  test("takes with it what waits behind it to change it", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    client.state = away;
    const target = await flow.says("first");
    await flow.does({ kind: "edit", target, message: said("corrected") });
    await flow.says("next");
    client.faults.push({ when: "before", error: refused });
    client.state = { kind: "connected" };
    await world.clock.advance(5_000);
    expect(client.taken).toMatchObject([{ kind: "message", message: said("next") }]);
    expect(flow.last).toMatch(/did not arrive/);
  });
});

test("a redaction in another room takes nothing back, whoever's message it names", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client } = flow;
  const { client: bens } = await world.optsIn(BEN);
  await bens.says("Bram", "1", "hello ben");
  await settle();
  const his = await world.portal(BEN, "Bram");
  client.state = away;
  const target = await flow.says("ana's own");
  await world.push({ kind: "redaction", room: his.room, sender: BEN, id: world.newEventId(), at: 0, target });
  client.state = { kind: "connected" };
  await world.clock.advance(5_000);
  expect(Array.from(client.received.values())).toEqual(["ana's own"]);
});

describe("a message that waits", () => {
  test("is said to wait once, over restarts too", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    client.state = away;
    await flow.says("are you there?");
    await world.clock.advance(60_000);
    world.network.initially = away;
    for (let restarts = 0; restarts < 2; restarts++) {
      await world.restart();
      await world.clock.advance(60_000);
    }
    const notices = flow.shown.filter((line) => line.includes("Not delivered yet"));
    expect(notices).toEqual([expect.stringContaining("The bridge keeps trying")]);
  });

  test("is promised another try only while there is one", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    const error = messageRefused(503, "WhatsApp", undefined);
    for (let tries = 0; tries < 10; tries++) client.faults.push({ when: "before", error });
    await flow.says("poison");
    await world.clock.advance(600_000);
    expect(flow.shown.slice(1)).toEqual([
      "bot: Not delivered yet: WhatsApp has a problem at the moment. The bridge keeps trying, you need not send it again.",
      "bot: ⚠️ Not delivered. WhatsApp has a problem at the moment. Reply to this with “retry” to send it again.",
    ]);
  });
});

describe("what failed is sent on the person's word", () => {
  test("to nobody who is blocked, nor to a number that is not the one compared", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    await fails(flow, "a secret");
    await flow.asks("block whatsapp Bram");
    expect(await flow.asks("retry whatsapp Bram")).toContain("Nothing was sent. You have blocked Bram");
    await flow.asks("unblock whatsapp Bram");
    await flow.asks("verified whatsapp Bram");
    await client.brings(newNumber);
    await settle();
    expect(await flow.asks("retry whatsapp Bram")).toContain("Nothing was sent. Bram's safety number");
    expect(client.received.size).toBe(0);
    await flow.asks("unverified whatsapp Bram");
    expect(await flow.asks("retry whatsapp Bram")).toContain("1 message to Bram is on its way");
    expect(Array.from(client.received.values())).toEqual(["a secret"]);
  });

  test("not before they agreed to a newer notice", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    await fails(flow, "a secret");
    world.network.notice = { version: 2, paragraphs: ["More is told."] };
    await world.restart();
    expect(await flow.asks("retry whatsapp Bram")).toContain("Nothing was sent. What WhatsApp learns");
    expect(world.network.clientOf(ANA).received.size).toBe(0);
  });

  test("as the answer it was, and as the network takes it now", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    client.faults.push({ when: "before", error: refused });
    await flow.does({ kind: "message", message: said("an answer"), replyTo: flow.hello });
    await fails(flow, "far too long");
    client.granted = { ...client.granted, text: 10 };
    const answer = await flow.asks("retry whatsapp Bram");
    expect(client.taken).toMatchObject([{ kind: "message", message: { replyTo: { id: "1", own: false } } }]);
    expect(answer).toMatch(
      /^bot: 1 message to Bram is on its way again\. What cannot be sent as it is: 1; the reasons are in the chat\.$/,
    );
    expect(flow.last).toContain("takes up to 10");
  });

  test("and what is no message, or was taken back meanwhile, is nothing to send or to write anew", async () => {
    await using flow = await OpenFlow.begin();
    const fails = () => flow.client.faults.push({ when: "before", error: refused });
    const one = await flow.says("one");
    fails();
    await flow.does({ kind: "reaction", target: one, emoji: "👍" });
    fails();
    await edits(flow, one, said("two"));
    fails();
    await redacts(flow, one);
    fails();
    const lost = await flow.says("lost");
    await edits(flow, lost, said("found"));
    fails();
    await redacts(flow, await flow.says("a mistake"));
    expect(await flow.asks("retry whatsapp Bram")).toBe("bot: 1 message to Bram is on its way again.");
    expect(await flow.asks("retry whatsapp Bram")).toContain("Nothing you wrote to Bram has failed");
    expect(phone(flow)).toEqual(["one", "found"]);
  });
});
