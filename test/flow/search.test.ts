import { expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const found = (name: string, reachability: "reachable" | "off") =>
  ({
    kind: "found",
    contact: { person: name as PersonId, chat: name as ChatId, name, reachability },
  }) as const;

test("contacts are found by a part of their name, with the command that opens the chat", async () => {
  await using flow = await OpenFlow.begin();
  await flow.client.says("Abram", "a1", "hello");
  await settle();
  expect(await flow.asks("search RAM")).toBe(
    [
      "bot: Found by “RAM”:",
      "• Abram, with whom you have a chat: “start-chat whatsapp Abram”",
      "• Bram, with whom you have a chat: “start-chat whatsapp Bram”",
    ].join("\n"),
  );
  expect(await flow.asks("search whatsapp zoe")).toBe("bot: I found nobody by “zoe”.");
});

test("the network is searched for who is found by exactly that, and the chat opens by the command it gives", async () => {
  await using flow = await OpenFlow.begin();
  const { contacts } = flow.world.network;
  contacts.set("+31611", found("Zoe", "reachable"));
  contacts.set("+31622", found("Off", "off"));
  contacts.set("+31633", found("Bram", "reachable"));
  expect(await flow.asks("search +31611")).toBe(
    "bot: Found by “+31611”:\n• Zoe on WhatsApp: “start-chat whatsapp +31611” opens a chat.",
  );
  expect(await flow.asks("start-chat whatsapp +31611")).toMatch(/The chat with Zoe is open/);
  expect(await flow.asks("search +31622")).toMatch(/• Off .*turned/);
  expect(await flow.asks("search +31633")).toMatch(/• Bram, with whom you have a chat/);
});

test("without words, without a network, without a connection and where the network fails it is said", async () => {
  await using world = await FlowWorld.start();
  const room = await world.meets(ANA);
  const asks = async (text: string) => {
    await world.says(ANA, room, text);
    return world.homeserver.shown(room).at(-1);
  };
  expect(await asks("search bram")).toMatch(/You have turned no network on/);
  await world.says(ANA, room, "enable whatsapp");
  await world.says(ANA, room, "yes");
  expect(await asks("search")).toMatch(/^bot: For whom\? Write “search …”/);
  expect(await asks("search whatsapp")).toMatch(/^bot: For whom\?/);
  const client = world.network.clientOf(ANA);
  client.find = async () => {
    throw new BridgeError("remote-refused", { words: "It asks us to slow down.", certain: true });
  };
  expect(await asks("search bram")).toMatch(/• WhatsApp could not be searched: It asks us to slow down\./);
  client.state = { kind: "waiting", words: "away" };
  expect(await asks("search bram")).toMatch(
    /• WhatsApp is not connected now, so I looked among your contacts only/,
  );
});
