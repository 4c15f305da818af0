import { expect, test } from "@jest/globals";
import { bridgeInfo } from "../../../src/core/chats/bridge-info.ts";
import type { ChatId, NetworkId, UserId } from "../../../src/core/model/ids.ts";

const bot = "@thirdparty:example.org" as UserId;
const whatsapp = { id: "whatsapp" as NetworkId, name: "WhatsApp" };

test("a portal says which network and chat it is, under both names", () => {
  const owner = "@ana:example.org" as UserId;
  const chat = "31612345678@s.whatsapp.net" as ChatId;
  const [stable, unstable, members] = bridgeInfo({
    bot,
    network: whatsapp,
    chat,
    kind: "direct",
    name: "Wim",
    owner,
  });
  expect([stable.type, unstable.type]).toEqual(["m.bridge", "uk.half-shot.bridge"]);
  expect(unstable.content).toEqual(stable.content);
  expect(stable.content).toMatchObject({
    bridgebot: bot,
    creator: owner,
    protocol: { id: "whatsapp", displayname: "WhatsApp" },
    channel: { id: chat, displayname: "Wim" },
  });
  expect(stable.stateKey).toBe("thirdpartychats://whatsapp/31612345678%40s.whatsapp.net");
  expect(members.content.service_members).toEqual([bot]);
});
