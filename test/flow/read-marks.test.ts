import { describe, expect, test } from "@jest/globals";
import type { EventId, MessageId } from "../../src/core/model/ids.ts";
import { ALL } from "../kit/everything-granted.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

/** Bram writes three messages after his first; the bot, Bram and Ana do other things behind them. */
async function unread() {
  const flow = await OpenFlow.begin();
  const { client, world } = flow;
  for (const id of ["2", "3"]) await client.says("Bram", id, `message ${id}`);
  await settle();
  const state = () => {
    world.homeserver.room(flow.room).setState(world.homeserver.bot, "m.room.topic", "", { topic: "new" });
    return world.homeserver.room(flow.room).timeline.at(-1)?.event_id as EventId;
  };
  const last = () => flow.events.at(-1)?.event as EventId;
  return { flow, state, last };
}

describe("a receipt means everything up to there", () => {
  test.each([
    ["the contact's last message", ({ last }) => last()],
    ["one's own message", ({ flow }) => flow.says("mine")],
    [
      "a notice of the bot's",
      async ({ flow, last }) => {
        await flow.does({ kind: "unsupported", what: "a call" });
        return last();
      },
    ],
    ["a state event", ({ state }) => state()],
    [
      "a reaction of one's own",
      ({ flow }) => flow.does({ kind: "reaction", target: flow.hello, emoji: "👍" }),
    ],
    [
      "a reaction of the contact's",
      async ({ flow, last }) => {
        await flow.bram("r", { kind: "reaction", target: "1" as MessageId, own: false, emoji: "👍" });
        return last();
      },
    ],
    [
      "an edit of the contact's",
      async ({ flow, last }) => {
        await flow.bram("e", { kind: "edit", target: "1" as MessageId, message: said("hallo") });
        return last();
      },
    ],
    ["an event this bridge makes nothing of", ({ flow }) => flow.does({ kind: "encrypted" })],
  ] satisfies readonly [string, (it: Awaited<ReturnType<typeof unread>>) => EventId | Promise<EventId>][])(
    "on %s",
    async (_, where) => {
      const it = await unread();
      await using flow = it.flow;
      await flow.reads(await where(it));
      expect(flow.client.signs).toEqual(["read 1 2 3"]);
    },
  );

  test("what came later is not read; a receipt that goes back, and a repeated one, say nothing", async () => {
    const { flow, last } = await unread();
    await using _ = flow;
    const [first, second, third] = flow.events
      .filter(({ send }) => String(send.content["body"]).match(/^(?:hello|message)/))
      .map(({ event }) => event);
    await flow.reads(second as EventId);
    for (const event of [first, second]) await flow.reads(event as EventId);
    expect(flow.client.signs).toEqual(["read 1 2"]);
    await flow.world.restart();
    await flow.reads(first as EventId);
    await flow.reads(third as EventId);
    expect(flow.client.signs).toEqual(["read 3"]);
    await flow.reads(last());
    expect(flow.client.signs).toEqual(["read 3"]);
  });

  test("an event that is not there, or of another room, says nothing", async () => {
    const { flow } = await unread();
    await using _ = flow;
    await flow.client.says("Cees", "c", "hi");
    await settle();
    const { room } = await flow.world.portal(ANA, "Cees");
    await flow.reads("$nothing" as EventId);
    await flow.reads(flow.world.homeserver.room(room).events.at(-1)?.event as EventId);
    expect(flow.client.signs).toEqual([]);
  });

  test("who keeps it to themselves does not tell it later either", async () => {
    const { flow, last } = await unread();
    await using _ = flow;
    await flow.world.says(ANA, flow.management, "receipts off");
    await flow.reads(last());
    await flow.world.says(ANA, flow.management, "receipts on");
    await flow.client.says("Bram", "4", "and this?");
    await settle();
    await flow.reads(last());
    expect(flow.client.signs).toEqual(["read 4"]);
  });

  test("what was read while the network was away, or took none, is told with the next", async () => {
    const { flow, last } = await unread();
    await using _ = flow;
    flow.client.state = { kind: "waiting", words: "away" };
    await flow.reads(last());
    flow.client.state = { kind: "connected" };
    flow.client.granted = { ...ALL, receipts: false };
    await flow.reads(last());
    flow.client.granted = ALL;
    expect(flow.client.signs).toEqual([]);
    await flow.reads(await flow.says("mine"));
    expect(flow.client.signs).toEqual(["read 1 2 3"]);
  });

  test("a message is read before its row says that it was sent", async () => {
    const { flow, last } = await unread();
    await using _ = flow;
    const { world } = flow;
    let read = false;
    world.homeserver.afterSend = () => {
      read = true;
      world.bridge.signals.take([{ kind: "receipt", room: flow.room, event: last(), user: ANA }]);
    };
    await flow.client.says("Bram", "4", "quick");
    await settle();
    expect(read).toBe(true);
    await world.clock.advance(1_000);
    expect(flow.client.signs).toEqual(["read 1 2 3 4"]);
  });

  test("a chat of thousands of unread messages is told of in one go, the newest of them", async () => {
    await using flow = await OpenFlow.begin();
    for (let n = 0; n < 1_200; n++) void flow.client.says("Bram", `n${n}`, `number ${n}`);
    await settle();
    await flow.world.clock.advance(10_000);
    await flow.reads(flow.events.at(-1)?.event as EventId);
    const [sign = ""] = flow.client.signs;
    expect(sign.split(" ").length).toBe(1_001);
    expect(sign.endsWith(" n1199")).toBe(true);
  });
});

describe("what a contact has read", () => {
  const receipt = (flow: OpenFlow, ids: readonly MessageId[]) =>
    flow.client.sink.receipt({ chat: "Bram" as never, person: "Bram" as never, kind: "read", ids });
  const shown = ({ world }: OpenFlow) =>
    world.homeserver.reads.filter(({ as }) => as !== world.homeserver.bot).map(({ event }) => event);

  test("is the newest of the messages named, and never goes back, over a restart too", async () => {
    await using flow = await OpenFlow.begin();
    const events: EventId[] = [];
    for (const text of ["a", "b", "c"]) {
      events.push(await flow.says(text));
      await flow.world.clock.advance(1_000);
    }
    const [a, b, c] = Array.from(flow.client.received.keys()) as [MessageId, MessageId, MessageId];
    await receipt(flow, [b, a]);
    await receipt(flow, [a]);
    await flow.world.restart();
    await receipt(flow, [a]);
    await receipt(flow, [c]);
    await settle();
    expect(shown(flow)).toEqual([events[1], events[2]]);
  });

  test("is found among thousands of ids, in shares, and shown once", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("a");
    const [a] = Array.from(flow.client.received.keys()) as [MessageId];
    const unknown = Array.from({ length: 5_000 }, (_, index) => `unknown-${index}` as MessageId);
    let turns = 0;
    let done = false;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    count();
    await receipt(flow, [...unknown, a]);
    done = true;
    await settle();
    expect(shown(flow)).toEqual([event]);
    expect(turns).toBeGreaterThan(50);
  });

  test("may be an edit or a reaction of ours", async () => {
    await using flow = await OpenFlow.begin();
    const message = await flow.says("a");
    await flow.world.clock.advance(1_000);
    const edit = await flow.does({ kind: "edit", target: message, message: said("b") });
    const row = await flow.world.store.networkOutbox.byEvent(edit);
    await receipt(flow, [row?.remoteId as MessageId]);
    await settle();
    expect(shown(flow)).toEqual([edit]);
  });
});

test("a world without a chat has nothing to read", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  world.bridge.signals.take([
    { kind: "receipt", room: "!nowhere" as never, event: "$x" as EventId, user: ANA },
  ]);
  await settle();
  expect(client.signs).toEqual([]);
});
