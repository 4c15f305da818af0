import { describe, expect, test } from "@jest/globals";
import { type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";
const isMessage = ({ tag }: Node): boolean => tag === "message";

/** Bram, who has written to Ana, and she has read it. */
async function acquainted(world: SandboxWorld) {
  const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
  const { user, chat } = await world.user(ana);
  const arrives = chat.next(isMessage);
  const id = await bram.says(ana, "hoi");
  const message = await arrives;
  await user.opens(message);
  const sends = async (attrs: Node["attrs"], content?: readonly Node[]): Promise<void> => {
    const acked = chat.next(({ tag, attrs: of }) => tag === "ack" && of["class"] === "receipt");
    chat.send(node("receipt", { id, to: bram.jid, ...attrs }, content));
    await acked;
  };
  const retry = () => sends({ type: "retry" }, [node("retry", { count: "1", id, v: "1" })]);
  return { bram, user, chat, message, sends, retry };
}

describe("a phone", () => {
  test("that was installed anew has sent what it sent: receipts for it are in order, its text is gone", async () => {
    await using world = await SandboxWorld.start();
    const { bram, chat, message, sends, retry } = await acquainted(world);
    await bram.does("reinstalls");
    await sends({ sts: message.attrs["sts"] ?? "" });
    await sends({ type: "read" });
    await retry();
    expect(chat.stanzas.filter(isMessage)).toHaveLength(1);
    expect(await world.client.violations()).toEqual([]);
    await chat[Symbol.asyncDispose]();
  });

  test("that is off shows no receipt and answers no retry until it is on", async () => {
    await using world = await SandboxWorld.start();
    const { bram, user, chat, message, sends, retry } = await acquainted(world);
    await bram.does("goesOffline");
    await sends({ sts: message.attrs["sts"] ?? "" });
    await user.writes(chat, bram.jid, "M1", "hallo");
    await sends({ type: "read" });
    await retry();
    expect((await bram.inbox()).items).toEqual([]);
    expect(chat.stanzas.filter(isMessage)).toHaveLength(1);
    const again = chat.next(isMessage);
    await bram.does("comesOnline");
    expect((await bram.inbox()).items.map(({ text, receipt }) => text ?? receipt)).toEqual([
      "delivered",
      "hallo",
      "read",
    ]);
    expect((await again).attrs["sts"]).toBe(message.attrs["sts"]);
    expect(await world.client.violations()).toEqual([]);
    await chat[Symbol.asyncDispose]();
  });

  test("that comes on shows what waited before what comes meanwhile", async () => {
    await using world = await SandboxWorld.start();
    const { bram, user, chat } = await acquainted(world);
    await bram.does("goesOffline");
    const ids = Array.from({ length: 200 }, (_, i) => `M${i}`);
    const sealed: Node[] = [];
    for (const id of ids) sealed.push(await user.seal(bram.jid, id, { kind: "text", text: id }));
    for (const stanza of sealed.slice(0, 30)) await user.sends(chat, stanza);
    const on = bram.does("comesOnline");
    const sent: Promise<Node>[] = [];
    for (const stanza of sealed.slice(30)) {
      sent.push(user.sends(chat, stanza));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all([on, ...sent]);
    expect((await bram.inbox()).items.map(({ id }) => id)).toEqual(ids);
    await chat[Symbol.asyncDispose]();
  });

  test("sends nothing again to who has blocked its owner", async () => {
    await using world = await SandboxWorld.start();
    const { bram, chat, retry } = await acquainted(world);
    const item = node("item", { action: "block", jid: bram.jid });
    await chat.ask("w:interop", "set", [node("blocklist", {}, [item])]);
    await retry();
    expect(chat.stanzas.filter(isMessage)).toHaveLength(1);
    expect(await world.client.violations()).toEqual([]);
    await chat[Symbol.asyncDispose]();
  });

  test("that gets one id for two texts tells; the same text in another ciphertext is a repetition", async () => {
    await using world = await SandboxWorld.start();
    const { bram, user, chat } = await acquainted(world);
    await user.writes(chat, bram.jid, "M1", "een");
    await user.writes(chat, bram.jid, "M1", "een");
    expect(await world.client.violations()).toEqual([]);
    await user.writes(chat, bram.jid, "M1", "twee");
    expect(await world.client.violations()).toMatchObject([{ kind: "reused-message-id", id: "M1" }]);
    await chat[Symbol.asyncDispose]();
  });
});
