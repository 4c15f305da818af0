import { describe, expect, test } from "@jest/globals";
import { CiphertextMessageType, DecryptionErrorMessage, PlaintextContent } from "@signalapp/libsignal-client";
import type { Media } from "../../../src/core/model/media.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { EnvelopeType, proto } from "../../../tools/signal-mock/mock-server.ts";
import { type Person, textOf } from "../../../tools/signal-mock/person.ts";
import { memoryFile } from "../../kit/memory-file.ts";
import { chatOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const clock = new VirtualClock();
const stage = signalStage(clock);

/** A contact with a session both ways, whose profile key we do not have: the server sees who sends. */
async function acquainted(name: string): Promise<Person> {
  const { session, phone, world } = stage;
  const person = await world.mock.person(name);
  await session.says(person, `hello ${name}`);
  await person.hears(`hello ${name}`);
  const { timestamp } = await person.sends(phone, { body: "hello back", profileKey: null });
  await stage.event("message", timestamp);
  return person;
}

/** What this phone could not read, once it has come. */
function unreadable(person: Person) {
  const { server } = stage.world.mock;
  const { promise, resolve } = Promise.withResolvers<Parameters<typeof server.onUnreadable>[0]>();
  server.onUnreadable = (message) => {
    if (message.target === person.phone.device) resolve(message);
  };
  return promise;
}

/** Our login loses its sessions, as one that was set up again from an old copy. */
async function losesSessions(): Promise<void> {
  const { session, world } = stage;
  await session.disconnect();
  await world.store.write((tx) => tx.family(signalRecords).dropSessions(aciOf(session.login.id)));
  await session.connect();
}

describe("a message of ours that a contact's device cannot read", () => {
  test("is sent to it again when it asks, in a new session and under the same time", async () => {
    const { session, phone, world } = stage;
    const zoe = await acquainted("Zoe");
    zoe.forgetsSessions();
    const lost = unreadable(zoe);
    const id = session.nextId();
    await session.says(zoe, "please read me", id);
    await asksAgain(zoe, await lost);
    const heard = await zoe.hears("please read me");
    expect(`${phone.aci}/${heard.content?.content?.dataMessage?.timestamp}`).toBe(id);
    expect(JSON.stringify(world.log.lines)).not.toContain("please read me");
  });

  test("is the contact again that a card file was made into, though the file is gone", async () => {
    const { session, phone } = stage;
    const xia = await acquainted("Xia");
    xia.forgetsSessions();
    const lost = unreadable(xia);
    const id = session.nextId();
    const uri = "mxc://home/grace.vcf";
    session.files.set(uri, memoryFile(Buffer.from("BEGIN:VCARD\r\nFN:Grace H\r\nTEL:112\r\nEND:VCARD\r\n")));
    const media: Media = { kind: "file", source: { at: "homeserver", uri }, mimetype: "text/vcard" };
    await session.sends(xia, { kind: "message", message: { parts: [{ kind: "media", media }] } }, id);
    session.files.delete(uri);
    await asksAgain(xia, await lost);
    const { content } = await xia.journal.find(
      "the card",
      (heard) => (heard.content?.content?.dataMessage?.contact.length ?? 0) > 0,
    );
    const message = content?.content?.dataMessage;
    expect(`${phone.aci}/${message?.timestamp}`).toBe(id);
    expect(message).toMatchObject({
      attachments: [],
      contact: [{ name: { givenName: "Grace H" }, number: [{ value: "112" }] }],
    });
  });

  test("gives it a session that works, where the message is not kept any more", async () => {
    const { session } = stage;
    const yan = await acquainted("Yan");
    yan.forgetsSessions();
    const lost = unreadable(yan);
    const id = session.nextId();
    await session.says(yan, "not kept", id);
    session.sink.sent.delete(id);
    await asksAgain(yan, await lost);
    await yan.journal.find(
      "the empty message",
      ({ content }) => content?.content?.nullMessage !== undefined && content.content.nullMessage !== null,
    );
    await session.says(yan, "readable");
    await yan.hears("readable");
    expect(yan.journal.entries.filter((heard) => textOf(heard) === "not kept")).toEqual([]);
  });
});

describe("a copy of a message of ours that our person's phone cannot read", () => {
  const copies = ({ journal }: Person, body: string) =>
    journal.entries.filter(
      ({ content }) => content?.content?.syncMessage?.content?.sent?.message?.body === body,
    );

  test("is sent to it again when it asks, and the contact gets nothing twice", async () => {
    const { session, phone } = stage;
    const pia = await acquainted("Pia");
    phone.forgetsSessions();
    const lost = unreadable(phone);
    const id = session.nextId();
    await session.says(pia, "on all my devices", id);
    await asksAgain(phone, await lost);
    const copy = await phone.journal.find("the copy", () => copies(phone, "on all my devices").length === 1);
    expect(copy).toBeDefined();
    const sent = copies(phone, "on all my devices")[0]?.content?.content?.syncMessage?.content?.sent;
    expect(`${phone.aci}/${sent?.timestamp}`).toBe(id);
    await session.says(pia, "and on");
    await pia.hears("and on");
    expect(pia.journal.entries.filter((heard) => textOf(heard) === "on all my devices")).toHaveLength(1);
  });
});

describe("a message that we cannot read", () => {
  test("is asked for before anything is said, and shown when it comes", async () => {
    const { session, phone } = stage;
    const xia = await acquainted("Xia");
    await losesSessions();
    const { timestamp } = await xia.sends(phone, { body: "once more", profileKey: null });
    await asked(xia, 1);
    expect(requests(xia)).toEqual([{ timestamp, device: 1 }]);
    xia.forgetsSessions();
    await xia.says(phone, "once more", { timestamp });
    expect(await stage.event("message", timestamp)).toMatchObject({ chat: chatOf(xia) });
    await clock.advance(200_000);
    expect(session.sink.events.filter(({ kind }) => kind === "undecryptable")).toEqual([]);
  });

  test("is said to be unreadable where it does not come, after it was asked for three times", async () => {
    const { session, phone } = stage;
    const wes = await acquainted("Wes");
    await losesSessions();
    const { timestamp } = await wes.sends(phone, { body: "gone for good", profileKey: null });
    await asked(wes, 1);
    await clock.advance(10_000);
    await asked(wes, 2);
    await clock.advance(30_000);
    await asked(wes, 3);
    expect(requests(wes)).toEqual(Array.from({ length: 3 }, () => ({ timestamp, device: 1 })));
    expect(session.sink.events.filter(({ kind }) => kind === "undecryptable")).toEqual([]);
    await clock.advance(60_000);
    expect(await stage.event("undecryptable", timestamp)).toMatchObject({ chat: chatOf(wes) });
  });
});

/** As a phone does: the error names the message, and is sent as it is. */
async function asksAgain(
  person: Person,
  { source, type, bytes, timestamp }: Awaited<ReturnType<typeof unreadable>>,
): Promise<void> {
  const { phone, world } = stage;
  const [device] = phone.linkedDevices;
  if (!device || !source) throw new Error("no device");
  const original =
    type === EnvelopeType.PreKey ? CiphertextMessageType.PreKey : CiphertextMessageType.Whisper;
  const error = DecryptionErrorMessage.forOriginal(
    Uint8Array.from(bytes),
    original,
    timestamp,
    source.deviceId,
  );
  const envelope = proto.Envelope.encode({
    ...proto.Envelope.decode(new Uint8Array()),
    type: proto.Envelope.Type.PLAINTEXT_CONTENT,
    sourceServiceIdBinary: person.phone.device.aciBinary,
    sourceDeviceId: 1,
    destinationServiceIdBinary: device.aciBinary,
    clientTimestamp: BigInt(Date.now()),
    serverTimestamp: BigInt(Date.now()),
    content: PlaintextContent.from(error).serialize(),
  });
  await world.mock.server.send(device, Buffer.from(envelope));
}

/** The requests that this phone got, as which message each names. */
const requests = ({ journal }: Person) =>
  journal.entries.flatMap(({ content }) => {
    const bytes = content?.content?.decryptionErrorMessage;
    if (!bytes) return [];
    const error = DecryptionErrorMessage.deserialize(Uint8Array.from(bytes));
    return [{ timestamp: error.timestamp(), device: error.deviceId() }];
  });

/** Resolves when this phone was asked so often. */
const asked = (person: Person, times: number) =>
  person.journal.find(`request ${times}`, () => requests(person).length === times);
