import { beforeAll, describe, expect, test } from "@jest/globals";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import type { ShownRoom } from "../kit/other-client.ts";
import type { SynapseAdmin } from "../kit/synapse-admin.ts";

const POWER = "state/m.room.power_levels/";

/** By the room version the homeserver makes; the one an administrator upgrades to; whether the bot has power there. */
const versions = [
  ["10", "11", true],
  ["11", "12", true],
  ["12", "12", false],
] as const;

describe.each(versions)("rooms of version %s at their end", (version, next, powerful) => {
  const here = anaOnSynapse({
    secrets: ["Eva Einde"],
    synapseExtra: { default_room_version: version },
    networks: ["whatsapp"],
  });

  let admin: SynapseAdmin;
  beforeAll(async () => {
    admin = await here.world.admin();
  });

  let chats = 0;
  const begin = (): Promise<OpenChat> => {
    chats += 1;
    const name = `Eva Einde ${chats}`;
    return here.chat("whatsapp", name);
  };
  const path = (room: string, act: string): string => `rooms/${encodeURIComponent(room)}/${act}`;
  const reigns = async (room: string): Promise<void> => {
    await admin.ask("POST", `v1/rooms/${encodeURIComponent(room)}/make_room_admin`, {});
    await admin.client("POST", `join/${encodeURIComponent(room)}`, {});
  };
  /** The contact writes three times; answers the one room that shows all of it, in order. */
  async function arrives({ phone, name }: OpenChat, word: string): Promise<ShownRoom> {
    const texts = [1, 2, 3].map((n) => `${name} ${word} ${n}`);
    for (const text of texts) await phone.says(here.ana.userId, text);
    const shown = await here.viewer.until(`“${word}” three times`, ({ rooms }) =>
      rooms.find(({ events }) => events.some(({ content }) => content["body"] === texts[2])),
    );
    const bodies = shown.events.map(({ content }) => String(content["body"]));
    expect(bodies.filter((body) => body.includes(word))).toEqual(texts);
    return shown;
  }

  test("one that an administrator upgrades goes on in the new one, with what is said of old messages", async () => {
    const chat = await begin();
    const mine = await chat.said("mine");
    await reigns(chat.room);
    const upgraded = await admin.client("POST", path(chat.room, "upgrade"), { new_version: next });
    const room = String(upgraded["replacement_room"]);
    await admin.client("POST", path(room, "invite"), { user_id: here.world.botId });
    const shown = await arrives(chat, "after the upgrade");
    expect(shown.id).toBe(room);
    await chat.does("reacts", { target: mine.id, emoji: "👍" });
    const notice = (words: RegExp) =>
      here.viewer.room(room, String(words), ({ events }) =>
        events.some(({ content }) => words.test(String(content["body"]))),
      );
    await notice(/Reacted with 👍.*earlier room/);
    await notice(
      powerful ? /goes on here, in the room that took the earlier one's place\.$/ : /I have no power here/,
    );
    const levels = await here.ana.client.state(room, "m.room.power_levels");
    expect(levels).toMatchObject({ events_default: 0, invite: 0 });
    const answer = await here.ana.client.say(room, `back ${version}`);
    expect(answer).toMatch(/^\$/);
    await chat.heard(`back ${version}`);
  });

  test.each([
    [true, true],
    [false, false],
  ])("one that is deleted (purged: %p, blocked: %p) is followed by another", async (purge, block) => {
    const chat = await begin();
    const { delete_id: id } = await admin.ask("DELETE", `v2/rooms/${encodeURIComponent(chat.room)}`, {
      purge,
      block,
    });
    // What is written before it is done goes with the room.
    let status: unknown;
    do ({ status } = await admin.ask("GET", `v2/rooms/delete_status/${String(id)}`));
    while (status !== "complete");
    const shown = await arrives(chat, `after the deletion`);
    expect(shown.id).not.toBe(chat.room);
    expect(shown.events.some(({ content }) => String(content["body"]).includes("had another room"))).toBe(
      true,
    );
  });

  test("one the contact is banned from is followed by another, and says where", async () => {
    const chat = await begin();
    await reigns(chat.room);
    await admin.client("POST", path(chat.room, "ban"), { user_id: chat.ghost });
    const shown = await arrives(chat, "after the ban");
    expect(shown.id).not.toBe(chat.room);
    expect(await here.ana.client.state(chat.room, "m.room.tombstone")).toMatchObject({
      replacement_room: shown.id,
    });
    await chat.notice(/goes on in another room/, await chat.say("hello?"));
  });

  // Of room version 12 on nobody can put the creator out.
  if (version === "12") return;
  test("one the bot is kicked from is followed by another", async () => {
    const chat = await begin();
    await reigns(chat.room);
    const bot = `?user_id=${encodeURIComponent(here.world.botId)}`;
    const url = `${here.world.world.homeserver}/_matrix/client/v3/${path(chat.room, POWER)}${bot}`;
    const headers = { authorization: `Bearer ${here.world.world.tokens.as}` };
    const levels = (await (await fetch(url, { headers })).json()) as { readonly users: object };
    const users = { ...levels.users, [here.world.botId]: 50 };
    const body = JSON.stringify({ ...levels, users });
    expect((await fetch(url, { method: "PUT", headers, body })).status).toBe(200);
    for (const user of [here.world.botId, chat.ghost]) {
      await admin.client("POST", path(chat.room, "kick"), { user_id: user });
    }
    const shown = await arrives(chat, "after the kick");
    expect(shown.id).not.toBe(chat.room);
  });
});
