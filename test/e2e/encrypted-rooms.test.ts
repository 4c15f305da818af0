import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Phone } from "../../tools/sandbox/control.ts";
import { CryptoClient } from "../kit/crypto-client.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import { e2eTimeout, type TestPerson } from "../kit/world.ts";

describe("encrypted rooms, on a real Synapse", () => {
  const here = onSynapse({ secrets: ["Grünkohl"], bridgeEnvironment: { BRIDGE_ENCRYPTION__MODE: "allow" } });
  const stack = new AsyncDisposableStack();
  let ana: TestPerson;
  let wim: Phone;
  let client: CryptoClient;
  let room: string;

  beforeAll(async () => {
    ana = await here.world.person("Ana", ["whatsapp"]);
    wim = await here.world.contact("whatsapp", "Wim Bezoeker");
    client = stack.use(await CryptoClient.start(here.world.world.homeserver, "ana", [], "ana-password"));
    await wim.says(ana.userId, "Is this still open?");
    room = (
      await client.shows("the first message", ({ content }) => content["body"] === "Is this still open?")
    ).room;
  }, e2eTimeout);
  afterAll(() => stack.disposeAsync(), e2eTimeout);

  test("a person switches a chat to encrypted, and texts cross both ways without a shield", async () => {
    await client.encrypt(room);
    await client.send(room, { msgtype: "m.text", body: "Grünkohl, in secret" });
    await wim.hears("Grünkohl, in secret");
    await wim.says(ana.userId, "Grünkohl, understood");
    const shown = await client.shows(
      "the answer",
      ({ content }) => content["body"] === "Grünkohl, understood",
    );
    expect(shown).toMatchObject({ encrypted: true, failure: null, shield: 0 });
  });

  test("an encrypted direct chat with the bot is a management room", async () => {
    const direct = await client.makeRoom(here.world.botId);
    const welcome = await client.shows(
      "the bot's welcome",
      ({ room: at, sender, type }) =>
        at === direct && sender === here.world.botId && type === "m.room.message",
    );
    expect(welcome).toMatchObject({ encrypted: true, failure: null, shield: 0 });
    await client.send(direct, { msgtype: "m.text", body: "status" });
    await client.shows(
      "an answer",
      ({ room: at, content }) =>
        at === direct && /WhatsApp/.test(String(content["body"])) && /on/.test(String(content["body"])),
    );
  });
});
