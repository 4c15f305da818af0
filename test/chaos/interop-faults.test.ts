import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, MessageId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import type { Phone } from "../../tools/sandbox/control.ts";
import { type Connected, InteropWorld } from "../kit/interop-world.ts";

const ana = "@ana:example.org";
let world: InteropWorld;
let phone: Phone;
let ours: Connected;
let chat: ChatId;

beforeEach(async () => {
  world = await InteropWorld.start();
  phone = await world.control.addContact({
    network: "whatsapp",
    name: "Wim",
    phone: "+31612345678",
    apps: [12],
  });
  ours = await world.join(ana);
  chat = phone.jid as ChatId;
});
afterEach(async () => world[Symbol.asyncDispose]());

const order = (fault: Record<string, string | number>) => world.control.call("POST", "/faults", fault);

const noFile = (): Promise<never> => Promise.reject(new Error("no file was sent"));

/** Sends as the core's lane does: again under the same id while that may help, after the pause the network names. */
async function send(id: string, text: string): Promise<void> {
  const outgoing = {
    kind: "message",
    message: { parts: [{ kind: "text", style: "text", body: plainText(text) }] },
  } as const;
  ours.sink.sent.set(id as MessageId, outgoing);
  for (;;) {
    try {
      await ours.client.send(
        { chat, id: id as MessageId, outgoing, open: noFile },
        ours.sink.journal(id as MessageId),
      );
      return;
    } catch (error) {
      if (!(error instanceof BridgeError) || error.retryAfter === undefined) throw error;
      if (error.retryAfter > 0) await pause(error.retryAfter);
      await ours.client.connected(AbortSignal.timeout(20_000));
    }
  }
}

const heard = async (): Promise<readonly string[]> => {
  const { items } = await phone.inbox();
  return items.flatMap(({ kind, text, repeat }) => (kind === "text" && !repeat && text ? [text] : []));
};

/** So many messages each way at once; returns what the phone shows of ours. */
async function converse(count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => String(index));
  await Promise.all([
    (async () => {
      for (const name of names) await phone.says(ana, `in ${name}`, `in-${name}`);
    })(),
    (async () => {
      for (const name of names) await send(`OUT${name}`, `out ${name}`);
    })(),
  ]);
  await ours.sink.until("all messages", () => new Set(ours.sink.texts()).size === count);
  return heard();
}

const outgoing = (count: number) => Array.from({ length: count }, (_, index) => `out ${index}`);

describe("nothing is lost, doubled or out of order", () => {
  test.each([
    ["disconnections", { fault: "disconnect", after: 7, count: 6 }],
    ["doubled messages to us", { fault: "duplicate", direction: "to_bridge", stanza: "message", count: 10 }],
    [
      "doubled messages from us",
      { fault: "duplicate", direction: "from_bridge", stanza: "message", count: 10 },
    ],
    [
      "lost acknowledgements to us",
      { fault: "drop", direction: "to_bridge", stanza: "ack", after: 3, count: 1 },
    ],
    [
      "delayed acknowledgements",
      { fault: "delay", direction: "from_bridge", stanza: "ack", ms: 50, count: 20 },
    ],
    ["throttling", { fault: "throttle", stanza: "message", after: 2, count: 1 }],
  ])(
    "by %s",
    async (_, fault) => {
      await phone.says(ana, "in first", "in-first");
      await ours.sink.until("the first", () => ours.sink.texts().length === 1);
      ours.sink.events.length = 0;
      await order(fault);
      await converse(15);
      const texts = ours.sink.texts();
      expect(texts).toEqual(Array.from({ length: 15 }, (__, index) => `in ${index}`));
      expect(await world.violations()).toEqual([]);
    },
    60_000,
  );

  test("while the other end asks for messages again", async () => {
    await order({ fault: "retry-receipt", count: 3 });
    // What was asked for again is shown when it comes, after what overtook it.
    expect([...(await converse(6))].sort()).toEqual(outgoing(6));
    expect(await world.violations()).toEqual([]);
  }, 30_000);

  test("with an exhausted supply of prekeys on both sides", async () => {
    await order({ fault: "prekeys-exhausted" });
    expect(await converse(3)).toEqual(outgoing(3));
    expect(await world.violations()).toEqual([]);
  }, 30_000);
});

test("a contact's new phone is told of, and both ends read each other", async () => {
  await converse(2);
  await phone.does("reinstalls");
  await send("TO-NEW", "to the new phone");
  await phone.hears("to the new phone");
  await phone.says(ana, "from the new phone", "new-1");
  await ours.sink.until("the message", () => ours.sink.texts().includes("from the new phone"));
  const kinds = ours.sink.events.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "identity-changed")).toHaveLength(1);
  expect(kinds.at(-1)).toBe("message");
  expect(await world.violations()).toEqual([]);
}, 30_000);

test("what was sent while we were away comes in order when we are back", async () => {
  await phone.says(ana, "in 0", "in-0");
  await ours.sink.until("the first", () => ours.sink.texts().length === 1);
  await world.disconnect(ours);
  for (let index = 1; index <= 50; index += 1) await phone.says(ana, `in ${index}`, `in-${index}`);
  const back = await world.connect(ours.login);
  await back.sink.until("fifty", () => back.sink.texts().length === 50);
  expect(back.sink.texts()).toEqual(Array.from({ length: 50 }, (_, index) => `in ${index + 1}`));
  expect(await world.violations()).toEqual([]);
}, 30_000);

test("a push wakes a connection that waits", async () => {
  const faultRule = await order({ fault: "reject-handshake" });
  await order({ fault: "disconnect", count: 1 });
  await phone.says(ana, "cut", "in-1");
  const attempts = () => ours.sink.states.filter(({ kind }) => kind === "connecting").length;
  // By now the pauses are seconds.
  await ours.sink.until("some attempts", () => attempts() >= 6);
  await world.control.call("DELETE", `/faults/${String(faultRule["id"])}`);
  await phone.says(ana, "wake up", "in-2");
  await ours.sink.until("the message", () => ours.sink.texts().includes("wake up"), 1.5);
}, 30_000);

test("turning off, turning on and a new name are told", async () => {
  await phone.says(ana, "in 0", "in-0");
  await ours.sink.until("the first", () => ours.sink.texts().length === 1);
  await phone.does("turnsOff");
  await phone.does("turnsOn");
  await phone.does("blocks", { to: ana });
  await phone.does("unblocks", { to: ana });
  await phone.does("renames", { name: "Willem" });
  await ours.sink.until("the name", () => ours.sink.events.some(({ kind }) => kind === "renamed"));
  const told = ours.sink.events.flatMap((event) => (event.kind === "reachability" ? [event.state] : []));
  expect(told).toEqual(["off", "reachable", "blocked", "reachable"]);
}, 30_000);
