import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/errors.ts";
import type { MatrixEvent } from "../../src/core/events.ts";
import type { EventId } from "../../src/core/ids.ts";
import { messageRefused } from "../../src/networks/meta-interop/refusals.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

const away = { kind: "waiting", words: "away." } as const;
const refused = new BridgeError("not-reachable", { words: "Bram turned it off.", certain: true });

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
    expect((await world.store.netOutbox.byEvent(event))?.outgoing).toBeUndefined();
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
