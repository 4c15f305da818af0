import { describe, expect, test } from "@jest/globals";
import { PrivateKey } from "@signalapp/libsignal-client";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { proto } from "../../../tools/signal-mock/mock-server.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
const text = (body: string) => ({ kind: "text", style: "text", body: plainText(body) });

describe("what a contact sends", () => {
  test("a text is theirs, is kept before it is acknowledged, and its receipt is sent when it is in the room", async () => {
    const { session, phone, wim } = stage;
    const { timestamp, acknowledged } = await wim.says(phone, "hello");
    await acknowledged;
    const event = await stage.event("message", timestamp);
    expect(event).toMatchObject({
      chat: chatOf(wim),
      sender: personIdOf(wim),
      message: { parts: [text("hello")] },
    });
    session.client.markDelivered(event.chat, personIdOf(wim), [event.id]);
    const receipt = await wim.journal.find(
      "the delivery receipt",
      ({ content }) => content?.content?.receiptMessage?.timestamp?.includes(BigInt(timestamp)) === true,
    );
    expect(receipt.content?.content?.receiptMessage?.type).toBe(0);
  });

  test("a word of the server says that a device has our message", async () => {
    const { session, world, phone } = stage;
    const ida = await world.mock.person("Ida");
    const [device] = phone.linkedDevices;
    if (!device) throw new Error("no device");
    const envelope = proto.Envelope.encode({
      ...proto.Envelope.decode(new Uint8Array()),
      type: proto.Envelope.Type.SERVER_DELIVERY_RECEIPT,
      sourceServiceIdBinary: ida.phone.device.aciBinary,
      sourceDeviceId: 1,
      destinationServiceIdBinary: device.aciBinary,
      clientTimestamp: 1_700_000_000_003n,
      serverTimestamp: BigInt(Date.now()),
    });
    await world.mock.server.send(device, Buffer.from(envelope));
    const receipt = await session.sink.until("the receipt", () =>
      session.sink.receipts.find(({ chat }) => chat === chatOf(ida)),
    );
    const ids = [`${phone.aci}/1700000000003`];
    expect(receipt).toEqual({ chat: chatOf(ida), person: personIdOf(ida), kind: "delivered", ids });
  });

  test("a new key is told before the message that came with it", async () => {
    const { session, world, phone } = stage;
    const kim = await world.mock.person("Kim");
    const first = await kim.says(phone, "with my old key");
    await stage.event("message", first.timestamp);
    await session.disconnect();
    await world.store.write((tx) => {
      const signal = tx.family(signalRecords);
      signal.setIdentity(session.login.id, kim.aci, PrivateKey.generate().getPublicKey().serialize());
      // What cannot be read counts as none.
      signal.setSession(aciOf(session.login.id), { name: kim.aci, device: 1 }, Uint8Array.of(1));
    });
    await session.connect();
    kim.forgetsSessions();
    const { timestamp } = await kim.says(phone, "with my new key");
    await stage.event("message", timestamp);
    const kinds = session.sink.events.filter(({ chat }) => chat === chatOf(kim)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== "renamed")).toEqual(["message", "identity-changed", "message"]);
  });

  test("many texts come in the order in which they were sent", async () => {
    const { session, phone, wim } = stage;
    const wanted = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    for (const line of wanted) await wim.says(phone, line);
    const lines = () => session.sink.texts().filter((each) => each.startsWith("line "));
    expect(await session.sink.until("all lines", () => lines().length === 100 && lines())).toEqual(wanted);
  });

  test("an edit, a deletion and a reaction name their own message, and a quote any", async () => {
    const { phone, wim } = stage;
    const { timestamp } = await wim.says(phone, "first words");
    const edit = await wim.edits(phone, timestamp, "better words");
    expect(await stage.event("edit", edit.timestamp)).toMatchObject({
      target: `${wim.aci}/${timestamp}`,
      message: { parts: [text("better words")] },
    });
    const reaction = await wim.reacts(phone, { author: wim, timestamp }, "👍");
    expect(await stage.event("reaction", reaction.timestamp)).toMatchObject({
      target: `${wim.aci}/${timestamp}`,
      own: false,
      emoji: "👍",
    });
    const reply = await wim.replies(
      phone,
      { author: phone, timestamp: 1_700_000_000_000, text: "what?" },
      "that",
    );
    expect(await stage.event("message", reply.timestamp)).toMatchObject({
      message: { replyTo: { id: `${phone.aci}/1700000000000`, own: true } },
    });
    const deletion = await wim.deletes(phone, timestamp);
    expect(await stage.event("delete", deletion.timestamp)).toMatchObject({
      target: `${wim.aci}/${timestamp}`,
    });
  });

  test("typing is a signal, and receipts are of our messages", async () => {
    const { session, phone, wim } = stage;
    await wim.types(phone);
    await session.sink.until("the typing", () =>
      session.sink.signals.some(({ chat, active }) => chat === chatOf(wim) && active),
    );
    await wim.delivers(phone, 1_700_000_000_001, 1_700_000_000_002);
    await wim.reads(phone, 1_700_000_000_001);
    const theirs = () => session.sink.receipts.filter(({ chat }) => chat === chatOf(wim));
    await session.sink.until("both receipts", () => theirs().length === 2);
    const [delivered, read] = theirs();
    const ids = [1, 2].map((end) => `${phone.aci}/170000000000${end}`);
    expect(delivered).toEqual({ chat: chatOf(wim), person: personIdOf(wim), kind: "delivered", ids });
    expect(read).toEqual({ chat: chatOf(wim), person: personIdOf(wim), kind: "read", ids: ids.slice(0, 1) });
  });

  test("what cannot be stored is not acknowledged, and comes once when it can", async () => {
    const { session, phone, wim } = stage;
    session.sink.failures = 1;
    const sent = await wim.says(phone, "kept in the end");
    const after = await wim.says(phone, "and what follows it");
    await Promise.all([sent.acknowledged, after.acknowledged].map((each) => each.catch(() => undefined)));
    await stage.event("message", after.timestamp);
    const texts = session.sink
      .texts()
      .filter((each) => ["kept in the end", "and what follows it"].includes(each));
    expect(texts).toEqual(["kept in the end", "and what follows it"]);
  });

  test("a message to our number comes in the contact's chat, and the answer proves whose number it is", async () => {
    const { session, world, phone } = stage;
    const zoe = await world.mock.person("Zoe");
    const { timestamp } = await zoe.says(phone, "is this you?", { toNumber: true });
    expect(await stage.event("message", timestamp)).toMatchObject({
      chat: chatOf(zoe),
      sender: personIdOf(zoe),
    });
    await session.says(zoe, "it is");
    const heard = await zoe.hears("it is");
    expect(heard.content?.pniSignatureMessage?.signature).toHaveLength(64);
  });

  test("a timer is told once, and goes out with what is written after", async () => {
    const { session, world, phone } = stage;
    const tim = await world.mock.person("Tim");
    const set = await tim.sends(phone, { flags: 2, expireTimer: 3_600, expireTimerVersion: 3 });
    expect(await stage.event("timer", set.timestamp)).toMatchObject({ chat: chatOf(tim), seconds: 3_600 });
    const said = await tim.says(phone, "short-lived", {
      data: { expireTimer: 3_600, expireTimerVersion: 3 },
    });
    expect(await stage.event("message", said.timestamp)).toMatchObject({
      message: { expires: { seconds: 3_600 } },
    });
    expect(session.sink.events.filter(({ kind }) => kind === "timer")).toHaveLength(1);
    expect(await session.says(tim, "mine too")).toEqual({ expires: 3_600 });
    const heard = await tim.hears("mine too");
    expect(heard.content?.content?.dataMessage).toMatchObject({ expireTimer: 3_600, expireTimerVersion: 3 });
    // A message that was under way when the timer was set does not undo it.
    await tim.says(phone, "late", { data: { expireTimer: 0, expireTimerVersion: 2 } });
    const later = await tim.says(phone, "later", { data: { expireTimer: 3_600, expireTimerVersion: 3 } });
    await stage.event("message", later.timestamp);
    expect(session.sink.events.filter(({ kind }) => kind === "timer")).toHaveLength(1);
  });
});
