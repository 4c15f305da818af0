import { describe, expect, test } from "@jest/globals";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { ASKED_PHONE, loginScope } from "../../../src/networks/signal/record-scopes.ts";
import { eventually } from "../../kit/eventually.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
const text = (body: string) => ({ kind: "text", style: "text", body: plainText(body) });

describe("what our person does on their phone", () => {
  test("is theirs in the chat with whom they wrote to: a text, its edit, a reaction and a deletion", async () => {
    const { phone, wim } = stage;
    const { timestamp } = await phone.writesFromPhone(wim, "from my phone");
    const head = { chat: chatOf(wim), sender: undefined };
    expect(await stage.event("message", timestamp)).toMatchObject({
      ...head,
      message: { parts: [text("from my phone")] },
    });
    const target = `${phone.aci}/${timestamp}`;
    const edit = await phone.editsFromPhone(wim, timestamp, "changed there");
    expect(await stage.event("edit", edit.timestamp)).toMatchObject({ ...head, target });
    const reaction = await phone.reactsFromPhone(wim, { author: phone, timestamp }, "🎉");
    expect(await stage.event("reaction", reaction.timestamp)).toMatchObject({ ...head, target, own: true });
    const deletion = await phone.deletesFromPhone(wim, timestamp);
    expect(await stage.event("delete", deletion.timestamp)).toMatchObject({ ...head, target });
  });

  test("stays in order with what the contact answers", async () => {
    const { session, phone, wim } = stage;
    const wanted: string[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      wanted.push(`turn ${turn} asked`, `turn ${turn} answered`);
      await phone.writesFromPhone(wim, `turn ${turn} asked`);
      await wim.says(phone, `turn ${turn} answered`);
    }
    const turns = () => session.sink.texts().filter((each) => each.startsWith("turn "));
    expect(await session.sink.until("all turns", () => turns().length === 20 && turns())).toEqual(wanted);
  });

  test("reading marks the latest message of each chat", async () => {
    const { phone, wim } = stage;
    const first = await wim.says(phone, "read me");
    const second = await wim.says(phone, "and me");
    await stage.event("message", second.timestamp);
    const { timestamp } = second;
    await phone.readsOnPhone({ author: wim, timestamp: first.timestamp }, { author: wim, timestamp });
    expect(await stage.event("read", timestamp)).toMatchObject({
      chat: chatOf(wim),
      sender: undefined,
      target: `${wim.aci}/${timestamp}`,
    });
  });

  test("a note to self is a chat of its own, both ways", async () => {
    const { session, phone } = stage;
    const { timestamp } = await phone.writesFromPhone(phone, "milk");
    expect(await stage.event("message", timestamp)).toMatchObject({ chat: chatOf(phone), sender: undefined });
    await session.says(phone, "bread");
    const told = await phone.journal.find(
      "the note",
      ({ content }) => content?.content?.syncMessage?.content?.sent?.message?.body === "bread",
    );
    expect(told.device).toBe(2);
  });

  test("answering a request is told", async () => {
    const { world, phone } = stage;
    const zoe = await world.mock.person("Zoe");
    const { timestamp } = await phone.answersRequest(zoe, "ACCEPT");
    expect(await stage.event("request-answered", timestamp)).toMatchObject({
      chat: chatOf(zoe),
      accepted: true,
    });
  });
});

describe("what the phone is told", () => {
  test("once after the link it is asked for what a new device does not know", async () => {
    const { phone } = stage;
    const asked = () =>
      phone.journal.entries.flatMap(
        ({ content }) => content?.content?.syncMessage?.content?.request?.type ?? [],
      );
    await phone.journal.find("the last request", () => asked().length === 4);
    expect(asked()).toEqual([1, 3, 4, 5]);
    // As the device of that number that the phone unlinked before.
    const { session, world, wim } = stage;
    const kept = () => world.store.records.get(loginScope(session.login.id), ASKED_PHONE);
    await eventually("the mark of the first link", async () => (await kept()) !== undefined);
    await session.disconnect();
    await world.store.write((tx) => tx.records.set(loginScope(session.login.id), ASKED_PHONE, "2 1"));
    await session.connect();
    await phone.journal.find("the last request", () => asked().length === 8);
    await eventually("the mark of the second", async () => (await kept()) !== "2 1");
    await session.disconnect();
    await session.connect();
    await session.says(wim, "linked again");
    expect(asked()).toHaveLength(8);
  });

  test("what was read in Matrix, and the contact too where the person lets them know", async () => {
    const { session, phone, wim } = stage;
    const { timestamp } = await wim.says(phone, "seen?");
    const { id, chat } = await stage.event("message", timestamp);
    const sender = id.split("/")[0] as Parameters<typeof session.client.markRead>[1];
    session.client.markRead(chat, sender, [id], "read");
    const told = await phone.journal.find(
      "the read mark",
      ({ content }) => (content?.content?.syncMessage?.read?.length ?? 0) > 0,
    );
    expect(told.content?.content?.syncMessage?.read?.[0]?.timestamp).toBe(BigInt(timestamp));
    const receipt = await wim.journal.find(
      "the read receipt",
      ({ content }) => Number(content?.content?.receiptMessage?.type) === 1,
    );
    expect(receipt.content?.content?.receiptMessage?.timestamp).toEqual([BigInt(timestamp)]);
  });

  test("that our person is writing reaches the contact, unless the phone's settings keep it and receipts back", async () => {
    const { session, phone, world } = stage;
    const uma = await world.mock.person("Uma");
    const chooses = async (told: boolean) => {
      const configuration = {
        readReceipts: told,
        typingIndicators: told,
        unidentifiedDeliveryIndicators: null,
        linkPreviews: null,
        provisioningVersion: null,
      };
      const rest = { stickerPackOperation: null, read: null, viewed: null, padding: null };
      const { acknowledged } = await phone.tellsDevices({
        senderKeyDistributionMessage: null,
        pniSignatureMessage: null,
        content: { syncMessage: { content: { configuration }, ...rest } },
      });
      await acknowledged;
    };
    await session.says(uma, "hello Uma");
    await chooses(true);
    session.client.setTyping(chatOf(uma), true);
    await uma.journal.find("the typing", ({ content }) => Boolean(content?.content?.typingMessage));
    await chooses(false);
    const { timestamp } = await uma.says(phone, "do you see it?");
    const { id, chat } = await stage.event("message", timestamp);
    session.client.markRead(chat, personIdOf(uma), [id], "read");
    session.client.setTyping(chat, true);
    await phone.journal.find(
      "the read mark",
      ({ content }) =>
        (content?.content?.syncMessage?.read ?? []).some((read) => read.timestamp === BigInt(timestamp)),
      { seconds: 3 },
    );
    await session.says(uma, "I do");
    await uma.hears("I do");
    const told = uma.journal.entries.filter(
      ({ content }) =>
        Number(content?.content?.receiptMessage?.type) === 1 || content?.content?.typingMessage?.timestamp,
    );
    expect(told).toHaveLength(1);
  });
});

test("a phone that was not online for long is told of at the next connection, once", async () => {
  const { session, phone } = stage;
  const { server } = session.world.mock;
  const reconnects = async (): Promise<void> => {
    await session.disconnect();
    await session.connect();
  };
  server.upgradeHeaders = { "x-signal-alert": "idle-primary-device" };
  await reconnects();
  await session.sink.until("the word about the phone", () => session.sink.told.length > 0);
  await reconnects();
  await session.disconnect();
  server.upgradeHeaders = {};
  expect(session.sink.told).toEqual([expect.stringContaining(`has not seen the phone of ${phone.number}`)]);
  await session.connect();
});
