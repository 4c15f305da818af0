import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../src/core/model/content.ts";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, MessageId } from "../../src/core/model/ids.ts";
import type { Via } from "../../src/core/ports/queues.ts";
import { ANA } from "../kit/flow-world.ts";
import { said } from "../kit/open-flow.ts";
import { FlowWithPhone } from "../kit/second-device.ts";
import { settle } from "../kit/virtual-clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const id = (name: string) => name as MessageId;

const vanishing = (text: string, expires: Message["expires"] & object): Message => ({
  ...said(text),
  expires,
});

async function begin(...ways: readonly Via[]) {
  const it = await FlowWithPhone.begin(...ways);
  const { flow } = it;
  return {
    it,
    flow,
    phone: it.phone,
    /** Bram writes what is gone an hour after it is read. */
    async bramWrites(text: string, seconds = 3_600) {
      await flow.bram(text, { kind: "message", message: vanishing(text, { seconds }) });
      return it.event(text);
    },
    passes: (ms: number) => flow.world.clock.advance(ms),
    left: () => flow.world.store.expiries.lanes(),
    [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
  };
}

describe("a contact's message that disappears", () => {
  test("is there until it was read, and is taken out so long after that", async () => {
    await using at = await begin();
    const secret = await at.bramWrites("secret");
    await at.passes(30 * HOUR);
    expect(at.it.redacted).toEqual([]);
    await at.flow.reads(secret);
    await at.passes(30 * MINUTE);
    await at.flow.reads(secret);
    await at.passes(29 * MINUTE);
    expect(at.it.redacted).toEqual([]);
    await at.passes(2 * MINUTE);
    expect(at.it.redacted).toEqual([secret]);
    expect(at.flow.events.at(-1)?.send.content["reason"]).toBe("This message has disappeared.");
    expect(await at.left()).toEqual([]);
    await at.passes(30 * HOUR);
    expect(at.it.redacted).toEqual([secret]);
  });

  test("goes with every part, its edits and the reactions to it", async () => {
    await using at = await begin();
    await at.flow.bram("m", {
      kind: "message",
      message: {
        ...said("one"),
        parts: [...said("one").parts, ...said("two").parts],
        expires: { seconds: 60 },
      },
    });
    await at.flow.bram("e", { kind: "edit", target: id("m"), message: said("one, better") });
    await at.flow.bram("r", { kind: "reaction", target: id("m"), own: false, emoji: "👍" });
    const mine = await at.flow.does({ kind: "reaction", target: at.it.event("one"), emoji: "🎉" });
    const [better] = at.flow.events.filter(({ send }) => "m.new_content" in send.content);
    const [theirs] = at.it.reactions;
    const all = [at.it.event("one"), at.it.event("two"), better?.event, theirs?.event, mine];
    await at.flow.reads(at.it.event("two"));
    await at.passes(2 * MINUTE);
    expect(new Set(at.it.redacted)).toEqual(new Set(all));
    expect(at.it.redacted).toHaveLength(all.length);
    // No ghost may redact what our person did, only the bot.
    const byWhom = (event: unknown) =>
      at.flow.events.find(({ send }) => send.content["redacts"] === event)?.send.sender;
    expect(byWhom(mine)).toBe(at.flow.world.homeserver.bot);
    expect(byWhom(at.it.event("one"))).toBe(at.it.senderOf("one"));
  });

  test("counts from when it was read on the phone", async () => {
    await using at = await begin("push");
    const secret = await at.bramWrites("secret");
    await at.phone.does({ kind: "read", target: id("secret") }, "read");
    await at.passes(59 * MINUTE);
    expect(at.it.redacted).toEqual([]);
    await at.passes(2 * MINUTE);
    expect(at.it.redacted).toEqual([secret]);
  });

  test("counts as read for who writes back, whose client may keep receipts to itself", async () => {
    await using at = await begin();
    const secret = await at.bramWrites("secret");
    await at.passes(1_000);
    await at.flow.says("I saw it");
    const later = await at.bramWrites("later");
    await at.passes(61 * MINUTE);
    expect(at.it.redacted).toEqual([secret]);
    await at.flow.does({ kind: "reaction", target: later, emoji: "👍" });
    await at.passes(61 * MINUTE);
    expect(at.it.redacted).toContain(later);
  });

  test("counts also where receipts are off, or the network is away, or the chat is a request", async () => {
    await using at = await begin();
    const secret = await at.bramWrites("secret");
    await at.flow.asks("receipts off");
    at.flow.client.state = { kind: "waiting", words: "away" };
    await at.flow.reads(secret);
    await at.passes(61 * MINUTE);
    expect(at.it.redacted).toEqual([secret]);
    expect(at.flow.client.signs).toEqual([]);
  });

  test("is taken out after a restart and after a crash, many in slices, though the homeserver was away", async () => {
    await using at = await begin();
    for (let n = 0; n < 120; n++) await at.bramWrites(`secret ${n}`, 60);
    await at.flow.reads(at.it.event("secret 118"));
    at.flow.world.homeserver.away = true;
    await at.flow.world.stops();
    await at.passes(2 * HOUR);
    await at.flow.world.starts();
    await at.passes(1_000);
    await at.flow.world.crash();
    expect(at.it.redacted).toEqual([]);
    at.flow.world.homeserver.away = false;
    await at.passes(HOUR);
    const gone = new Set(at.it.redacted);
    expect(gone.size).toBe(119);
    expect(at.it.redacted).toHaveLength(119);
    expect(gone.has(at.it.event("secret 119"))).toBe(false);
  });

  test("that its sender deletes first is deleted, once", async () => {
    await using at = await begin();
    const secret = await at.bramWrites("secret");
    await at.flow.reads(secret);
    await at.flow.bram("d", { kind: "delete", target: id("secret") });
    await at.passes(2 * HOUR);
    expect(at.it.redacted).toEqual([secret]);
    expect(await at.left()).toEqual([]);
  });

  test("that is gone keeps no reply, reaction or edit from being understood", async () => {
    await using at = await begin();
    const secret = await at.bramWrites("secret", 60);
    await at.flow.reads(secret);
    await at.passes(2 * MINUTE);
    const before = at.flow.events.length;
    await at.flow.bram("r", { kind: "reaction", target: id("secret"), own: false, emoji: "👍" });
    await at.flow.bram("e", { kind: "edit", target: id("secret"), message: said("again secret") });
    await at.flow.bram("d", { kind: "delete", target: id("secret") });
    await at.passes(26 * HOUR);
    expect(at.flow.events).toHaveLength(before);
    const reply = { ...said("as I said"), replyTo: { id: id("secret"), own: false, excerpt: "secret" } };
    await at.flow.bram("a", { kind: "message", message: reply });
    expect(at.flow.last).toBe("Bram: as I said");
    expect(at.it.relation(at.it.event("as I said"))).toEqual({});
    expect(at.it.bodies).not.toContain("again secret");
  });

  test("is taken out of an archive too, and at once when the network is turned off", async () => {
    await using at = await begin();
    const secret = await at.bramWrites("secret");
    const unread = await at.bramWrites("unread");
    await at.flow.reads(secret);
    await at.flow.client.sink.ended({ kind: "withdrawn", words: "It withdrew." });
    await settle();
    expect(at.flow.world.homeserver.room(at.flow.room).archived).toBe(true);
    await at.passes(2 * HOUR);
    expect(at.it.redacted).toEqual([secret]);
    await at.flow.asks("disable whatsapp yes");
    await at.passes(HOUR);
    expect(at.it.redacted).toEqual([secret, unread]);
    expect(await at.left()).toEqual([]);
  });

  test("that the homeserver will not take out is told of, and holds up nothing", async () => {
    await using at = await begin();
    const secret = await at.bramWrites("secret", 60);
    const { homeserver } = at.flow.world;
    const send = homeserver.send.bind(homeserver);
    homeserver.send = async (event) => {
      if (event.type !== "m.room.redaction") return send(event);
      throw new BridgeError("homeserver-fault", { words: "It fails.", certain: false, retryAfter: 0 });
    };
    await at.flow.reads(secret);
    await at.passes(2 * HOUR);
    expect(at.flow.notices.at(-1)).toBe(
      "bot: A message of this chat was to be taken out of this room, which the homeserver refuses. You can remove it yourself in your client.",
    );
    await at.flow.client.says("Bram", "next", "next");
    await settle();
    expect(at.flow.last).toBe("Bram: next");
  });

  test("may say any nonsense of its time", async () => {
    await using at = await begin();
    for (const [index, seconds] of [0, -5, Number.NaN].entries())
      await at.flow.bram(`n${index}`, { kind: "message", message: vanishing(`stays ${index}`, { seconds }) });
    await at.bramWrites("long", 1e300);
    await at.bramWrites("short", 0.001);
    await at.flow.reads(at.it.event("short"));
    await at.passes(HOUR);
    expect(at.it.redacted).toEqual([at.it.event("short")]);
    expect(await at.left()).toHaveLength(1);
  });
});

describe("our person's own message that disappears", () => {
  test("goes as the phone says it began", async () => {
    await using at = await begin("push");
    const { clock } = at.flow.world;
    const startedAt = clock.now() - 30 * MINUTE;
    await at.phone.does(
      { kind: "message", message: vanishing("mine", { seconds: 3_600, startedAt }) },
      "own-1",
    );
    const event = at.it.event("mine");
    await at.passes(29 * MINUTE);
    expect(at.it.redacted).toEqual([]);
    await at.passes(2 * MINUTE);
    expect(at.it.redacted).toEqual([event]);
  });

  test("that was written here counts from when the network took it, and its text is kept no longer", async () => {
    await using at = await begin();
    const { world } = at.flow;
    world.network.timers.set("Bram" as ChatId, 3_600);
    const first = await at.flow.says("mine");
    const edit = await at.flow.does({ kind: "edit", target: first, message: said("mine, better") });
    await at.passes(59 * MINUTE);
    expect(at.it.redacted).toEqual([]);
    await at.passes(2 * MINUTE);
    expect(new Set(at.it.redacted)).toEqual(new Set([first, edit]));
    expect((await world.store.networkOutbox.byEvent(first))?.outgoing).toBeUndefined();
    expect((await world.store.networkOutbox.byEvent(edit))?.outgoing).toBeUndefined();
    // What waits to be sent is not counted yet.
    at.flow.client.state = { kind: "waiting", words: "away" };
    const second = await at.flow.says("later");
    await at.passes(2 * HOUR);
    at.flow.client.state = { kind: "connected" };
    at.flow.client.sink.state({ kind: "connected" });
    await at.passes(59 * MINUTE);
    expect(at.it.redacted).not.toContain(second);
    await at.passes(2 * MINUTE);
    expect(at.it.redacted).toContain(second);
  });

  test("that its copy from the network confirms counts as the copy says", async () => {
    await using at = await begin();
    const { world } = at.flow;
    world.network.copies = true;
    const event = await at.flow.says("mine");
    const row = await world.store.networkOutbox.byEvent(event);
    await at.phone.does(
      { kind: "message", message: vanishing("mine", { seconds: 60 }), sentAs: row?.remoteId as MessageId },
      String(row?.remoteId),
    );
    await at.passes(2 * MINUTE);
    expect(at.it.redacted).toEqual([event]);
  });

  test("that was changed on the phone leaves nothing of its words in a notice", async () => {
    await using at = await begin();
    at.flow.world.network.timers.set("Bram" as ChatId, 60);
    const event = await at.flow.says("mine");
    const [target] = Array.from(at.flow.client.received.keys());
    await at.phone.does({ kind: "edit", target: target as MessageId, message: said("secret") }, "e");
    expect(at.flow.last).toBe(
      "bot: You changed this message on another device. What it says now is in WhatsApp alone.",
    );
    await at.passes(2 * MINUTE);
    expect(at.it.redacted).toEqual([event]);
    expect(at.it.bodies.join("\n")).not.toContain("secret");
  });

  test("is forgotten where they take it back first", async () => {
    await using at = await begin();
    at.flow.world.network.timers.set("Bram" as ChatId, 3_600);
    const event = await at.flow.says("mine");
    await at.flow.does({ kind: "redaction", target: event });
    await at.passes(2 * HOUR);
    expect(await at.left()).toEqual([]);
  });
});

test("whoever changes the timer is told of in words, on either side", async () => {
  await using at = await begin("push");
  await at.flow.bram("t1", { kind: "timer", seconds: 604_800 });
  expect(at.flow.last).toBe("bot: Bram set messages to disappear 1 week after they are read.");
  await at.phone.does({ kind: "timer", seconds: 0 }, "t2");
  expect(at.flow.last).toBe("bot: You turned disappearing messages off.");
  expect(at.flow.client.taken).toEqual([]);
  await at.phone.does({ kind: "timer", seconds: 60 }, "t3", "Cees");
  await expect(at.flow.world.portal(ANA, "Cees")).rejects.toThrow("no portal");
});
