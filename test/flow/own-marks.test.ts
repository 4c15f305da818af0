import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, MessageId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { ADMIN, invites, reigns, roomOf, tombstone } from "../kit/room-endings.ts";
import { SecondDevice } from "../kit/second-device.ts";
import { settle } from "../kit/virtual-clock.ts";

const HOUR = 3_600_000;

async function begin() {
  const flow = await OpenFlow.begin();
  const { world } = flow;
  world.puppets.there = true;
  const phone = new SecondDevice(world);
  let acts = 0;
  return {
    flow,
    mutes: (until?: number) =>
      phone.does({ kind: "muted", muted: true, ...(until === undefined ? {} : { until }) }, `own-${++acts}`),
    unmutes: () => phone.does({ kind: "muted", muted: false }, `own-${++acts}`),
    marks: (unread: boolean) => phone.does({ kind: "marked-unread", unread }, `own-${++acts}`),
    phone,
    isQuiet: (room = flow.room) => world.puppets.quiet.has(`${ANA} ${room}`),
    mark: () => world.homeserver.room(flow.room).data.get(`${ANA} m.marked_unread`),
    fails: (reason: "homeserver-unreachable" | "forbidden") =>
      world.puppets.faults.push({
        when: "before",
        error: new BridgeError(reason, {
          words: "no",
          certain: true,
          ...(reason === "forbidden" ? {} : { retryAfter: 0 }),
        }),
      }),
    [Symbol.asyncDispose]: () => flow[Symbol.asyncDispose](),
  };
}

describe("a chat that is muted on the person's phone", () => {
  test("is quiet here until then, for ever, or until that is lifted", async () => {
    await using it = await begin();
    const { clock } = it.flow.world;
    await it.mutes(clock.now() + 8 * HOUR);
    expect(it.isQuiet()).toBe(true);
    await it.flow.world.restart();
    await clock.leap(7 * HOUR);
    expect(it.isQuiet()).toBe(true);
    await clock.advance(2 * HOUR);
    expect(it.isQuiet()).toBe(false);
    await it.mutes();
    await clock.leap(30 * HOUR);
    expect(it.isQuiet()).toBe(true);
    expect(await it.flow.asks("quiet whatsapp Bram")).toMatch(/is quiet until you end that\./);
    await it.unmutes();
    expect(it.isQuiet()).toBe(false);
    // What ended before it was told mutes nothing.
    await it.mutes(clock.now() - 1);
    expect(it.isQuiet()).toBe(false);
    expect(it.flow.shown).toHaveLength(1);
    expect(it.flow.client.taken).toEqual([]);
  });

  test("and what is asked for here are one thing: what was done last counts", async () => {
    await using it = await begin();
    const { clock } = it.flow.world;
    await it.flow.asks("quiet whatsapp Bram 8h");
    await it.mutes();
    await clock.leap(9 * HOUR);
    expect(it.isQuiet()).toBe(true);
    await it.flow.asks("quiet whatsapp Bram 1h");
    await clock.advance(2 * HOUR);
    expect(it.isQuiet()).toBe(false);
    await it.flow.asks("quiet whatsapp Bram 8h");
    await it.unmutes();
    expect(it.isQuiet()).toBe(false);
    await it.mutes();
    expect(await it.flow.asks("quiet whatsapp Bram off")).toMatch(/notifies you again/);
    expect(it.isQuiet()).toBe(false);
  });

  test("before it has a room is quiet in its room, and one whose room is replaced in the next", async () => {
    await using it = await begin();
    const { world, client } = it.flow;
    await it.phone.does({ kind: "muted", muted: true }, "early", "Cees");
    await expect(world.portal(ANA, "Cees")).rejects.toThrow("no portal");
    await client.says("Cees", "c1", "hello");
    await settle();
    expect(it.isQuiet((await world.portal(ANA, "Cees")).room)).toBe(true);

    await it.mutes();
    reigns(world, it.flow.room);
    const next = world.homeserver.upgrade(it.flow.room, ADMIN);
    await tombstone(world, it.flow.room);
    await invites(world, next, it.flow.room);
    await world.clock.advance(1_000);
    expect(await roomOf(it.flow)).toBe(next);
    expect([it.isQuiet(it.flow.room), it.isQuiet(next)]).toEqual([false, true]);
    await it.unmutes();
    expect(it.isQuiet(next)).toBe(false);
  });
});

test("a chat is marked as unread as on the phone, after what is to be shown there", async () => {
  await using it = await begin();
  it.flow.world.homeserver.away = true;
  await it.flow.client.says("Bram", "2", "second");
  await it.marks(true);
  expect(it.mark()).toBeUndefined();
  it.flow.world.homeserver.away = false;
  it.flow.world.bridge.homeserverBack();
  await it.flow.world.clock.advance(60_000);
  expect(it.flow.last).toBe("Bram: second");
  expect(it.mark()).toEqual({ unread: true });
  await it.marks(false);
  expect(it.mark()).toEqual({ unread: false });
});

test("an outage and a crash only put off what the phone said; a refusal holds up nothing", async () => {
  await using it = await begin();
  it.fails("homeserver-unreachable");
  await it.mutes();
  expect(it.isQuiet()).toBe(false);
  await it.flow.world.crash();
  await it.flow.world.clock.advance(60_000);
  expect(it.isQuiet()).toBe(true);
  it.fails("forbidden");
  await it.marks(true);
  expect(it.mark()).toBeUndefined();
  await it.flow.client.says("Bram", "3", "third");
  await settle();
  expect(it.flow.last).toBe("Bram: third");
});

test("without double puppets nothing follows the phone, and nothing is said of it", async () => {
  await using it = await begin();
  it.flow.world.puppets.there = false;
  await it.mutes();
  await it.marks(true);
  await it.phone.does({ kind: "marked-unread", unread: true }, "nowhere", "Cees");
  await it.flow.world.clock.advance(HOUR);
  expect([it.isQuiet(), it.mark(), it.flow.shown.length]).toEqual([false, undefined, 1]);
  await expect(it.flow.world.portal(ANA, "Cees")).rejects.toThrow("no portal");
  expect(await it.flow.asks("quiet whatsapp Bram")).toMatch(/is not quiet/);
});

describe("a message that the person deletes for themself alone on their phone", () => {
  test("goes from the room, whoever wrote it, with its edits and reactions, and stays with the contact", async () => {
    await using it = await begin();
    const { flow } = it;
    const gone = () =>
      flow.events.flatMap(({ send }) => (send.type === "m.room.redaction" ? [send.content["redacts"]] : []));
    await flow.bram("e", { kind: "edit", target: "1" as MessageId, message: said("hello!") });
    const edit = flow.events.at(-1)?.event;
    const reaction = await flow.does({ kind: "reaction", target: flow.hello, emoji: "👍" });
    await it.phone.does({ kind: "hidden", target: "1" as MessageId }, "h1");
    expect(new Set(gone())).toEqual(new Set([flow.hello, edit, reaction]));
    const mine = await flow.says("mine");
    const id = Array.from(flow.client.received.keys()).at(-1) as MessageId;
    const taken = flow.client.taken.length;
    await it.phone.does({ kind: "hidden", target: id }, "h2");
    expect(gone()).toContain(mine);
    expect(flow.client.taken).toHaveLength(taken);
    // A repeat, and what the contact changes of it, bring nothing back.
    const events = flow.events.length;
    await it.phone.does({ kind: "hidden", target: "1" as MessageId }, "h3");
    await flow.bram("e2", { kind: "edit", target: "1" as MessageId, message: said("hello again") });
    await flow.bram("d", { kind: "delete", target: "1" as MessageId });
    expect(flow.events).toHaveLength(events);
    // The contact's phone may still ask for what was sent to it.
    expect(await flow.client.sink.again("Bram" as ChatId, id)).toMatchObject({ kind: "message" });
  });

  test("with all the chat is said once, takes nothing away, and makes no room", async () => {
    await using it = await begin();
    const { flow } = it;
    const events = flow.events.length;
    await it.phone.does({ kind: "chat-deleted" }, "d1");
    await it.phone.does({ kind: "chat-deleted" }, "d1");
    await it.phone.does({ kind: "chat-deleted" }, "d2", "Cees");
    expect(flow.events).toHaveLength(events + 1);
    expect(flow.notices.at(-1)).toMatch(
      /You deleted this chat on another device.*leave it.*Bram writes next/,
    );
    await expect(flow.world.portal(ANA, "Cees")).rejects.toThrow("no portal");
    await flow.client.says("Bram", "2", "still there?");
    await settle();
    expect(flow.shown.at(-1)).toContain("still there?");
  });

  test("before it came is gone when it comes; one that never comes is no reason for a word", async () => {
    await using it = await begin();
    const { flow } = it;
    await it.phone.does({ kind: "hidden", target: "2" as MessageId }, "h1");
    await it.phone.does({ kind: "hidden", target: "never" as MessageId }, "h2");
    const before = flow.notices.length;
    await flow.client.says("Bram", "2", "late");
    await settle();
    const late = flow.events.find(({ send }) => send.content["body"] === "late");
    expect(flow.events.at(-1)?.send).toMatchObject({
      type: "m.room.redaction",
      content: { redacts: late?.event },
    });
    await flow.world.clock.leap(30 * HOUR);
    expect(flow.notices).toHaveLength(before);
  });
});
