import { describe, expect, test } from "@jest/globals";
import type { EventId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA, type FlowWorld } from "../kit/flow-world.ts";
import { away, RIGHT_CODE } from "../kit/linked-network.ts";
import { LinkedWorld, QUILL } from "../kit/linked-world.ts";

/** A management room in which the bot has the power to take out what the person writes. */
async function botsOwnRoom(world: FlowWorld, user: UserId): Promise<RoomId> {
  const room = await world.meets(user);
  world.homeserver.room(room).setState(user, "m.room.power_levels", "", {
    users: { [user]: 100, [world.homeserver.bot]: 100 },
    events: {},
    events_default: 0,
    state_default: 50,
    invite: 0,
  });
  return room;
}

/** What Ana writes, as the homeserver has it. */
async function writes(world: FlowWorld, room: RoomId, text: string): Promise<EventId> {
  const id = world.homeserver.room(room).put(ANA, "m.room.message", { msgtype: "m.text", body: text });
  return world.says(ANA, room, text, id);
}

const eventOf = (world: FlowWorld, room: RoomId, id: string) =>
  world.homeserver.room(room).timeline.find(({ event_id: known }) => known === id);

const isThere = (event: { readonly content: object } | undefined): boolean =>
  event !== undefined && Object.keys(event.content).length > 0;

describe("logging in by what is typed", () => {
  test("each answer is checked, what is wrong with it is said, and a command is still a command", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable quill");
    expect(it.last(room)).toContain(
      "• “enable quill qr” to scan a QR code\n• “enable quill phone” to give your phone number",
    );
    await world.says(ANA, room, "enable quill phone");
    await world.says(ANA, room, "yes");
    expect(it.last(room)).toContain("Write your phone number with country code, such as +31612345678.");
    await world.says(ANA, room, "0612345678");
    expect(it.last(room)).toContain("That is not a phone number with country code. Write your phone number");
    await world.says(ANA, room, "version");
    expect(it.last(room)).toBe("bot: Version test.");
    await world.says(ANA, room, "answer +31 6 12345678");
    expect(it.last(room)).toContain("A code was sent to +31612345678.");
    await world.says(ANA, room, "111111");
    expect(it.last(room)).toContain("That code is not right. Write the six digits that were sent to you.");
    await world.says(ANA, room, RIGHT_CODE);
    // Also what follows at once is said behind what it follows.
    expect(world.homeserver.shown(room).slice(-2)).toEqual([
      "bot: The code is right. Write “cancel” to end this.",
      expect.stringContaining("Your contacts see you as +31612345678"),
    ]);
    expect(quill.open).toBe(0);
    await world.says(ANA, room, "answer 1");
    expect(it.last(room)).toContain("I am not asking you anything now.");
  });

  test("several fields are asked for one after the other, and handed over together", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable quill password");
    await world.says(ANA, room, "yes");
    expect(it.last(room)).toContain("Quill knows you by a name. Write your Quill name.");
    await world.says(ANA, room, "a");
    expect(it.last(room)).toContain("A name has at least two letters. Write your Quill name.");
    await world.says(ANA, room, "ana");
    expect(it.last(room)).toContain("Write your password. I delete your message with it here, where I may.");
    expect(quill.typed).toEqual([]);
    quill.codeFault = away();
    await world.says(ANA, room, "answer  help  me “now”! ");
    expect(it.last(room)).toContain("Quill cannot be reached at the moment.");
    quill.codeFault = undefined;
    await world.says(ANA, room, "yes  we “can”");
    expect(it.last(room)).toContain("Your contacts see you as ana.");
    expect(quill.typed).toEqual([
      { name: "ana", password: "help  me “now”!" },
      { name: "ana", password: "yes  we “can”" },
    ]);
    expect(it.database()).not.toContain("we “can”");
  });

  test("a network that does not answer is said, and the same can be answered again", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await it.asksForCode(ANA, room);
    quill.codeFault = away();
    await world.says(ANA, room, RIGHT_CODE);
    expect(it.last(room)).toBe("bot: Quill cannot be reached at the moment. Try again in a few minutes.");
    quill.codeFault = undefined;
    await world.says(ANA, room, RIGHT_CODE);
    expect(it.last(room)).toContain("Quill is on and connected");
  });

  test("what is secret is taken out of the room where the bot may, also what is wrong", async () => {
    await using it = await LinkedWorld.start();
    const { world } = it;
    const room = await botsOwnRoom(world, ANA);
    const says = (text: string) => writes(world, room, text);
    const event = (id: string) => eventOf(world, room, id);
    await says("enable quill phone");
    await says("yes");
    const number = await says("+31612345678");
    const wrong = await says("12345");
    const secret = await says(RIGHT_CODE);
    expect(it.last(room)).toContain("Quill is on and connected");
    expect(isThere(event(number))).toBe(true);
    expect(isThere(event(wrong))).toBe(false);
    expect(isThere(event(secret))).toBe(false);
    const said = world.homeserver.shown(room).join("\n");
    expect(said).not.toContain("please delete it yourself");
    expect(said).not.toContain(RIGHT_CODE);
  });

  test("a secret that comes too late is taken out too, whether it says that it is an answer or not", async () => {
    await using it = await LinkedWorld.start();
    const { world } = it;
    const room = await botsOwnRoom(world, ANA);
    const before = await writes(world, room, "hullo");
    await it.asksForCode(ANA, room);
    await world.clock.advance(901_000);
    const late = await writes(world, room, RIGHT_CODE);
    expect(it.last(room)).toBe(
      "bot: I do not know that, and deleted it in case it is what I asked you for. Write “help” to see what I can do.",
    );
    const answer = await writes(world, room, `answer ${RIGHT_CODE}`);
    expect(it.last(room)).toContain("I am not asking you anything now.");
    const command = await writes(world, room, "version");
    const there = [before, late, answer, command].map((id) => isThere(eventOf(world, room, id)));
    expect(there).toEqual([true, false, false, true]);
  });

  test("a secret that a crash came before is taken out when it is handled", async () => {
    await using it = await LinkedWorld.start();
    const { world } = it;
    const room = await botsOwnRoom(world, ANA);
    await it.asksForCode(ANA, room);
    world.homeserver.before = () => new Promise(() => {});
    const secret = await writes(world, room, RIGHT_CODE);
    expect(isThere(eventOf(world, room, secret))).toBe(true);
    world.homeserver.before = async () => {};
    await world.crash();
    await world.clock.advance(2_000);
    expect(isThere(eventOf(world, room, secret))).toBe(false);
  });

  test("and where it may not, it asks for that", async () => {
    await using it = await LinkedWorld.start();
    const { world } = it;
    const room = await world.meets(ANA);
    await it.asksForCode(ANA, room);
    await world.says(ANA, room, RIGHT_CODE);
    expect(world.homeserver.shown(room).slice(-3)).toEqual([
      "bot: I may not delete your message with it here, so please delete it yourself.",
      expect.stringContaining("The code is right."),
      expect.stringContaining("Quill is on and connected"),
    ]);
  });

  test("a second answer waits for what comes of the first, and does nothing where that was enough", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await it.asksForCode(ANA, room);
    const slow = Promise.withResolvers<void>();
    quill.answers = slow.promise;
    await world.says(ANA, room, RIGHT_CODE);
    await world.clock.advance(2_000);
    expect(it.last(room)).toContain("“answer” takes a moment.");
    await world.says(ANA, room, "135791");
    slow.resolve();
    await world.clock.advance(3_000);
    expect(world.homeserver.shown(room).slice(-3)).toEqual([
      expect.stringContaining("The code is right."),
      expect.stringContaining("I am not asking you anything now."),
      expect.stringContaining("Quill is on and connected"),
    ]);
    expect(await world.store.logins.of(ANA, QUILL)).toHaveLength(1);
  });

  test("what is secret is not repeated where that takes long, and it is over meanwhile", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await it.asksForCode(ANA, room);
    const slow = Promise.withResolvers<void>();
    quill.answers = slow.promise;
    await world.says(ANA, room, "86420");
    await world.says(ANA, room, RIGHT_CODE);
    await world.says(ANA, room, "cancel");
    await world.clock.advance(2_000);
    slow.resolve();
    await world.clock.advance(2_000);
    const said = world.homeserver.shown(room).join("\n");
    for (const secret of ["86420", RIGHT_CODE]) {
      expect(said).not.toContain(secret);
      expect(it.database()).not.toContain(secret);
    }
    expect(said).toContain("“answer” takes a moment.");
  });

  test("a crash while a code is checked keeps nothing of it, and says that it has to be begun again", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await it.asksForCode(ANA, room);
    quill.answers = new Promise(() => {});
    await world.says(ANA, room, "975312");
    await world.clock.advance(2_000);
    expect(it.database()).not.toContain("975312");
    await world.crash();
    await world.clock.advance(2_000);
    expect(world.homeserver.shown(room)).toContainEqual(
      expect.stringContaining("so that has to be begun again: write “enable quill”."),
    );
    expect(world.homeserver.shown(room).join("\n")).not.toContain("975312");
    expect(await world.store.logins.of(ANA, QUILL)).toEqual([]);
  });

  test("who does not answer for a quarter of an hour is told that it was ended", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await it.asksForCode(ANA, room);
    await world.clock.advance(901_000);
    expect(it.last(room)).toBe(
      "bot: I heard nothing from you for a while, so turning Quill on was ended. Write “enable quill” to begin again.",
    );
    expect(quill.open).toBe(0);
    // A code that comes too late may still be one.
    await world.says(ANA, room, RIGHT_CODE);
    expect(it.last(room)).toBe("bot: I do not know that. Write “help” to see what I can do.");
  });
});
