import { beforeAll, describe, expect, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import { registerUser } from "../../tools/synapse/register.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import type { ShownAccount, ShownRoom } from "../kit/other-client.ts";

describe("the inbox a person chooses", () => {
  const here = anaOnSynapse({ secrets: ["Wim Inbox", "Mara Inbox"] });
  let wim: OpenChat;
  let mara: OpenChat;

  beforeAll(async () => {
    wim = await here.chat("whatsapp", "Wim Inbox");
    mara = await here.chat("messenger", "Mara Inbox");
  });

  const asks = (text: string, answer: RegExp): Promise<string> =>
    askBot(here.ana.client, here.world.botId, here.ana.management, text, answer);
  const named = ({ rooms }: ShownAccount, name: string): ShownRoom | undefined =>
    rooms.find((room) => room.space && room.name === name);
  const within = (parent: string, ...children: readonly string[]) =>
    here.viewer.until(`${parent} with ${children.length} rooms`, (account) => {
      const space = named(account, parent);
      return space?.children.length === children.length &&
        children.every((each) => space.children.includes(each))
        ? space
        : undefined;
    });

  test("it is combined unless one chooses, and can be asked", async () => {
    expect(await asks("inbox", /inbox is/)).toMatch(/combined/);
    expect(here.viewer.now.rooms.filter(({ space }) => space)).toEqual([]);
  });

  test("separate: one Space, a part for each network, the same rooms, one invitation", async () => {
    await asks("inbox separate", /2 chats are now in the Space/);
    const root = await here.viewer.until("the Space", (account) => {
      const space = named(account, "Third-party chats");
      return space?.membership === "join" && space.children.length === 2 ? space : undefined;
    });
    // Its parts are joined without an invitation, as clients do when one opens them.
    for (const part of root.children) await here.ana.client.join(part);
    await within("WhatsApp", wim.room);
    await within("Messenger", mara.room);
    const rules = await here.ana.client.state(wim.room, "m.room.join_rules");
    expect(rules).toMatchObject({ join_rule: "restricted" });
    await wim.stillWorks();
    await mara.stillWorks();
  });

  test("a chat that begins now is in its network's part, and joined from there", async () => {
    here.ana.client.acceptsInvites = false;
    const nina = await here.world.contact("whatsapp", "Nina Inbox");
    const invited = here.ana.client.nextInvite("the new chat", () => true);
    await nina.says(here.ana.userId, "Nina says hello");
    const { roomId, isDirect } = await invited;
    expect(isDirect).toBe(false);
    await within("WhatsApp", wim.room, roomId);
    here.ana.client.acceptsInvites = true;
    await here.ana.client.join(roomId);
    await here.viewer.event(
      roomId,
      "the first message",
      ({ content }) => content["body"] === "Nina says hello",
    );
  });

  test("somebody who is not in the Space cannot join what is in it", async () => {
    const bo = await here.world.person("Bo", []);
    await expect(bo.client.join(wim.room)).rejects.toThrow("403");
    const root = named(here.viewer.now, "Third-party chats");
    await expect(bo.client.join(root?.id ?? "")).rejects.toThrow("403");
  });

  test("combined: the Space is empty, the rooms are the same, and it can be chosen again", async () => {
    await asks("inbox combined", /3 chats are out of the Space/);
    await within("WhatsApp");
    await within("Messenger");
    await wim.stillWorks();
    expect(await here.ana.client.state(wim.room, "m.room.join_rules")).toMatchObject({ join_rule: "invite" });
    await asks("inbox separate", /3 chats are now in the Space/);
    await within("Messenger", mara.room);
    await mara.stillWorks();
    expect(here.viewer.now.rooms.filter(({ space }) => space)).toHaveLength(3);
  });

  test("status says what is missing without the second registration", async () => {
    expect(await asks("status", /WhatsApp/)).toMatch(/second registration.*not installed/s);
  });

  test("a Space that an administrator deleted is made anew for the next chat, and said", async () => {
    const { homeserver, settings } = here.world.world;
    const boss = { localpart: "boss", password: "boss-password", admin: true };
    const admin = await registerUser(homeserver, settings.registrationSharedSecret, boss);
    const old = here.viewer.now.rooms.filter(({ space }) => space).map(({ id }) => id);
    // With and without a trace of the room left.
    for (const [index, room] of old.entries()) {
      const answer = await fetch(`${homeserver}/_synapse/admin/v1/rooms/${encodeURIComponent(room)}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${admin?.accessToken}` },
        body: JSON.stringify({ purge: index > 0 }),
      });
      expect(answer.status).toBe(200);
    }
    const notice = here.ana.client.next("the notice", ({ roomId, content }) => {
      return roomId === here.ana.management && String(content["body"]).includes("is gone");
    });
    const olaf = await here.world.contact("whatsapp", "Olaf Inbox");
    await olaf.says(here.ana.userId, "Olaf says hello");
    await notice;
    const { id } = await here.viewer.until("the new Space", ({ rooms }) =>
      rooms.find((room) => room.space && room.name === "Third-party chats" && !old.includes(room.id)),
    );
    const root = await here.viewer.room(id, "its part", (room) =>
      room.children.length === 1 ? room : undefined,
    );
    await here.ana.client.join(root.children[0] ?? "");
    await here.viewer.room(root.children[0] ?? "", "the chat", (room) => room.children.length === 1);
    await asks("inbox separate", /4 chats are now in the Space/);
    await wim.stillWorks();
  });
});
