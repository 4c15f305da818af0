import { describe, expect, test } from "@jest/globals";
import { ClientPayload_Product } from "../../src/networks/meta-interop/wire/gen/handshake_pb.js";
import { child, node } from "../../src/networks/meta-interop/wire/node.ts";
import { generateKeyPair } from "../../src/networks/meta-interop/wire/noise/x25519.ts";
import { ChatClient } from "../kit/chat-client.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";
const errorOf = (stanza: Parameters<typeof child>[0]): string | undefined =>
  child(stanza, "error")?.attrs["code"];

async function kinds(world: SandboxWorld): Promise<readonly string[]> {
  return (await world.client.violations()).map(({ kind }) => kind);
}

describe("the gatekeeper is strict", () => {
  test("at a connection: product, token, account and Noise key must fit", async () => {
    await using world = await SandboxWorld.start();
    const { party } = world;
    const login = await party.enlist(world.network("whatsapp"), ana);
    const other = await party.enlist(world.network("whatsapp"), "@bea:example.org");
    const { noise, chatUrl, accountId } = login;
    const product = ClientPayload_Product.INTEROP;
    const token = () => party.token(noise, ana, chatUrl);
    const used = await token();
    const spare = generateKeyPair();
    const attempts = [
      { token: await token(), accountId, noise, product: ClientPayload_Product.INTEROP_MSGR, fails: "400" },
      {
        token: await party.token(noise, ana, login.network.enlist_url),
        accountId,
        noise,
        product,
        fails: "401",
      },
      { token: await token(), accountId: other.accountId, noise, product, fails: "401" },
      { token: await token(), accountId, noise: spare, product, fails: "401" },
      { token: await party.token(spare, ana, chatUrl), accountId, noise: spare, product, fails: "401" },
      { token: used, accountId, noise, product, fails: undefined },
      { token: used, accountId, noise, product, fails: "401" },
    ];
    for (const { fails, ...credentials } of attempts) {
      await using chat = await ChatClient.open(login, credentials);
      expect(chat.stanzas[0]?.attrs["reason"]).toBe(fails);
    }
    expect(await kinds(world)).toEqual([
      "bad-client-payload",
      ...Array.from({ length: 4 }, () => "bad-token"),
      "reused-jti",
    ]);
  });

  test("stanzas that are none, unknown or malformed", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    const ack = (id: string) => chat.next(({ tag, attrs }) => tag === "ack" && attrs["id"] === id);
    chat.sendSealed(Uint8Array.of(0, 248, 9, 1));
    chat.send(node("nonsense"));
    chat.send(node("ack", { class: "message", id: "never", to: bram.jid }));
    chat.send(node("receipt", { id: "never", to: bram.jid, sts: "1" }));
    expect(errorOf(await chat.ask("urn:nothing", "get", []))).toBe("400");
    const bare = ack("B1");
    chat.send(node("message", { id: "B1", to: bram.jid, type: "text" }));
    expect((await bare).attrs["error"]).toBe("400");
    const sealed = await user
      .startSession(chat, bram.jid)
      .then(() => user.seal(bram.jid, "B2", { kind: "text", text: "x" }));
    const sticker = ack("B2");
    chat.send({ ...sealed, attrs: { ...sealed.attrs, type: "sticker" } });
    expect((await sticker).attrs["error"]).toBe("470");
    const nobody = ack("B3");
    chat.send({ ...sealed, attrs: { ...sealed.attrs, id: "B3", to: "31600000000@s.whatsapp.net" } });
    expect((await nobody).attrs["error"]).toBe("404");
    await bram.does("turnsOff");
    const away = ack("B4");
    chat.send({ ...sealed, attrs: { ...sealed.attrs, id: "B4" } });
    expect((await away).attrs["error"]).toBe("405");
    expect(await kinds(world)).toEqual([
      "malformed-stanza",
      "unknown-stanza",
      "unknown-ack",
      "unknown-receipt",
      "unknown-iq",
      "malformed-stanza",
    ]);
    await chat[Symbol.asyncDispose]();
  });

  test("a prekey id is good for one key, and keys are signed", async () => {
    await using world = await SandboxWorld.start();
    const { user, chat } = await world.user(ana);
    const { device } = user;
    expect(errorOf(await user.upload(chat, device.more(2)))).toBeUndefined();
    const again = device.upload.filter(({ kind }) => kind === "ec").slice(0, 1);
    expect(errorOf(await user.upload(chat, again))).toBe("409");
    const forged = device.upload
      .filter(({ kind }) => kind === "last")
      .map((key) => ({ ...key, public: { ...key.public, id: 77, signature: new Uint8Array(64) } }));
    expect(errorOf(await user.upload(chat, forged))).toBe("406");
    // An upload whose answer was lost may come again on the next connection.
    await chat[Symbol.asyncDispose]();
    await using next = await ChatClient.connect(world.party, user.login);
    expect(errorOf(await user.upload(next))).toBeUndefined();
    expect(await kinds(world)).toEqual(["reused-prekey", "bad-prekey"]);
  });

  test("a receipt must carry its message's server time", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { chat } = await world.user(ana);
    const arrives = chat.next(({ tag }) => tag === "message");
    await bram.says(ana, "hoi");
    const { attrs } = await arrives;
    const acked = chat.next(({ tag, attrs }) => tag === "ack" && attrs["class"] === "receipt");
    chat.send(node("receipt", { id: attrs["id"], to: bram.jid, sts: "1577865600000001" }));
    await acked;
    expect(await kinds(world)).toEqual(["wrong-sts"]);
    await chat[Symbol.asyncDispose]();
  });

  test("garbage on the socket closes it and hurts nobody else", async () => {
    await using world = await SandboxWorld.start();
    const { chat } = await world.user(ana);
    const { chat: other } = await world.user("@bea:example.org");
    for (const bytes of [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.alloc(5, 255),
      Buffer.alloc(200_000, 7),
    ]) {
      const login = await world.party.enlist(world.network("whatsapp"), "@cas:example.org");
      const { default: WebSocket } = await import("ws");
      const ws = new WebSocket(login.chatUrl);
      const closed = new Promise((resolve) => ws.on("close", resolve));
      ws.on("open", () => ws.send(bytes));
      await closed;
    }
    chat.sendRaw(Buffer.from([0, 0, 4, 1, 2, 3, 4]));
    await chat.closed;
    expect(errorOf(await other.ask("urn:xmpp:ping", "get", []))).toBeUndefined();
    expect(new Set(await kinds(world))).toEqual(new Set(["bad-handshake", "bad-frame"]));
    await other[Symbol.asyncDispose]();
  });
});
