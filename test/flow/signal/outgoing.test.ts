import { describe, expect, test } from "@jest/globals";
import { PrivateKey } from "@signalapp/libsignal-client";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { ChatId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { type Person, textOf } from "../../../tools/signal-mock/person.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
const said = (text: string) => ({
  kind: "message" as const,
  message: { parts: [{ kind: "text" as const, style: "text" as const, body: plainText(text) }] },
});
const heardBy = ({ journal }: Person, text: string) =>
  journal.entries.filter((heard) => textOf(heard) === text);
const transcripts = ({ journal }: Person, text: string) =>
  journal.entries.filter(
    ({ content }) => content?.content?.syncMessage?.content?.sent?.message?.body === text,
  );

describe("what our person writes", () => {
  test("to whom it has no profile key of, the server sees who sends it; from their first message on it does not", async () => {
    const { session, phone, world } = stage;
    const zoe = await world.mock.person("Zoe");
    await session.says(zoe, "who are you?");
    expect(await zoe.hears("who are you?")).toMatchObject({ sealed: false });
    const { timestamp } = await zoe.says(phone, "Zoe");
    await stage.event("message", timestamp);
    await session.says(zoe, "hello Zoe");
    expect(await zoe.hears("hello Zoe")).toMatchObject({ sealed: true, from: phone.aci, device: 2 });
  });

  test("carries our profile's key, and is told to our phone with who got it sealed", async () => {
    const { session, phone, wim } = stage;
    await session.says(wim, "with key");
    const { content } = await wim.hears("with key");
    expect(Buffer.from(content?.content?.dataMessage?.profileKey ?? [])).toEqual(
      Buffer.from(phone.phone.profileKey.serialize()),
    );
    const sent = transcripts(phone, "with key")[0]?.content?.content?.syncMessage?.content?.sent;
    expect(sent?.timestamp).toBe(content?.content?.dataMessage?.timestamp);
    expect(sent?.unidentifiedStatus).toMatchObject([{ unidentified: false }]);
  });

  test("sets a chat's timer with the next version, the same at each try, and our phone is told", async () => {
    const { session, phone, world } = stage;
    const tom = await world.mock.person("Tom");
    const { timestamp } = await tom.says(phone, "Tom");
    await stage.event("message", timestamp);
    const sets = (seconds: number, id = session.nextId()) =>
      session.sends(tom, { kind: "group-change", change: { kind: "timer", seconds } }, id);
    const id = session.nextId();
    world.mock.server.faults.sends({ kind: "unavailable" }, { to: phone.aci });
    await expect(sets(3_600, id)).rejects.toMatchObject({ certain: false });
    await sets(3_600, id);
    await session.says(tom, "gone in an hour");
    await sets(0);
    await tom.hears("gone in an hour");
    const timersOf = ({ journal }: Person) =>
      journal.entries.flatMap(({ content }) => {
        const { dataMessage, syncMessage } = content?.content ?? {};
        const data = dataMessage ?? syncMessage?.content?.sent?.message;
        return data?.flags === 2 ? [[data.expireTimer, data.expireTimerVersion]] : [];
      });
    expect(timersOf(tom)).toEqual([
      [3_600, 2],
      [3_600, 2],
      [0, 3],
    ]);
    expect(timersOf(phone)).toEqual([
      [3_600, 2],
      [0, 3],
    ]);
    const told = session.sink.events.filter((one) => one.kind === "timer" && one.chat === chatOf(tom));
    expect(told).toMatchObject([{ sender: undefined, seconds: 3_600 }, { seconds: 0 }]);
  });

  test("goes out under the same time at each try, whatever was lost", async () => {
    const { session, phone, wim, world } = stage;
    const id = session.nextId();
    const { states } = session.sink;
    const before = states.length;
    world.mock.server.faults.sends({ kind: "lost" }, { to: wim.aci });
    await expect(session.says(wim, "twice on its way", id)).rejects.toMatchObject({ certain: false });
    await session.sink.until("the broken connection", () =>
      states.slice(before).some(({ kind }) => kind !== "connected"),
    );
    await session.client.connected(AbortSignal.timeout(10_000));
    await session.says(wim, "twice on its way", id);
    const times = heardBy(wim, "twice on its way").map(
      ({ content }) => content?.content?.dataMessage?.timestamp,
    );
    expect(times).toEqual([times[0], times[0]]);
    expect(`${phone.aci}/${times[0]}`).toBe(id);
    expect(transcripts(phone, "twice on its way")).toHaveLength(1);
  });

  test("is tried again as a whole where only the phone could not be told of it", async () => {
    const { session, phone, wim, world } = stage;
    const id = session.nextId();
    world.mock.server.faults.sends({ kind: "unavailable" }, { to: phone.aci });
    const failure = await session.says(wim, "half done", id).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BridgeError);
    expect(failure).toMatchObject({ certain: false, retryAfter: 0 });
    expect(transcripts(phone, "half done")).toHaveLength(0);
    await session.client.connected(AbortSignal.timeout(10_000));
    await session.says(wim, "half done", id);
    expect(transcripts(phone, "half done")).toHaveLength(1);
  });

  test("reaches a device that the contact has added, and misses one that they removed", async () => {
    const { session, world } = stage;
    const tim = await world.mock.person("Tim");
    await session.says(tim, "one device");
    const added = await tim.secondDevice();
    await session.says(tim, "two devices");
    const devices = () => world.store.family(signalRecords).devices(aciOf(session.login.id), tim.aci);
    expect(await devices()).toEqual([1, added.deviceId]);
    await tim.unlinks(added);
    await session.says(tim, "one again");
    await tim.hears("one again");
    world.mock.server.faults.sends({ kind: "devices", stale: [1] }, { to: tim.aci });
    await session.says(tim, "a new phone");
    await tim.hears("a new phone");
  });

  test("goes unsealed once the profile key it has is not the contact's any more", async () => {
    const { session, phone, world } = stage;
    const una = await world.mock.person("Una");
    const { timestamp } = await una.says(phone, "my key");
    await stage.event("message", timestamp);
    await world.store.write((tx) =>
      tx.family(signalFamily).setProfileKey(session.login.id, personIdOf(una), new Uint8Array(32).fill(7)),
    );
    await session.says(una, "with an old key");
    expect(await una.hears("with an old key")).toMatchObject({ sealed: false });
  });

  test("is refused in words where the contact left Signal, and waits as long as the server says", async () => {
    const { session, wim, world } = stage;
    const gone = "00000000-0000-4000-8000-00000000dead";
    const open = () => Promise.reject(new Error("no file"));
    const id = session.nextId();
    const item = { chat: gone as ChatId, id, outgoing: said("anybody?"), open };
    await expect(session.client.send(item, session.sink.journal(id))).rejects.toMatchObject({
      reason: "not-reachable",
      words: "This person is not on Signal any more.",
      certain: true,
      retryAfter: undefined,
    });
    const { faults } = world.mock.server;
    const failure = async (text: string) =>
      BridgeError.from(await session.says(wim, text).catch((error: unknown) => error));
    faults.sends({ kind: "rate-limit", retryAfter: 120 }, { to: wim.aci });
    const limited = await failure("too much");
    expect(limited.words).toBe(
      "Signal takes no more from you for 2 minutes. What you wrote is sent by itself then.",
    );
    expect([limited.retryAfter, limited.outage]).toEqual([120_000, true]);
    faults.sends({ kind: "challenge", retryAfter: 7_200 }, { to: wim.aci });
    const asked = await failure("a robot?");
    expect(asked.words).toMatch(/prove|human/);
    expect([asked.retryAfter, asked.outage]).toEqual([7_200_000, true]);
  });

  test("does not leave where it may not: the journal rejects, and the contact hears nothing", async () => {
    const { session, wim } = stage;
    const id = session.nextId();
    const words = "It was taken back.";
    const journal = {
      ...session.sink.journal(id),
      seal: () => Promise.reject(new BridgeError("gone", { words, certain: true })),
    };
    await expect(session.sends(wim, said("never"), id, journal)).rejects.toMatchObject({ words });
    await session.says(wim, "after it");
    await wim.hears("after it");
    expect(heardBy(wim, "never")).toEqual([]);
  });

  test("waits where the contact's key is another one: that is told before anything is sealed with it", async () => {
    const { session, world } = stage;
    const vic = await world.mock.person("Vic");
    await session.says(vic, "the first");
    const stranger = PrivateKey.generate().getPublicKey().serialize();
    await session.disconnect();
    await world.store.write((tx) => {
      const signal = tx.family(signalRecords);
      signal.setIdentity(session.login.id, vic.aci, stranger);
      signal.dropSessions(aciOf(session.login.id));
    });
    await session.connect();
    const id = session.nextId();
    const told: string[] = [];
    const journal = {
      ...session.sink.journal(id),
      seal: async () => {
        const changes = session.sink.events.filter(({ kind }) => kind === "identity-changed");
        told.push(...changes.map(({ chat }) => chat));
        throw new BridgeError("forbidden", { words: "Verify first.", certain: true });
      },
    };
    await expect(session.sends(vic, said("secret"), id, journal)).rejects.toMatchObject({
      words: "Verify first.",
    });
    expect(told).toEqual([chatOf(vic)]);
    expect(heardBy(vic, "secret")).toEqual([]);
  });

  test("an edit, a deletion and a reaction name their targets as Signal does", async () => {
    const { session, wim } = stage;
    const id = session.nextId();
    const time = BigInt(id.split("/")[1] ?? 0);
    await session.says(wim, "to be changed", id);
    await session.sends(wim, { kind: "edit", target: id, message: said("changed").message });
    const edit = await wim.hears("changed");
    expect(edit.content?.content?.editMessage?.targetSentTimestamp).toBe(time);
    await session.sends(wim, { kind: "reaction", target: id, own: true, emoji: "😀" });
    const reaction = await wim.journal.find(
      "the reaction",
      ({ content }) => content?.content?.dataMessage?.reaction?.emoji === "😀",
    );
    expect(reaction.content?.content?.dataMessage?.reaction?.targetSentTimestamp).toBe(time);
    await session.sends(wim, { kind: "delete", target: id });
    await wim.journal.find(
      "the deletion",
      ({ content }) => content?.content?.dataMessage?.delete?.targetSentTimestamp === time,
    );
  });

  test("reaches whoever set up Signal anew with fewer devices and another key, of which they told us first", async () => {
    const { session, world } = stage;
    const sam = await world.mock.person("Sam");
    const added = await sam.secondDevice();
    await session.says(sam, "two devices");
    // As if their first message with the new key had come: the sessions with both devices are of the former key.
    await session.disconnect();
    const former = PrivateKey.generate().getPublicKey().serialize();
    await world.store.write((tx) => tx.family(signalRecords).setIdentity(session.login.id, sam.aci, former));
    await sam.unlinks(added);
    await session.connect();
    await session.says(sam, "one device, another key");
    await sam.hears("one device, another key");
  });
});
