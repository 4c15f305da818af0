import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import { OpenChat } from "../kit/open-chat.ts";
import type { OtherClient } from "../kit/other-client.ts";
import { endQuietly } from "../kit/quiet-end.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

describe("with the second registration installed", () => {
  let world: TestWorld;
  let ana: TestPerson;
  let viewer: OtherClient;

  beforeAll(async () => {
    world = await TestWorld.start({ puppets: true });
    ana = await world.person("Ana");
    viewer = await world.otherClient("ana");
    ana.client.acceptsInvites = false;
  });

  afterAll(() => endQuietly(world, ["Pim Pop"]));

  const asks = (text: string, answer: RegExp): Promise<string> =>
    askBot(ana.client, world.botId, ana.management, text, answer);

  test("a chat is joined by itself and listed among the direct chats", async () => {
    const chat = await OpenChat.begin({ world, person: ana, viewer, network: "whatsapp", name: "Pim Pop" });
    await chat.until("the chat joined", ({ membership }) => membership === "join");
    await viewer.until("the direct chats", ({ direct }) => direct[chat.ghost]?.includes(chat.room));
    await chat.stillWorks();
    expect(await asks("status", /WhatsApp/)).not.toMatch(/second registration/);

    await asks("inbox separate", /no longer listed among your direct chats/);
    await viewer.until("the list without the chat", ({ direct }) => !direct[chat.ghost]?.includes(chat.room));
    await viewer.until("the Space joined", ({ rooms }) =>
      rooms.some(({ space, membership }) => space && membership === "join"),
    );
    await asks("inbox combined", /are listed among your direct chats/);
    await viewer.until("the direct chats again", ({ direct }) => direct[chat.ghost]?.includes(chat.room));
    await chat.stillWorks();
  });

  test("what others keep among their direct chats stays", async () => {
    const bo = await world.person("Bo", []);
    const room = await ana.client.createDirectChat(bo.userId);
    const path = `v3/user/${encodeURIComponent(ana.userId)}/account_data/m.direct`;
    const before = await ana.client.call("GET", path);
    await ana.client.call("PUT", path, { ...before, [bo.userId]: [room] });
    const chat = await OpenChat.begin({ world, person: ana, viewer, network: "messenger", name: "Pia Pop" });
    const direct = await viewer.until("both", ({ direct: list }) => list[chat.ghost] && list);
    expect(direct).toMatchObject({ ...before, [bo.userId]: [room], [chat.ghost]: [chat.room] });
  });
});
