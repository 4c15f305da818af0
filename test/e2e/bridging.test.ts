import { beforeAll, describe, expect, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import type { Phone } from "../../tools/sandbox/control.ts";
import { onSynapse, type ViewedPerson, viewedPerson } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";

const on = onSynapse({ secrets: ["Kees Keuken"] });

let ana: ViewedPerson;
let kees: OpenChat;
let lies: Phone;

beforeAll(async () => {
  await on.world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  ana = await viewedPerson(on.world, "Ana", ["whatsapp"]);
  kees = await ana.chat("whatsapp", "Kees Keuken");
  lies = await on.world.contact("whatsapp", "Lies Lid");
});

const ask = (room: string, command: string, answer: RegExp) =>
  askBot(ana.client, on.world.botId, room, command, answer);

/** A room of Ana's, who has all power as its maker, with the bot as its administrator too. */
async function ownRoom(name: string): Promise<string> {
  const { botId } = on.world;
  const { room_id: room } = await ana.client.call("POST", "v3/createRoom", {
    preset: "private_chat",
    name,
    power_level_content_override: { users: { [botId]: 100 } },
  });
  return String(room);
}
const invites = (room: string, user: string) =>
  ana.client.call("POST", `v3/rooms/${encodeURIComponent(room)}/invite`, { user_id: user });

describe("a room of a person's own", () => {
  test("becomes a group's after they saw what comes of it, and is an ordinary one again", async () => {
    const members = [ana.userId, lies.externalId];
    await kees.phone.does("createsGroup", { name: "Keuken", members, id: "keuken" });
    const old = await ana.viewer.until("the group's room", ({ rooms }) =>
      rooms.find(({ name }) => name.startsWith("Keuken")),
    );
    const room = await ownRoom("Kitchen");
    const ben = await viewedPerson(on.world, "Ben", []);
    await invites(room, ben.userId);
    await ben.client.call("POST", `v3/join/${encodeURIComponent(room)}`, {});
    await invites(room, on.world.botId);
    await ana.viewer.room(room, "the bot's offer", ({ events }) =>
      events.some(({ content }) =>
        String(content["body"]).includes("I can make this room one of your chats"),
      ),
    );
    const question = await ask(
      room,
      "bridge whatsapp Keuken",
      /Make this room the chat with the group “Keuken”/,
    );
    expect(question).toContain("2 members of the group come in");
    expect(question).toContain(ben.userId);
    await ask(room, "yes", /This room is the chat with the group “Keuken” on WhatsApp from here on/);
    await ana.viewer.room(room, "both members", ({ members: all, name }) => {
      const people = [ana.userId, ben.userId, on.world.botId];
      const ghosts = Object.entries(all).filter(([user, is]) => !people.includes(user) && is === "join");
      return ghosts.length === 2 && name.startsWith("Keuken") && all[ben.userId] === "join";
    });
    expect(await ana.client.state(old.id, "m.room.tombstone")).toMatchObject({ replacement_room: room });
    const mine = await ana.client.say(room, "I cook");
    expect(mine).toMatch(/^\$/);
    await lies.shows("what Ana wrote", ({ text }) => text === "I cook");

    await ask(ana.management, "unbridge whatsapp Keuken yes", /becomes an ordinary one/);
    await ana.viewer.room(room, "an ordinary room", ({ members: all }) =>
      Object.entries(all).every(([user, is]) => user === ana.userId || user === ben.userId || is === "leave"),
    );
  });

  test("the room that the bridge made for a chat is closed, and another comes with the next message", async () => {
    await ask(ana.management, "delete-portal whatsapp Kees Keuken yes", /is closed/);
    await ana.viewer.until("no room", ({ rooms }) =>
      rooms.every(({ id, membership }) => id !== kees.room || membership === "leave"),
    );
    await kees.phone.says(ana.userId, "still there?");
    const next = await ana.viewer.until("a new room", ({ rooms }) =>
      rooms.find(({ events }) => events.some(({ content }) => content["body"] === "still there?")),
    );
    expect(next.id).not.toBe(kees.room);
  });
});
