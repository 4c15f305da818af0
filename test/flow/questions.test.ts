import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { EventId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";

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
    const second = newest(room, "m.reaction").send.content["m.relates_to"] as { event_id: EventId };
    await reacts(room, second.event_id, "✅");
    expect(world.network.enlisted.has(ANA)).toBe(true);
    await world.clock.advance(60_000);
    await reacts(room, second.event_id, "👎");
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
