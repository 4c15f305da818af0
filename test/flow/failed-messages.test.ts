import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { ChatId, EventId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { messageRefused } from "../../src/networks/meta-interop/connection/refusals.ts";
import { edits, phone, redacts } from "../kit/edited-chat.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const away = { kind: "waiting", words: "away." } as const;
const refused = new BridgeError("not-reachable", { words: "Bram turned it off.", certain: true });

const newNumber = {
  kind: "identity-changed",
  chat: "Bram" as ChatId,
  sender: "Bram" as PersonId,
  id: "new" as MessageId,
  at: 0,
} as const;

/** A person with one open chat, and ways to write in it. */
async function withBram() {
  const world = await FlowWorld.start();
  const { client, room: management } = await world.optsIn(ANA);
  await client.says("Bram", "1", "hello");
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  /** Something the network refuses. */
  const fails = async (text: string): Promise<EventId> => {
    client.faults.push({ when: "before", error: refused });
    const event = world.text(ANA, room, text);
    world.homeserver.written.set(event.id, event);
    await world.push(event);
    return event.id;
  };
  const does = async (what: Partial<MatrixEvent> & Pick<MatrixEvent, "kind">): Promise<void> => {
    const event = { room, sender: ANA, id: world.newEventId(), at: world.clock.now(), ...what };
    await world.push(event as MatrixEvent);
  };
  const last = () => world.homeserver.shown(room).at(-1);
  return { world, client, management, room, fails, does, last };
}

const said = (text: string) =>
  ({ parts: [{ kind: "text", style: "text", body: { text, spans: [] } }] }) as const;

describe("a message that did not arrive", () => {
  test("leaves nothing of its text here", async () => {
    const { world, fails } = await withBram();
    await using _ = world;
    const event = await fails("a secret");
    expect((await world.store.networkOutbox.byEvent(event))?.outgoing).toBeUndefined();
    expect(await world.store.deadLetters.newest(9)).toMatchObject([{ ref: event, body: "" }]);
  });

  test("cannot be edited or reacted to: its contact never had it", async () => {
    const { world, client, fails, does, last } = await withBram();
    await using _ = world;
    const target = await fails("first");
    await does({ kind: "edit", target, message: said("corrected") });
    expect(last()).toMatch(/Not delivered\. That message did not arrive; write it as a new one/);
    await does({ kind: "reaction", target, emoji: "👍" });
    expect(last()).toMatch(/did not arrive/);
    expect(client.taken).toEqual([]);
  });

  test("because its contact's phone could not read it is marked so once, and can be sent again", async () => {
    const { world, client, management, room, last } = await withBram();
    await using _ = world;
    const event = world.text(ANA, room, "hello");
    world.homeserver.written.set(event.id, event);
    await world.push(event);
    const [id = "" as MessageId] = Array.from(client.received.keys());
    const unread = new BridgeError("gone", { words: "Bram's phone could not decrypt it.", certain: false });
    for (let asked = 0; asked < 2; asked++) await client.sink.undelivered("Bram" as ChatId, id, unread);
    await client.sink.undelivered("Bram" as ChatId, "nothing" as MessageId, unread);
    await settle();
    const told = world.homeserver.shown(room).filter((line) => line.includes("Not delivered"));
    expect(told).toEqual([expect.stringContaining("Bram's phone could not decrypt it.")]);
    expect(last()).toBe(told[0]);
    await world.says(ANA, management, "retry whatsapp Bram");
    expect(world.homeserver.shown(management).at(-1)).toContain("1 message to Bram is on its way");
  });

  test("takes with it what waits behind it to change it", async () => {
    const { world, client, room, does, last } = await withBram();
    await using _ = world;
    client.state = away;
    const target = await world.says(ANA, room, "first");
    await does({ kind: "edit", target, message: said("corrected") });
    await world.says(ANA, room, "next");
    client.faults.push({ when: "before", error: refused });
    client.state = { kind: "connected" };
    await world.clock.advance(5_000);
    expect(client.taken).toMatchObject([{ kind: "message", message: said("next") }]);
    expect(last()).toMatch(/did not arrive/);
  });
});

test("a redaction in another room takes nothing back, whoever's message it names", async () => {
  const { world, client, room } = await withBram();
  await using _ = world;
  const { client: bens } = await world.optsIn(BEN);
  await bens.says("Bram", "1", "hello ben");
  await settle();
  const his = await world.portal(BEN, "Bram");
  client.state = away;
  const target = await world.says(ANA, room, "ana's own");
  await world.push({ kind: "redaction", room: his.room, sender: BEN, id: world.newEventId(), at: 0, target });
  client.state = { kind: "connected" };
  await world.clock.advance(5_000);
  expect(Array.from(client.received.values())).toEqual(["ana's own"]);
});

describe("a message that waits", () => {
  test("is said to wait once, over restarts too", async () => {
    const { world, client, room } = await withBram();
    await using _ = world;
    client.state = away;
    await world.says(ANA, room, "are you there?");
    await world.clock.advance(60_000);
    world.network.initially = away;
    for (let restarts = 0; restarts < 2; restarts++) {
      await world.restart();
      await world.clock.advance(60_000);
    }
    const notices = world.homeserver.shown(room).filter((line) => line.includes("Not delivered yet"));
    expect(notices).toEqual([expect.stringContaining("The bridge keeps trying")]);
  });

  test("is promised another try only while there is one", async () => {
    const { world, client, room } = await withBram();
    await using _ = world;
    const error = messageRefused(503, "WhatsApp", undefined);
    for (let tries = 0; tries < 10; tries++) client.faults.push({ when: "before", error });
    await world.says(ANA, room, "poison");
    await world.clock.advance(600_000);
    expect(world.homeserver.shown(room).slice(1)).toEqual([
      "bot: Not delivered yet: WhatsApp has a problem at the moment. The bridge keeps trying, you need not send it again.",
      "bot: ⚠️ Not delivered. WhatsApp has a problem at the moment.",
    ]);
  });
});

describe("what failed is sent on the person's word", () => {
  test("to nobody who is blocked, nor to a number that is not the one compared", async () => {
    const { world, client, management, fails } = await withBram();
    await using _ = world;
    const answer = async (words: string) => {
      await world.says(ANA, management, words);
      return world.homeserver.shown(management).at(-1);
    };
    await fails("a secret");
    await answer("block whatsapp Bram");
    expect(await answer("retry whatsapp Bram")).toContain("Nothing was sent. You have blocked Bram");
    await answer("unblock whatsapp Bram");
    await answer("verified whatsapp Bram");
    await client.brings(newNumber);
    await settle();
    expect(await answer("retry whatsapp Bram")).toContain("Nothing was sent. Bram's safety number");
    expect(client.received.size).toBe(0);
    await answer("unverified whatsapp Bram");
    expect(await answer("retry whatsapp Bram")).toContain("1 message to Bram is on its way");
    expect(Array.from(client.received.values())).toEqual(["a secret"]);
  });

  test("not before they agreed to a newer notice", async () => {
    const { world, management, fails } = await withBram();
    await using _ = world;
    await fails("a secret");
    world.network.notice = { version: 2, paragraphs: ["More is told."] };
    await world.restart();
    await world.says(ANA, management, "retry whatsapp Bram");
    expect(world.homeserver.shown(management).at(-1)).toContain("Nothing was sent. What WhatsApp learns");
    expect(world.network.clientOf(ANA).received.size).toBe(0);
  });

  test("as the answer it was, and as the network takes it now", async () => {
    const { world, client, management, room } = await withBram();
    await using _ = world;
    const hello = world.homeserver.room(room).events.find(({ send }) => send.content["body"] === "hello");
    const sends = async (event: MatrixEvent) => {
      client.faults.push({ when: "before", error: refused });
      world.homeserver.written.set(event.id, event);
      await world.push(event);
    };
    const reply = { ...world.text(ANA, room, "an answer"), replyTo: hello?.event } as MatrixEvent;
    await sends(reply);
    await sends(world.text(ANA, room, "far too long"));
    client.capabilities = { ...client.capabilities, text: 10 };
    await world.says(ANA, management, "retry whatsapp Bram");
    expect(client.taken).toMatchObject([{ kind: "message", message: { replyTo: { id: "1", own: false } } }]);
    expect(world.homeserver.shown(management).at(-1)).toMatch(
      /^bot: 1 message to Bram is on its way again\. What cannot be sent as it is: 1; the reasons are in the chat\.$/,
    );
    expect(world.homeserver.shown(room).at(-1)).toContain("takes up to 10");
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
    const answer = async (words: string) => {
      await flow.world.says(ANA, flow.management, words);
      return flow.world.homeserver.shown(flow.management).at(-1);
    };
    expect(await answer("retry whatsapp Bram")).toBe("bot: 1 message to Bram is on its way again.");
    expect(await answer("retry whatsapp Bram")).toContain("Nothing you wrote to Bram has failed");
    expect(phone(flow)).toEqual(["one", "found"]);
  });
});
