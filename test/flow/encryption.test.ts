import { describe, expect, test } from "@jest/globals";
import { BridgingFlow } from "../kit/bridging-flow.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";
import { reigns } from "../kit/room-endings.ts";
import { settle } from "../kit/virtual-clock.ts";

async function begun(): Promise<OpenFlow> {
  const flow = await OpenFlow.begin();
  flow.world.homeserver.secrecy.isOn = true;
  return flow;
}
const isEncrypted = ({ world, room }: OpenFlow, which = room): boolean =>
  world.homeserver.room(which).state.has("m.room.encryption ");
const SAID = expect.stringMatching(
  /^bot: This room is encrypted from now on, for good\. .*still reads everything/,
);

describe("the encryption of a chat", () => {
  test("is switched on by a command, after a question that says what it gives and that it cannot be undone", async () => {
    await using flow = await begun();
    expect(await flow.asks("encrypt whatsapp Bram")).toMatch(/cannot be undone.*still reads everything/);
    expect(await flow.asks("no")).toContain("Nothing was changed");
    expect(isEncrypted(flow)).toBe(false);
    await flow.asks("encrypt whatsapp Bram");
    expect(await flow.asks("yes")).toBe("bot: Your chat with Bram is encrypted from now on.");
    expect(isEncrypted(flow)).toBe(true);
    expect(flow.last).toEqual(SAID);
    expect(await flow.asks("encrypt whatsapp Bram")).toContain("encrypted already");
  });

  test("is switched on by a word in the chat itself, of which the contact hears nothing", async () => {
    await using flow = await begun();
    await flow.says("!encrypt");
    expect(flow.last).toMatch(/“!encrypt yes” here .*cannot be undone/);
    expect(isEncrypted(flow)).toBe(false);
    await flow.says("!encrypt yes");
    expect(isEncrypted(flow)).toBe(true);
    expect(flow.last).toEqual(SAID);
    expect(flow.client.received.size).toBe(0);
    await flow.says("!encryption is a word");
    expect(flow.client.received.size).toBe(1);
  });

  test("is switched on in a client's settings, which the bot answers with what it gives", async () => {
    await using flow = await begun();
    await flow.does({ kind: "encryption-enabled" });
    expect(flow.last).toEqual(SAID);
    await flow.does({ kind: "encryption-enabled", room: flow.management });
    expect(flow.world.homeserver.shown(flow.management).at(-1)).toEqual(SAID);
    expect(await flow.world.store.rooms.of(ANA)).toBe(flow.management);
  });

  test("of the chat with the bot is switched on too, and an overview shows all of it with the bot's key", async () => {
    await using flow = await begun();
    reigns(flow.world, flow.management, { [flow.world.homeserver.bot]: 100 });
    expect(await flow.asks("encrypt")).toMatch(
      /Of your 1 chat 0 are encrypted, and this chat with me is not\.[^]*AbCd EfGh IjKl/,
    );
    await flow.asks("encrypt here");
    expect(await flow.asks("yes")).toEqual(SAID);
    expect(isEncrypted(flow, flow.management)).toBe(true);
    expect(await flow.asks("encrypt")).toContain("and this chat with me is.");
  });

  test("goes with it to a new room", async () => {
    await using flow = await begun();
    await flow.asks("encrypt whatsapp Bram yes");
    await flow.asks("new-room whatsapp Bram");
    await settle();
    const { room } = await flow.world.portal(ANA, "Bram");
    expect(flow.world.homeserver.room(room).spec.after).toBe(flow.room);
  });

  test("is nothing that a bridge with encryption switched off does", async () => {
    await using flow = await OpenFlow.begin();
    expect(await flow.asks("encrypt whatsapp Bram")).toContain("has encryption switched off");
    await flow.says("!encrypt");
    expect(flow.client.received.size).toBe(1);
  });
});

test("a group's room is encrypted by those who may change the group, and by nobody else", async () => {
  await using flow = await GroupFlow.open();
  flow.homeserver.secrecy.isOn = true;
  await flow.world.says(ANA, flow.management, "encrypt whatsapp Family yes");
  expect(flow.homeserver.shown(flow.management).at(-1)).toContain("is encrypted from now on");
});

test("a room of a person's that is encrypted can be a chat's where the bridge reads it, and the question says so", async () => {
  await using flow = await BridgingFlow.begin();
  flow.homeserver.secrecy.isOn = true;
  flow.homeserver.room(flow.room).put(ANA, "m.room.encryption", { algorithm: "m" }, "");
  expect(await flow.writes("bridge whatsapp Family")).toContain(
    "• It is encrypted, and the chat is so in it.",
  );
  await flow.writes("yes");
  await flow.world.clock.advance(5_000);
  expect(flow.shown.filter((line) => line.includes("from here on"))).toHaveLength(1);
});

test("the provisioning API tells which chats are encrypted, and encrypts one for good", async () => {
  await using here = await ProvisionedWorld.start();
  const { world } = here;
  here.tokens.access.set("ana-token", ANA).set("ben-token", BEN);
  const { client, room: management } = await world.optsIn(ANA);
  await client.says("Bram", "m1", "hello");
  await settle();
  const PATH = "/_matrix/provision/person/v1/encryption";
  expect((await here.ask("GET", PATH)).body).toEqual({ available: false, bot: "@bot:test", chats: [] });
  world.homeserver.secrecy.isOn = true;
  const { room } = await world.portal(ANA, "Bram");
  const put = (which: string, body: object, token = "ana-token") =>
    here.ask("PUT", `${PATH}/${encodeURIComponent(which)}`, { body, token });
  expect((await put(room, { encrypted: false })).status).toBe(400);
  expect((await put(room, { encrypted: true }, "ben-token")).status).toBe(404);
  expect((await put(room, { encrypted: true })).status).toBe(200);
  expect((await put(room, { encrypted: true })).status).toBe(200);
  expect((await put("!other:test", { encrypted: true })).status).toBe(404);
  expect((await here.ask("GET", PATH)).body).toMatchObject({
    available: true,
    bot_key: "AbCd EfGh IjKl",
    chats: [
      { room: management, encrypted: false, can: true },
      { room, name: "Bram", network_id: "whatsapp", encrypted: true, can: false },
    ],
  });
});
