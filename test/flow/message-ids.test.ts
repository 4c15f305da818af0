import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { Outgoing } from "../../src/core/model/events.ts";
import type { ChatId, EventId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import type { MessageNaming } from "../kit/message-naming.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const away = { kind: "waiting", words: "away." } as const;
const up = { kind: "connected" } as const;
const unanswered = (when: "before" | "after") => ({
  when,
  error: new BridgeError("remote-unreachable", { words: "no answer", certain: false, retryAfter: 0 }),
});

async function named(naming: MessageNaming): Promise<OpenFlow> {
  const flow = await OpenFlow.begin();
  flow.world.network.naming = naming;
  return flow;
}

/** What the phone calls a message of Ana's that says this. */
function nameOf({ client }: OpenFlow, text: string): MessageId {
  const [name] = Array.from(client.received).find(([, shown]) => shown === text) ?? [];
  if (name === undefined) throw new Error(`${text} did not arrive`);
  return name;
}

function targetOf(outgoing: Outgoing | undefined): MessageId | undefined {
  if (outgoing?.kind === "message") return outgoing.message.replyTo?.id;
  return outgoing?.kind === "group-change" ? undefined : outgoing?.target;
}

const texts = ({ client }: OpenFlow): readonly string[] => Array.from(client.received.values());

/** Everything that waits has crossed. */
async function passes(flow: OpenFlow): Promise<void> {
  await flow.world.clock.advance(60_000);
}

describe.each(["by-row", "by-time", "by-network", "by-keyless-network"] as const)(
  "a network where messages are named %s",
  (naming) => {
    test("gets replies, edits, reactions and deletions by its own ids, also of what it gets with them", async () => {
      await using flow = await named(naming);
      flow.client.state = away;
      const target = await flow.says("first");
      await flow.does({ kind: "message", message: said("an answer"), replyTo: target });
      await flow.does({ kind: "edit", target, message: said("changed") });
      await flow.does({ kind: "reaction", target, emoji: "👍" });
      flow.client.state = up;
      await passes(flow);
      await flow.does({ kind: "redaction", target });
      const name = nameOf(flow, "first");
      expect(flow.client.taken.map((one) => [one.kind, targetOf(one)])).toEqual([
        ["message", undefined],
        ["message", name],
        ["edit", name],
        ["reaction", name],
        ["delete", name],
      ]);
    });

    test("has its contact's replies, reactions, edits of edits and receipts find the event", async () => {
      await using flow = await named(naming);
      const target = await flow.says("first");
      const name = nameOf(flow, "first");
      await flow.client.says("Bram", "2", "an answer", { replyTo: name });
      await flow.bram("3", { kind: "reaction", target: name, own: true, emoji: "👍" });
      await flow.client.sink.receipt({
        chat: "Bram" as ChatId,
        kind: "read",
        ids: [name],
        person: "Bram" as PersonId,
      });
      await settle();
      const relations = flow.events.map(({ send }) => Object(send.content["m.relates_to"]));
      expect(relations.flatMap((one) => one["m.in_reply_to"]?.event_id ?? [])).toEqual([target]);
      expect(relations.flatMap((one) => (one["key"] === "👍" ? [one["event_id"]] : []))).toEqual([target]);
      expect((await flow.world.store.networkOutbox.byEvent(target))?.state).toBe("read");
    });

    test("is asked for the same message under the same id after a crash between its taking and our knowing", async () => {
      await using flow = await named(naming);
      flow.client.faults.push(unanswered("after"));
      const target = await flow.says("first");
      await flow.world.crash();
      await passes(flow);
      await flow.does({ kind: "edit", target, message: said("changed") });
      // Without a place for our key it cannot know the repeat.
      const copies = naming === "by-keyless-network" ? 2 : 1;
      expect(texts(flow)).toEqual(Array.from({ length: copies }, () => "first"));
      const last = Array.from(flow.client.received.keys()).at(-1);
      expect(targetOf(flow.client.taken.at(-1))).toBe(last);
    });
  },
);

describe("ids that a connector makes of the time", () => {
  test("differ for a bulk of one moment, and after a restart with a clock that was set back", async () => {
    await using flow = await named("by-time");
    flow.client.state = away;
    const bulk = (from: number) =>
      Array.from({ length: 60 }, (_, index) => flow.world.text(ANA, flow.room, `${from + index}`));
    const now = flow.world.clock.now();
    await flow.world.push(...bulk(0));
    await flow.world.restart();
    flow.world.clock.setBack(30);
    flow.client.state = away;
    await flow.world.push(...bulk(60));
    flow.client.state = up;
    await passes(flow);
    expect(texts(flow)).toEqual(Array.from({ length: 120 }, (_, index) => `${index}`));
    expect(new Set(flow.client.received.keys()).size).toBe(120);
    expect(Number(Array.from(flow.client.received.keys())[0])).toBe(now);
  });
});

describe("an id that the network's answer tells", () => {
  test("is in the store with the end of its message, and not before", async () => {
    await using flow = await named("by-network");
    const ids = async (event: EventId) => {
      const row = await flow.world.store.networkOutbox.byEvent(event);
      return row && [row.state, await flow.world.store.learntIds.of(row.key, row.remoteId)];
    };
    flow.client.faults.push(unanswered("before"), unanswered("after"));
    const event = await flow.says("first");
    expect(await ids(event)).toEqual(["queued", undefined]);
    await passes(flow);
    expect(await ids(event)).toEqual(["sent", nameOf(flow, "first")]);
  });

  test("is waited for by what a contact did with it before our answer came", async () => {
    await using flow = await named("by-network");
    flow.client.faults.push(unanswered("after"));
    const target = await flow.says("first");
    const name = nameOf(flow, "first");
    await flow.bram("2", { kind: "reaction", target: name, own: true, emoji: "👍" });
    expect(flow.events.filter(({ send }) => send.type === "m.reaction")).toEqual([]);
    await passes(flow);
    const [reaction] = flow.events.filter(({ send }) => send.type === "m.reaction");
    expect(reaction?.send.content["m.relates_to"]).toMatchObject({ event_id: target });
  });

  test("is waited for where its message was put behind what refers to it", async () => {
    await using flow = await named("by-network");
    flow.client.state = away;
    const target = await flow.says("first");
    await flow.does({ kind: "reaction", target, emoji: "👍" });
    await flow.does({ kind: "message", message: said("an answer"), replyTo: target });
    await flow.says("last");
    const row = await flow.world.store.networkOutbox.byEvent(target);
    await flow.world.store.write((tx) => row && tx.networkOutbox.postpone(row));
    flow.client.state = up;
    await passes(flow);
    const name = nameOf(flow, "first");
    expect(texts(flow)).toEqual(["last", "first", "an answer"]);
    expect(flow.client.taken.map((one) => [one.kind, targetOf(one)])).toEqual([
      ["message", undefined],
      ["message", undefined],
      ["reaction", name],
      ["message", name],
    ]);
  });

  test("is the one it gave last where what did not arrive was sent again", async () => {
    await using flow = await named("by-keyless-network");
    const target = await flow.says("first");
    const lost = nameOf(flow, "first");
    const error = new BridgeError("not-reachable", { words: "It could not be read.", certain: true });
    await flow.client.sink.undelivered("Bram" as ChatId, lost, error);
    await flow.asks("retry whatsapp Bram");
    await passes(flow);
    await flow.does({ kind: "edit", target, message: said("changed") });
    const again = Array.from(flow.client.received.keys()).at(-1);
    expect(again).not.toBe(lost);
    expect(targetOf(flow.client.taken.at(-1))).toBe(again);
  });

  test("is missing to what was taken back, where only a receipt came of it: that is said", async () => {
    await using flow = await named("by-network");
    flow.client.faults.push(unanswered("after"));
    const target = await flow.says("first");
    const row = await flow.world.store.networkOutbox.byEvent(target);
    await flow.client.sink.receipt({
      chat: "Bram" as ChatId,
      kind: "delivered",
      ids: row ? [row.remoteId] : [],
      person: "Bram" as PersonId,
    });
    await passes(flow);
    await flow.does({ kind: "redaction", target });
    await passes(flow);
    expect(flow.notices.at(-1)).toMatch(/The network did not say which message that is/);
  });

  test("is done without by an answer whose message did not arrive", async () => {
    await using flow = await named("by-network");
    flow.client.state = away;
    const target = await flow.says("first");
    await flow.does({ kind: "message", message: said("an answer"), replyTo: target });
    flow.client.faults.push({
      when: "before",
      error: new BridgeError("not-reachable", { words: "Off.", certain: true }),
    });
    flow.client.state = up;
    await passes(flow);
    // What it answers did not arrive, so it goes without.
    expect(texts(flow)).toEqual(["an answer"]);
    expect(targetOf(flow.client.taken[0])).toBeUndefined();
  });
});

describe("a deletion that names no chat", () => {
  const deletion = (target: string, sender = "Bram") => ({
    kind: "delete" as const,
    sender: sender as PersonId,
    id: `D-${target}` as MessageId,
    at: 0,
    target: target as MessageId,
  });
  const deleted = ({ events }: OpenFlow) =>
    events.filter(({ send }) => send.type === "m.room.redaction").length;

  test("takes out the message of that sender, in its chat", async () => {
    await using flow = await OpenFlow.begin();
    await flow.client.says("Cees", "2", "another chat");
    await settle();
    await flow.client.brings(deletion("1", "Cees"), deletion("1"));
    await settle();
    expect(deleted(flow)).toBe(1);
    const cees = (await flow.world.portal(ANA, "Cees")).room;
    expect(flow.world.homeserver.room(cees).events.map(({ send }) => send.type)).not.toContain(
      "m.room.redaction",
    );
  });

  test("is kept for a message that comes later, also over a crash, and that one is not shown", async () => {
    await using flow = await OpenFlow.begin();
    await flow.client.brings(deletion("2"));
    await flow.world.crash();
    await flow.client.says("Bram", "2", "regretted");
    await flow.client.says("Bram", "3", "kept");
    await settle();
    expect(deleted(flow)).toBe(1);
    expect(flow.shown.at(-1)).toBe("Bram: kept");
  });
});
