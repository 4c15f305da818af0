import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { yesOrNo } from "../../src/commands/yes-or-no.ts";
import { Questions } from "../../src/core/management/questions.ts";
import type { ChatId, EventId, MessageId, PersonId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { OutboxRows } from "../../src/core/runtime/outbox-rows.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

let world: FlowWorld;

beforeEach(async () => {
  world = await FlowWorld.start();
  world.network.notice = { version: 1, summary: ["The short of it."], paragraphs: ["The whole of it."] };
});
afterEach(() => world[Symbol.asyncDispose]());

const last = (room: RoomId): string => world.homeserver.shown(room).at(-1) ?? "";

/** The newest event of a type in a room. */
function newest(room: RoomId, type: string) {
  const event = world.homeserver.room(room).events.findLast(({ send }) => send.type === type);
  if (!event) throw new Error(`no ${type}`);
  return event;
}

const question = (room: RoomId): EventId => newest(room, "m.room.message").event;

async function reacts(room: RoomId, target: EventId, emoji: string, sender: UserId = ANA): Promise<void> {
  const id = world.newEventId();
  await world.push({ kind: "reaction", room, sender, id, at: world.clock.now(), target, emoji });
}

describe("the notice in the room with the bot", () => {
  test("is three lines at most, with the whole behind “more”, and a yes agrees to the whole", async () => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    expect(last(room)).toContain("• The short of it.");
    expect(last(room)).not.toContain("The whole of it.");
    expect(last(room)).toContain("Write “more” to read the whole.");
    await world.says(ANA, room, "more");
    expect(last(room)).toContain("• The whole of it.");
    expect(last(room)).not.toContain("“more”");
    await world.says(ANA, room, "yes NL");
    const [login] = await world.store.logins.of(ANA, world.network.id);
    expect(login?.consentVersion).toBe(1);
    await world.says(ANA, room, "more");
    expect(last(room)).toContain("There is nothing more to read.");
  });

  test("can be read whole and agreed to after a restart", async () => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    await world.restart();
    await world.says(ANA, room, "more");
    expect(last(room)).toContain("• The whole of it.");
    await reacts(room, question(room), "👍");
    expect(last(room)).toContain("WhatsApp is on and connected");
  });

  test("is whole at once where it has no short lines", async () => {
    world.network.notice = { version: 1, paragraphs: ["The whole of it."] };
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    expect(last(room)).toContain("• The whole of it.");
    expect(last(room)).not.toContain("“more”");
  });

  test("carries its choices for clients that show buttons, each as what one could type", async () => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    const says = (body: string, text: string) => ({
      body,
      event_type: "m.room.message",
      event: { msgtype: "m.text", body: text },
    });
    expect(newest(room, "m.room.message").send.content["com.beeper.action_hints"]).toEqual({
      exclusive: true,
      hints: [says("Yes", "yes"), says("No", "no"), says("More", "more")],
    });
  });
});

describe("a reaction", () => {
  test("answers the question, under which the bot has put what can be chosen", async () => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    const asked = question(room);
    const seeds = world.homeserver.room(room).events.filter(({ send }) => send.type === "m.reaction");
    expect(seeds.map(({ send }) => send.content["m.relates_to"])).toEqual(
      ["👍", "👎"].map((key) => ({ rel_type: "m.annotation", event_id: asked, key })),
    );
    await reacts(room, asked, "👍🏽");
    expect(last(room)).toContain("WhatsApp is on and connected");
    expect(world.network.enlisted.has(ANA)).toBe(true);
  });

  test.each(["👎", "❌"])("says no with %s", async (emoji) => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    await reacts(room, question(room), emoji);
    expect(last(room)).toContain("WhatsApp stays off");
    expect(world.network.enlisted.size).toBe(0);
  });

  test("of somebody else, or with what means neither, answers nothing", async () => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    const before = world.homeserver.shown(room);
    await reacts(room, question(room), "👍", BEN);
    expect(world.homeserver.shown(room)).toEqual(before);
    await reacts(room, question(room), "🎉");
    expect(last(room)).toBe("bot: I take 👍 and ✅ for yes, and 👎 and ❌ for no. Or write “yes” or “no”.");
    expect(world.network.enlisted.size).toBe(0);
  });

  test("to a question that is answered, or not the last one, is told so", async () => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    const first = question(room);
    await world.says(ANA, room, "more");
    await reacts(room, first, "✅");
    expect(last(room)).toContain("I have asked you something else since, so I did nothing.");
    expect(world.network.enlisted.size).toBe(0);
    const second = questionBefore(room);
    await reacts(room, second, "✅");
    expect(world.network.enlisted.has(ANA)).toBe(true);
    await world.clock.advance(60_000);
    await reacts(room, second, "👎");
    expect(last(room)).toContain("That question was answered already");
    expect(world.network.enlisted.has(ANA)).toBe(true);
  });

  test("that comes again after a crash is carried out once", async () => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    const asked = question(room);
    const id = world.newEventId();
    const yes = { kind: "reaction", room, sender: ANA, id, at: world.clock.now() } as const;
    await world.push({ ...yes, target: asked, emoji: "✅" });
    await world.crash();
    await world.push({ ...yes, target: asked, emoji: "✅" });
    expect(world.homeserver.shown(room).filter((line) => line.includes("is on and connected"))).toHaveLength(
      1,
    );
  });
});

const bram = { sender: "Bram" as PersonId, chat: "Bram" as ChatId };

describe("what asks for a yes or no", () => {
  test("turning a network off is asked once, with what goes, and done by a yes in any form", async () => {
    const { room, client } = await world.optsIn(ANA);
    await client.says("Bram", "m1", "hello");
    await settle();
    await world.says(ANA, room, "disable whatsapp");
    expect(last(room)).toBe(
      "bot: Turn WhatsApp off? Your registration there, its keys and what waits to be sent are deleted. " +
        "1 chat here becomes read-only; what is in it stays. If you turn it on again later, you get new rooms. " +
        "Write “disable whatsapp yes” to turn it off, or “no” to leave it on.",
    );
    await world.says(ANA, room, "no");
    expect(last(room)).toBe("bot: Nothing was turned off. Write “status” to see how WhatsApp does.");
    expect(world.network.enlisted.has(ANA)).toBe(true);
    await world.says(ANA, room, "yes");
    expect(world.network.enlisted.has(ANA)).toBe(true);
    await world.says(ANA, room, "disable whatsapp");
    await world.says(ANA, room, "👍");
    expect(last(room)).toContain("WhatsApp is off: your registration there");
    expect(world.network.enlisted.has(ANA)).toBe(false);
  });

  test("a plain yes is to the last question, not to the notice before it", async () => {
    const { room, client } = await world.optsIn(ANA);
    await client.says("Bram", "m1", "hello");
    await settle();
    await world.says(ANA, room, "report whatsapp Bram");
    await world.says(ANA, room, "verify whatsapp Bram");
    await world.says(ANA, room, "Yes.");
    expect(last(room)).toContain("Bram is verified.");
    expect(client.reports).toEqual([]);
    await world.says(ANA, room, "report whatsapp Bram");
    await world.says(ANA, room, "status");
    await reacts(room, questionBefore(room), "✅");
    expect(client.reports).toHaveLength(1);
    await reacts(room, questionBefore(room), "👍");
    expect(last(room)).toBe(
      "bot: That question was answered already, or I have asked you something else since, so I did nothing. " +
        "Write “report whatsapp Bram yes” to do it now.",
    );
    expect(client.reports).toHaveLength(1);
  });

  test("a plain yes is to what was just asked: after something else it does nothing, and says so", async () => {
    const { room } = await world.optsIn(ANA);
    for (const other of ["status", "statsu"]) {
      await world.says(ANA, room, "disable whatsapp");
      await world.says(ANA, room, other);
      await world.says(ANA, room, "yes");
      expect(last(room)).toBe(
        "bot: You have written something else since I asked you that, or it was long ago, so I did nothing. Write “disable whatsapp yes” if that is what you mean.",
      );
    }
    expect(world.network.enlisted.has(ANA)).toBe(true);
    await reacts(room, questionBefore(room), "👍");
    expect(world.network.enlisted.has(ANA)).toBe(false);
  });

  test("a word answers for a day, a reaction for as long as it is known whether there was an answer", async () => {
    let days = 0;
    const { bot } = world.homeserver;
    const content = { type: "m.room.message", content: {} };
    const outbox = new OutboxRows(world.clock, { uuid: randomUUID });
    const rows = async (room: RoomId) => [outbox.row(room, bot, content)];
    const now = world.clock.now();
    const questions = new Questions(world.store, { rows }, () => now + days * 86_400_000);
    const asks = await questions.say(ANA, "!r" as RoomId, [yesOrNo("Shall I?", "do it")]);
    await world.store.write(asks);
    expect(await questions.read(ANA, "yes", "yes")).toMatchObject({ text: "do it yes" });
    days = 1.1;
    expect(await questions.read(ANA, "yes", "yes")).toEqual({ late: "do it yes" });
    days = 31;
    expect(await questions.read(ANA, "yes", "yes")).toMatchObject({ text: "yes" });
  });

  test("a no to a safety number is about whom it was shown for, also beside somebody who is called “no”", async () => {
    const { room, client } = await world.optsIn(ANA);
    for (const name of ["Bram", "Bram no"]) await client.says(name, name, "hello");
    await settle();
    await world.says(ANA, room, "verify whatsapp Bram");
    await world.says(ANA, room, "no");
    expect(last(room)).toContain("bot: Bram is not verified. Numbers that differ");
  });

  test("a question that was answered in full is not open any more", async () => {
    const { room, client } = await world.optsIn(ANA);
    await client.says("Bram", "m1", "hello");
    await settle();
    await world.says(ANA, room, "report whatsapp Bram");
    await world.says(ANA, room, "report whatsapp Bram yes");
    await world.says(ANA, room, "yes");
    expect(client.reports).toHaveLength(1);
  });

  test("the safety number that was shown is the one that is noted, and “no” lets nothing go that was held", async () => {
    const { room, client } = await world.optsIn(ANA);
    await client.says("Bram", "m1", "hello");
    await settle();
    const chat = await world.portal(ANA, "Bram");
    const trust = async () => (await world.store.contacts.get(chat.login, bram.sender))?.trust;
    await world.says(ANA, room, "verify whatsapp Bram");
    client.safetyDigits = "0987654321".repeat(6);
    await world.says(ANA, room, "yes");
    expect(last(room)).toBe(
      "bot: Nothing was noted. The safety number is another one by now. Compare the one that is shown now. " +
        "Write “verify whatsapp Bram” to see it.",
    );
    expect(await trust()).not.toBe("verified");
    await world.says(ANA, room, "verify whatsapp Bram");
    await world.says(ANA, room, "yes");
    expect(await trust()).toBe("verified");
    await client.brings({ kind: "identity-changed", ...bram, id: "i" as MessageId, at: 2 });
    await settle();
    expect(await trust()).toBe("changed");
    await world.says(ANA, room, "verify whatsapp Bram");
    await world.says(ANA, room, "no");
    expect(last(room)).toContain("Nothing is sent to them until you write “verify whatsapp Bram yes”");
    expect(await trust()).toBe("changed");
    await world.says(ANA, room, "verify whatsapp Bram yes");
    await world.says(ANA, room, "verify whatsapp Bram no");
    expect(last(room)).toContain("Bram is not verified any more.");
    expect(await trust()).toBe("unverified");
  });
});

/** The newest event under which the bot has put reactions. */
function questionBefore(room: RoomId): EventId {
  return (newest(room, "m.reaction").send.content["m.relates_to"] as { event_id: EventId }).event_id;
}
