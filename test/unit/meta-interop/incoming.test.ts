import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { MessageId, PersonId } from "../../../src/core/model/ids.ts";
import { readBundle } from "../../../src/networks/meta-interop/session/key-stanzas.ts";
import { bytes, child, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { contactOf } from "../../kit/contact-of.ts";
import { InteropPair, peerJid } from "../../kit/interop-pair.ts";

let pair: InteropPair;
beforeEach(async () => {
  pair = await InteropPair.start();
});
afterEach(() => pair[Symbol.asyncDispose]());

const receiptOfFirst = { id: "m1", to: peerJid, sts: "1700000000000001" };

const retryOf = (id: string, since = 0) =>
  pair.gatekeeper.until(
    `a retry receipt for ${id}`,
    ({ tag, attrs }) => tag === "receipt" && attrs["type"] === "retry" && attrs["id"] === id,
    since,
  );

describe("a message", () => {
  test("is acknowledged after it is committed, and its delivery receipt repeats its server time", async () => {
    await pair.peerStarts();
    await pair.says("m1", "one");
    await pair.acked("m1");
    const [event] = pair.sink.events;
    expect(event).toMatchObject({ id: "m1", kind: "message", senderName: "Wim" });
    if (!event) return;
    pair.client.markDelivered?.(event.chat, contactOf(event), [event.id]);
    const receipt = await pair.gatekeeper.until("a receipt", ({ tag }) => tag === "receipt");
    expect(receipt.attrs).toEqual(receiptOfFirst);
  });

  test("is told as delivered until the gatekeeper has said that it knows", async () => {
    await pair.peerStarts();
    for (const [id, text] of [
      ["m1", "one"],
      ["m2", "never in the room"],
    ] as const) {
      await pair.says(id, text);
      await pair.acked(id);
    }
    const told = () => pair.gatekeeper.stanzas.filter(({ tag }) => tag === "receipt");
    pair.gatekeeper.cut();
    await pair.sink.until("the loss", () => pair.client.state.kind !== "connected");
    await pair.inRoom("m1");
    pair.client.markDelivered?.(pair.chat, peerJid as PersonId, ["m1" as MessageId]);
    const isReceipt = ({ tag }: { readonly tag: string }) => tag === "receipt";
    await pair.gatekeeper.until("the receipt of the next connection", isReceipt);
    const before = pair.gatekeeper.stanzas.length;
    await pair.restart();
    await pair.gatekeeper.until("the receipt after a restart", isReceipt, before);
    expect(told().map(({ attrs }) => attrs)).toEqual([receiptOfFirst, receiptOfFirst]);
    pair.gatekeeper.send(node("ack", { class: "receipt", id: "m1", from: peerJid }));
    pair.gatekeeper.send(await pair.message("m3", "after the acknowledgement"));
    await pair.acked("m3");
    await pair.restart();
    await pair.says("m4", "the last");
    await pair.acked("m4");
    expect(told()).toHaveLength(2);
  });

  test("whose ciphertext comes again is acknowledged and dropped, also after a restart", async () => {
    await pair.peerStarts();
    const message = await pair.message("m1", "one");
    pair.gatekeeper.send(message);
    await pair.acked("m1");
    const once = pair.gatekeeper.stanzas.length;
    pair.gatekeeper.send(message);
    await pair.acked("m1", "message", once);
    const since = pair.gatekeeper.stanzas.length;
    await pair.restart();
    pair.gatekeeper.send(message);
    await pair.acked("m1", "message", since);
    const rows = await pair.store.networkInbox.count();
    expect({ rows, events: pair.sink.events.length }).toEqual({ rows: 1, events: 0 });
    expect(pair.gatekeeper.stanzas.filter(({ tag }) => tag === "receipt")).toEqual([]);
  });

  test("whose id comes again in a new ciphertext moves the ratchet on and is dropped", async () => {
    await pair.peerStarts();
    await pair.says("m1", "one");
    await pair.says("m1", "one");
    await pair.says("m2", "two");
    await pair.acked("m2");
    expect(pair.sink.texts()).toEqual(["one", "two"]);
  });

  test("that overtakes another is decrypted, and so is the other", async () => {
    await pair.peerStarts();
    await pair.says("m0", "zero");
    await pair.acked("m0");
    await pair.send("X1", "answered");
    await pair.reads(await pair.sentMessage("X1"));
    const first = await pair.message("m1", "one");
    const second = await pair.message("m2", "two");
    pair.gatekeeper.send(second);
    pair.gatekeeper.send(first);
    await pair.acked("m1");
    expect(pair.sink.texts()).toEqual(["zero", "two", "one"]);
  });

  test("is not acknowledged where the commit fails; it is delivered again and read once", async () => {
    await pair.peerStarts();
    const message = await pair.message("m1", "one");
    pair.sink.failures = 1;
    pair.gatekeeper.send(message);
    await pair.sink.until("the loss of the connection", () =>
      pair.sink.states.some(({ kind }) => kind === "waiting"),
    );
    expect(pair.gatekeeper.stanzas.some(({ tag }) => tag === "ack")).toBe(false);
    await pair.client.connected(AbortSignal.timeout(10_000));
    pair.gatekeeper.send(message);
    await pair.says("m2", "two");
    await pair.acked("m2");
    expect(pair.sink.texts()).toEqual(["one", "two"]);
  });

  test("that decrypts to nonsense is shown as such, and the next one is read", async () => {
    await pair.peerStarts();
    pair.gatekeeper.send(
      pair.ciphertext("m1", await pair.peer.encrypt("12-105012@interop", Buffer.from("?"))),
    );
    await pair.says("m2", "two");
    await pair.acked("m2");
    expect(pair.sink.events).toMatchObject([
      { id: "m1", kind: "unsupported", what: "a message that is malformed" },
      { id: "m2", kind: "message" },
    ]);
  });
});

describe("a message that cannot be decrypted", () => {
  test("is asked for with fresh keys, by which it comes", async () => {
    await pair.peerStarts();
    pair.gatekeeper.send(pair.ciphertext("m1", { type: "msg", bytes: Buffer.from("garbage") }));
    await pair.acked("m1");
    const receipt = await retryOf("m1");
    expect(child(receipt, "retry")?.attrs).toEqual({ count: "1", id: "m1", t: "1700000000", v: "1" });
    const keys = child(receipt, "keys");
    const bundle = keys && readBundle(keys, child(receipt, "registration"));
    if (!bundle) throw new Error("no keys");
    await pair.peer.start("12-105012@interop", bundle);
    await pair.says("m1", "at last");
    await pair.sink.until("the message", () => pair.sink.texts().length === 1);
    expect(pair.sink.events).toMatchObject([{ id: "m1", kind: "message" }]);
  });

  test("is shown as undecryptable after five receipts, each with other keys, over a restart", async () => {
    const keys = new Set<string>();
    const broken = { type: "msg", bytes: Buffer.from("garbage") } as const;
    for (let count = 1; count <= 5; count += 1) {
      if (count === 3) await pair.restart();
      const since = pair.gatekeeper.stanzas.length;
      pair.gatekeeper.send(pair.ciphertext("m1", broken));
      await pair.acked("m1", "message", since);
      const receipt = await retryOf("m1", since);
      expect(child(receipt, "retry")?.attrs["count"]).toBe(String(count));
      const offered = child(receipt, "keys");
      const key = offered && child(offered, "key");
      const value = key && child(key, "value");
      keys.add(Buffer.from((value && bytes(value)) ?? []).toString("hex"));
      expect(pair.sink.events).toEqual([]);
    }
    const before = pair.gatekeeper.stanzas.length;
    pair.gatekeeper.send(pair.ciphertext("m1", broken));
    await pair.acked("m1", "message", before);
    expect(pair.sink.events).toMatchObject([{ id: "m1", kind: "undecryptable", senderName: "Wim" }]);
    expect(keys.size).toBe(5);
    await pair.peerStarts();
    const since = pair.gatekeeper.stanzas.length;
    await pair.says("m1", "after all");
    await pair.acked("m1", "message", since);
    expect(pair.sink.events.map(({ kind }) => kind)).toEqual(["undecryptable", "message"]);
  });

  test("does not keep the others of its sender", async () => {
    await pair.peerStarts();
    const first = await pair.message("m1", "one");
    const broken = pair.ciphertext("m2", { type: "msg", bytes: Buffer.from("garbage") });
    const third = await pair.message("m3", "three");
    for (const stanza of [first, broken, third]) pair.gatekeeper.send(stanza);
    await pair.acked("m3");
    expect(pair.sink.texts()).toEqual(["one", "three"]);
  });

  test("but was read before is acknowledged and not asked for", async () => {
    await pair.peerStarts();
    await pair.says("m1", "one");
    await pair.acked("m1");
    const since = pair.gatekeeper.stanzas.length;
    pair.gatekeeper.send(pair.ciphertext("m1", { type: "msg", bytes: Buffer.from("garbage") }));
    await pair.acked("m1", "message", since);
    await pair.says("m2", "two");
    await pair.acked("m2");
    expect(pair.gatekeeper.stanzas.some(({ tag }) => tag === "receipt")).toBe(false);
  });
});

test("a changed identity is told before its first message, once, and its messages are read", async () => {
  await pair.peerStarts();
  await pair.says("m1", "old phone");
  await pair.acked("m1");
  pair.peer.reinstall();
  await pair.peerStarts({ oneTime: false });
  await pair.says("m2", "new phone");
  await pair.says("m3", "still");
  await pair.acked("m3");
  expect(pair.sink.events.map(({ kind }) => kind)).toEqual([
    "message",
    "identity-changed",
    "message",
    "message",
  ]);
  await pair.send("X1", "to the new one");
  expect(await pair.reads(await pair.sentMessage("X1"))).toBe("to the new one");
});

test("a last-resort key takes each first message once: a base key used again is refused", async () => {
  await pair.peerStarts({ oneTime: false });
  const message = await pair.message("m1", "one");
  pair.gatekeeper.send(message);
  await pair.acked("m1");
  // As if the session had been lost, with the note of its use kept.
  await pair.client[Symbol.asyncDispose]();
  await pair.store.write((tx) =>
    tx
      .family(signalRecords)
      .setSession(aciOf(pair.login.id), { name: peerJid, device: 1 }, Buffer.from("nothing")),
  );
  await pair.connect();
  pair.gatekeeper.send({ ...message, attrs: { ...message.attrs, id: "m9" } });
  await retryOf("m9");
  expect(pair.sink.texts()).toEqual(["one"]);
});

test("what is not understood is acknowledged where it must be, and never ends the connection", async () => {
  pair.gatekeeper.sendRaw(Buffer.from([0, 1, 2, 3]), { sealed: true });
  pair.gatekeeper.send(node("strange", { id: "s1" }));
  pair.gatekeeper.send(node("notification", { id: "n1", type: "weather", from: "s.whatsapp.net" }));
  pair.gatekeeper.send(node("message", { id: "g1", from: "123@g.us", type: "text" }));
  await pair.acked("n1", "notification");
  await pair.acked("g1");
  await pair.peerStarts();
  await pair.says("m1", "one");
  await pair.acked("m1");
  expect(pair.gatekeeper.connections).toBe(1);
});
