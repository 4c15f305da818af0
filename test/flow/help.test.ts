import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RoomId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";

let world: FlowWorld;
let room: RoomId;

beforeEach(async () => {
  world = await FlowWorld.start();
  room = await world.meets(ANA);
});
afterEach(() => world[Symbol.asyncDispose]());

async function asks(text: string): Promise<string> {
  await world.says(ANA, room, text);
  return world.homeserver.shown(room).at(-1) ?? "";
}

describe("help", () => {
  test("is short, by subject, and begins with what this person needs next", async () => {
    const first = await asks("help");
    expect(first).toContain("To begin, write “enable whatsapp”.");
    expect(first.split("\n").filter((line) => line.startsWith("• "))[0]).toMatch(
      /^• Networks: .*“enable”.*“status”/,
    );
    expect(first).not.toContain("“unmute”");
    expect(first).not.toContain("“yes”");
    expect(first).not.toContain("For administrators");
    expect(first.split("\n").length).toBeLessThan(10);
    await asks("enable whatsapp");
    expect(await asks("help")).toMatch(
      /^bot: I have asked you about WhatsApp: write “yes”, “no” or “more”\./,
    );
    await asks("yes");
    const on = await asks("help");
    expect(on).not.toContain("To begin");
    expect(on.split("\n").find((line) => line.startsWith("• "))).toMatch(/^• Chats: .*“start-chat”/);
  });

  test("has an administrator's commands apart, for administrators", async () => {
    world.admins.add(BEN);
    const bens = await world.meets(BEN);
    await world.says(BEN, bens, "help");
    expect(world.homeserver.shown(bens).at(-1)).toMatch(
      /\n• For administrators: “logins”, “queues”, “dead-letters”, “reconnect”, .*“remove”/,
    );
    expect(await asks("help all")).not.toContain("“logins");
  });

  test.each([
    ["help start-chat", "For example: “start-chat whatsapp Bram”."],
    ["help mute", "• “unmute <network> <whom>”: Invites you again"],
    ["help unmute", "It belongs to “mute”: write “help mute” for that."],
    ["help “verify”", "“verify <network> <whom> [yes|no]”"],
    ["help country", "For example: “country NL”."],
    ["help whatsapp", "• “enable whatsapp” turns it on"],
    ["help logins", "For administrators."],
    ["help all", "• “start-chat <network> <whom>”: Opens a chat with somebody"],
    ["help login", "Did you mean “enable whatsapp”?"],
    ["help frobnicate", "I have no command “frobnicate”. Write “help” to see what I can do."],
  ])("“%s” says how that is used", async (typed, answer) => {
    expect(await asks(typed)).toContain(answer);
  });
});

describe("what is no command", () => {
  test.each([
    ["statsu", "bot: I do not know “statsu”. Did you mean “status”?"],
    ["login", "bot: I do not know “login”. Did you mean “enable whatsapp”?"],
    ["pm +31612345678", "bot: I do not know “pm”. Did you mean “start-chat whatsapp +31612345678”?"],
    [
      "pm",
      "bot: I do not know “pm”. Did you mean “start-chat”? It is written like this: “start-chat whatsapp Bram”.",
    ],
    ["frobnicate", "bot: I do not know “frobnicate”. Write “help” to see what I can do."],
    ["reconect all", "bot: I do not know “reconect”. Write “help” to see what I can do."],
  ])("“%s” is answered with what was probably meant", async (typed, answer) => {
    expect(await asks(typed)).toBe(answer);
  });

  test("is offered as a button, and is nothing that a yes would do", async () => {
    await asks("statsu");
    const event = world.homeserver.room(room).events.at(-1)?.send;
    expect(event?.content["com.beeper.action_hints"]).toMatchObject({
      hints: [{ body: "status", event: { body: "status" } }],
    });
    expect(await asks("yes")).toContain("There is nothing to say yes to");
  });

  test("is understood behind another bridge's prefix", async () => {
    expect(await asks("!wa help")).toContain("This is what you can write:");
    expect(await asks("!wa")).toContain("This is what you can write:");
    expect(await asks("!signal login")).toContain("Did you mean “enable whatsapp”?");
    expect(await asks("!tpc version")).toBe("bot: Version test.");
  });
});
