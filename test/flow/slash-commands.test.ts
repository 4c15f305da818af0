import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { RoomId } from "../../src/core/model/ids.ts";
import { decodeEvent } from "../../src/matrix/events/decode.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";

let world: FlowWorld;
let room: RoomId;

beforeEach(async () => {
  world = await FlowWorld.start();
  room = await world.meets(ANA);
});
afterEach(() => world[Symbol.asyncDispose]());

/** As clients make a direct chat: who is invited may do the same as who invites (`trusted_private_chat`). */
function trustsBot(): void {
  const chat = world.homeserver.room(room);
  const levels = chat.state.get("m.room.power_levels ") ?? {};
  const users = { [ANA]: 100, [world.homeserver.bot]: 100 };
  chat.setState(ANA, "m.room.power_levels", "", { ...levels, users });
}

const TYPE = "org.matrix.msc4391.command_description";

/** The description of a command in Ana's room with the bot. */
function described(name: string): unknown {
  const key = createHash("sha256").update(`${name}${world.homeserver.bot}`).digest("base64");
  return world.homeserver.room(room).state.get(`${TYPE} ${key}`);
}

/** Ana's client sends what it has read as a command. */
async function sends(type: string, content: object): Promise<string> {
  const event_id = world.newEventId();
  const raw = { type, room_id: room, sender: ANA, event_id, origin_server_ts: world.clock.now(), content };
  const decoded = decodeEvent(raw, (user) => world.homeserver.isOurs(user as typeof ANA));
  if (decoded.kind !== "event") throw new Error(decoded.why);
  await world.push(decoded.event);
  return world.homeserver.shown(room).at(-1) ?? "";
}

test("whoever looks for help has the commands described for their client, which sets nothing twice", async () => {
  let sets = 0;
  const set = world.homeserver.setState.bind(world.homeserver);
  world.homeserver.setState = async (...asked) => {
    sets += 1;
    await set(...asked);
  };
  await world.says(ANA, room, "help");
  // The bot may not change this room yet.
  expect(described("status")).toBeUndefined();
  trustsBot();
  await world.says(ANA, room, "help");
  expect(described("start-chat")).toEqual({
    command: "start-chat",
    description: { "m.text": [{ body: expect.stringContaining("Opens a chat with somebody") }] },
    parameters: ["network", "whom"].map((key) => ({
      key,
      type: "string",
      schema: { schema_type: "primitive", type: "string" },
      required: true,
      optional: false,
      description: { "m.text": [{ body: key }] },
    })),
    "fi.mau.tail_parameter": "whom",
  });
  expect(described("status")).toMatchObject({ command: "status", parameters: [] });
  expect(described("verify")).toMatchObject({
    parameters: [{ key: "network" }, { key: "whom" }, { key: "yes_or_no", required: false }],
    "fi.mau.tail_parameter": "whom",
  });
  expect(described("logins")).toBeUndefined();
  expect(described("unmute")).toBeUndefined();
  const before = sets;
  expect(before).toBeGreaterThan(15);
  await world.says(ANA, room, "help");
  expect(sets).toBe(before);
});

test("an administrator's commands are described for one, and taken away from who is none any more", async () => {
  world.admins.add(ANA);
  trustsBot();
  await world.says(ANA, room, "help");
  expect(described("logins")).toMatchObject({ command: "logins" });
  world.admins.delete(ANA);
  await world.says(ANA, room, "help mute");
  expect(described("logins")).toEqual({});
  expect(described("status")).toMatchObject({ command: "status" });
});

test.each(["org.matrix.msc4391.command", "m.bot.command"])(
  "a command that a client has read counts before its text (%s)",
  async (key) => {
    const command = { command: "enable", arguments: { network: "whatsapp" } };
    const body = "@bot:test enable the green one";
    expect(await sends("m.room.message", { msgtype: "m.text", body, [key]: command })).toContain(
      "please read this",
    );
    expect(await sends("m.room.bot.command", { [key]: { command: "yes", arguments: {} } })).toContain(
      "WhatsApp is on",
    );
  },
);

test("its arguments are put in the order of the command, and what is none of ours is answered", async () => {
  const start = {
    command: "start-chat",
    arguments: { whom: "+31 6 1111", network: "whatsapp", nonsense: { deep: [1] } },
  };
  await world.says(ANA, room, "enable whatsapp");
  await world.says(ANA, room, "yes");
  expect(await sends("m.room.bot.command", { "org.matrix.msc4391.command": start })).toContain(
    "Nobody there.",
  );
  const ban = { command: "ban", arguments: { room: { type: "room_id", id: "!a:b" } } };
  expect(await sends("m.room.bot.command", { "org.matrix.msc4391.command": ban })).toContain(
    "I do not know “ban”.",
  );
  const notice = {
    msgtype: "m.notice",
    body: "enable",
    "org.matrix.msc4391.command": { command: "disable" },
  };
  const before = world.homeserver.shown(room).length;
  await sends("m.room.message", notice);
  expect(world.homeserver.shown(room)).toHaveLength(before);
});
