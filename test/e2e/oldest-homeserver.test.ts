import { beforeAll, expect, test } from "@jest/globals";
import { DEVICE } from "../../src/matrix/homeserver/devices.ts";
import { OLDEST } from "../../tools/synapse/install.ts";
import { CryptoClient } from "../kit/crypto-client.ts";
import { EncryptedChat } from "../kit/encrypted-chats.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";

/** `npm run test:homeservers` tries much more, on this version and others. */
const here = anaOnSynapse({
  secrets: ["Wim Bezoeker", "Grünkohl"],
  synapse: OLDEST,
  networks: ["whatsapp"],
  bridgeEnvironment: { BRIDGE_ENCRYPTION__MODE: "allow" },
});
let chat: OpenChat;

beforeAll(async () => {
  chat = await here.chat("whatsapp", "Wim Bezoeker");
});

test("on the oldest Synapse that is supported text crosses both ways", async () => {
  await chat.stillWorks();
});

test("on it a ghost whose device is gone still speaks, once", async () => {
  await here.world.asBridge("DELETE", `v3/devices/${DEVICE}`, chat.ghost);
  await chat.does("says", { text: "without a device" });
  const { events } = await chat.stillWorks();
  expect(events.filter(({ content }) => content["body"] === "without a device")).toHaveLength(1);
});

test("on it what is said in an encrypted room crosses both ways without a shield", async () => {
  const { world, ana: person } = here;
  await using client = await CryptoClient.start(world.world.homeserver, "ana", [], "ana-password");
  const encrypted = await EncryptedChat.begin({ world, person, client }, "Grünkohl de Oude");
  await client.encrypt(encrypted.room);
  await encrypted.says("Grünkohl, in secret");
  await encrypted.hears("Grünkohl, understood");
  await encrypted.arrives();
  await encrypted.judge();
});
