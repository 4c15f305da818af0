import { describe, expect, test } from "@jest/globals";
import { child } from "../../src/networks/meta-interop/wire/node.ts";
import { ChatClient } from "../kit/chat-client.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const message = ({ tag }: { readonly tag: string }): boolean => tag === "message";

describe.each(["whatsapp", "messenger"] as const)("a conversation on %s", (network) => {
  test("text crosses both ways, with receipts, and nobody breaks a rule", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network, name: "Bram" });
    const { user, chat } = await world.user("@ana:example.org", network);

    const arrives = chat.next(message);
    const id = await bram.says("@ana:example.org", "hoi Ana");
    const stanza = await arrives;
    expect(stanza.attrs).toMatchObject({ id, from: bram.jid, type: "text", display_name: "Bram" });
    expect(await user.opens(stanza)).toEqual({ kind: "text", text: "hoi Ana" });
    const shown = bram.shows(({ kind, receipt }) => kind === "receipt" && receipt === "delivered");
    chat.send(user.delivered(stanza));
    expect(await shown).toMatchObject({ target: id, from: "@ana:example.org" });

    const receipt = chat.next(({ tag, attrs }) => tag === "receipt" && attrs["id"] === "M1");
    const ack = await user.writes(chat, bram.jid, "M1", "hallo Bram");
    expect(ack.attrs["error"]).toBeUndefined();
    expect(await bram.hears("hallo Bram")).toMatchObject({ id: "M1", chat: "@ana:example.org" });
    expect((await receipt).attrs["type"]).toBeUndefined();

    const read = chat.next(({ tag, attrs }) => tag === "receipt" && attrs["type"] === "read");
    await bram.does("reads", { target: "M1" });
    expect((await read).attrs["id"]).toBe("M1");
    expect(await world.client.violations()).toEqual([]);
    await chat[Symbol.asyncDispose]();
  });
});

test("what waits is delivered in order at each connection until it is acknowledged", async () => {
  await using world = await SandboxWorld.start();
  const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
  const { user, chat } = await world.user("@ana:example.org");
  await chat[Symbol.asyncDispose]();
  for (const text of ["one", "two", "three"]) await bram.says("@ana:example.org", text);

  const login = user.login;
  const first = await ChatClient.connect(world.party, login);
  first.autoAck = false;
  const end = await first.seen(({ tag }) => tag === "ib");
  expect(child(end, "offline")?.attrs).toEqual({ count: "3" });
  await first[Symbol.asyncDispose]();

  const second = await ChatClient.connect(world.party, login);
  await second.seen(({ tag }) => tag === "ib");
  const texts: unknown[] = [];
  for (const stanza of second.stanzas.filter(message)) {
    expect(stanza.attrs["offline"]).toBe(String(texts.length + 1));
    texts.push(await user.opens(stanza));
  }
  expect(texts).toEqual(["one", "two", "three"].map((text) => ({ kind: "text", text })));
  await second.ask("urn:xmpp:ping", "get", []);
  const [{ waiting } = { waiting: 0 }] = await world.client.users();
  expect(waiting).toBe(0);
  await second[Symbol.asyncDispose]();
});
