import { beforeAll, describe, expect, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";

describe("with the second registration installed", () => {
  const here = anaOnSynapse({ secrets: ["Pim Pop"], puppets: true });

  beforeAll(async () => {
    here.ana.client.acceptsInvites = false;
  });

  const asks = (text: string, answer: RegExp): Promise<string> =>
    askBot(here.ana.client, here.world.botId, here.ana.management, text, answer);

  test("a chat is joined by itself and listed among the direct chats", async () => {
    const chat = await here.chat("whatsapp", "Pim Pop");
    await chat.until("the chat joined", ({ membership }) => membership === "join");
    await here.viewer.until("the direct chats", ({ direct }) => direct[chat.ghost]?.includes(chat.room));
    await chat.stillWorks();
    expect(await asks("status", /WhatsApp/)).not.toMatch(/second registration/);

    await asks("inbox separate", /no longer listed among your direct chats/);
    await here.viewer.until(
      "the list without the chat",
      ({ direct }) => !direct[chat.ghost]?.includes(chat.room),
    );
    await here.viewer.until("the Space joined", ({ rooms }) =>
      rooms.some(({ space, membership }) => space && membership === "join"),
    );
    await asks("inbox combined", /are listed among your direct chats/);
    await here.viewer.until("the direct chats again", ({ direct }) =>
      direct[chat.ghost]?.includes(chat.room),
    );
    await chat.stillWorks();
  });

  test("what others keep among their direct chats stays", async () => {
    const bo = await here.world.person("Bo", []);
    const room = await here.ana.client.createDirectChat(bo.userId);
    const path = `v3/user/${encodeURIComponent(here.ana.userId)}/account_data/m.direct`;
    const before = await here.ana.client.call("GET", path);
    await here.ana.client.call("PUT", path, { ...before, [bo.userId]: [room] });
    const chat = await here.chat("messenger", "Pia Pop");
    const direct = await here.viewer.until("both", ({ direct: list }) => list[chat.ghost] && list);
    expect(direct).toMatchObject({ ...before, [bo.userId]: [room], [chat.ghost]: [chat.room] });
  });
});
