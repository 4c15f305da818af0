import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { PersonId, UserId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { chatWith, personOf, SIGNAL } from "../../../src/networks/signal/ids.ts";
import { readMediaRef } from "../../../src/networks/signal/media/media-ref.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

describe("a login's contacts on Signal", () => {
  const stage = signalStage();
  const recipient = () => {
    const { session, wim } = stage;
    return session.world.store.family(signalFamily).recipient(session.login.id, personIdOf(wim));
  };
  const onPhone = async () => (await stage.phone.phone.expectStorageState("now")).getContact(stage.wim.phone);

  test("who writes is named as their profile says", async () => {
    const renamed = stage.event("renamed");
    const first = await stage.wim.says(stage.phone, "hello");
    expect(await stage.event("message", first.timestamp)).toMatchObject({ senderName: "Wim" });
    expect(await renamed).toMatchObject({ sender: personIdOf(stage.wim), name: "Wim" });
    const { timestamp } = await stage.wim.says(stage.phone, "hello again");
    expect(await stage.event("message", timestamp)).toMatchObject({ senderName: "Wim" });
    expect((await recipient())?.profile?.name).toBe("Wim");
  });

  test("somebody is found by username, link, account and name", async () => {
    const { session, wim } = stage;
    const person = personIdOf(wim);
    await session.world.mock.server.setUsername(wim.phone.device.aci, "wim.42");
    for (const typed of ["wim.42", "@Wim.42", wim.aci, " wim "])
      expect(await session.client.find(typed)).toMatchObject({
        kind: "found",
        contact: { person, chat: person, name: "Wim", reachability: "reachable" },
      });
    for (const typed of ["nobody.42", "11111111-2222-4333-8444-555555555555", "Nobody", "+31600000000"])
      expect(await session.client.find(typed)).toMatchObject({ kind: "not-found", words: /\S/ });
  });

  describe("a number that is none of a contact's", () => {
    const pass = { username: "someone", password: "for a day" };
    const asked = (answers: Record<string, { aci?: string; pni?: string }>) => {
      const { server } = stage.world.mock;
      server.faults.requests("/v2/directory/auth", { status: 200, body: pass });
      const entries = new Map(
        Object.entries(answers).map(([number, { aci, pni }]) => [number, { aci, pni }]),
      );
      return jest
        .spyOn(stage.world.access.net.net, "cdsiLookup")
        .mockResolvedValue({ entries, debugPermitsUsed: 1 });
    };
    afterEach(() => {
      jest.restoreAllMocks();
      stage.world.mock.server.faults.clear();
    });

    test("is looked up in Signal's directory, and its owner hears a message at the number", async () => {
      const { session, wim } = stage;
      const nia = await session.world.mock.person("Nia");
      const lookUp = asked({ [nia.number]: { pni: nia.pni } });
      const person = personOf(nia.pni) as PersonId;
      const contact = { person, chat: person, reachability: "reachable" };
      expect(await session.client.find(nia.number)).toMatchObject({ kind: "found", contact });
      const wimKey = Buffer.from(wim.phone.profileKey.deriveAccessKey()).toString("base64");
      expect(lookUp).toHaveBeenCalledWith(pass, {
        e164s: [nia.number],
        acisAndAccessKeys: [{ aci: wim.aci, accessKey: wimKey }],
        abortSignal: expect.any(AbortSignal),
      });
      const id = session.nextId();
      const part = { kind: "text", style: "text", body: plainText("is this your number?") } as const;
      const outgoing = { kind: "message", message: { parts: [part] } } as const;
      const open = async () => Promise.reject(new Error("no file was sent"));
      const item = { chat: chatWith(person), id, outgoing, open };
      session.sink.sent.set(id, outgoing);
      await session.client.send(item, session.sink.journal(id));
      expect(await nia.hears("is this your number?")).toMatchObject({ to: "pni" });
    });

    test("of somebody who wrote before leads to their chat, and of a contact is not looked up", async () => {
      const { session, wim } = stage;
      const lookUp = asked({ [wim.number]: { aci: wim.aci, pni: wim.pni } });
      const contact = { person: personIdOf(wim), chat: personIdOf(wim) };
      const { login, world } = session;
      expect(await session.client.find(wim.number)).toMatchObject({ kind: "found", contact });
      expect(lookUp).toHaveBeenCalledTimes(1);
      const noFields = { pni: undefined, username: undefined, contactName: undefined, nickname: undefined };
      const states = { blocked: false, accepted: true, markedUnread: false, mutedUntil: 0 };
      const stored = { ...noFields, ...states, number: wim.number, storageId: new Uint8Array(16) };
      await world.store.write((tx) => tx.family(signalFamily).setStored(login.id, personIdOf(wim), stored));
      expect(await session.client.find(wim.number)).toMatchObject({ kind: "found", contact });
      expect(lookUp).toHaveBeenCalledTimes(1);
      await world.store.write((tx) => tx.family(signalFamily).removeStored(login.id, personIdOf(wim)));
    });

    test("that Signal does not list is told so, whether it is not there or hides itself", async () => {
      asked({});
      const words = expect.stringContaining("it is not on Signal, or its owner chose not to be found by it");
      expect(await stage.session.client.find("+31600000001")).toEqual({ kind: "not-found", words });
    });
  });

  test("the person's own number, username and account lead to their note to self", async () => {
    const { session, phone } = stage;
    const own = personIdOf(phone);
    await session.world.mock.server.setUsername(phone.phone.device.aci, "our.42");
    for (const typed of [own, "our.42", phone.phone.device.number ?? ""])
      expect(await session.client.find(typed)).toMatchObject({
        kind: "found",
        contact: { person: own, self: true },
      });
  });

  test("somebody whose profile is not known keeps the name that others here know them by", async () => {
    const { session } = stage;
    const zoe = await session.world.mock.person("Zoe");
    const person = personIdOf(zoe);
    const found = async () => await session.client.find(zoe.aci);
    expect(await found()).toMatchObject({ contact: { name: `Signal user ${zoe.aci.slice(-4)}` } });
    const ghost = { network: SIGNAL, person, user: `@signal_${person}:test` as UserId, name: "Zoe" };
    await session.world.store.write((tx) =>
      tx.ghosts.add({ ...ghost, profile: "named", shown: "Zoe", avatar: "", picture: undefined }),
    );
    expect(await found()).toMatchObject({ contact: { name: "Zoe" } });
    expect(await session.client.chatInfo(chatOf(zoe))).toMatchObject({ name: "Zoe" });
  });

  test("whom the person blocks here is blocked on their phone, and the other way round", async () => {
    const { session, wim, phone } = stage;
    await session.client.setBlocked(personIdOf(wim), true);
    expect(await onPhone()).toMatchObject({ blocked: true, whitelisted: false });
    // It is our person who blocks: they are not told that the contact blocked them.
    expect(await session.client.find("wim")).toMatchObject({ contact: { reachability: "reachable" } });
    const told = stage.event("blocked");
    const before = await phone.phone.expectStorageState("before");
    const other = before
      .removeContact(wim.phone)
      .addContact(wim.phone, { blocked: false, whitelisted: true });
    await phone.phone.setStorageState(other, before);
    await phone.phone.sendFetchStorage({ timestamp: Date.now() });
    expect(await told).toMatchObject({ person: personIdOf(wim), blocked: false, sender: undefined });
    expect((await recipient())?.stored).toMatchObject({ blocked: false, accepted: true });
  });

  // Signal's server knows nothing of blocks: its apps leave out what comes all the same.
  test("who is blocked is not heard, nor told that anything arrived, and is again once the block is lifted", async () => {
    const { session, wim, phone } = stage;
    await session.client.setBlocked(personIdOf(wim), true);
    const { sink } = session;
    const kept = { events: sink.events.length, receipts: sink.receipts.length, signals: sink.signals.length };
    const unheard = await wim.says(phone, "let me in");
    await (await wim.edits(phone, unheard.timestamp, "please")).acknowledged;
    await (await wim.types(phone)).acknowledged;
    await (await wim.calls(phone)).acknowledged;
    await (await wim.reads(phone, 1)).acknowledged;
    await unheard.acknowledged;
    expect(sink.events.slice(kept.events).filter(({ id }) => id.startsWith(`${personIdOf(wim)}/`))).toEqual(
      [],
    );
    expect([sink.receipts.length, sink.signals.length]).toEqual([kept.receipts, kept.signals]);
    await session.client.setBlocked(personIdOf(wim), false);
    const { timestamp } = await wim.says(phone, "thank you");
    expect(await stage.event("message", timestamp)).toMatchObject({ sender: personIdOf(wim) });
  });

  test("who is unblocked here is on the phone nobody whom it asks about again", async () => {
    const { session, wim } = stage;
    await session.client.setBlocked(personIdOf(wim), true);
    await session.client.setBlocked(personIdOf(wim), false);
    expect(await onPhone()).toMatchObject({ blocked: false, whitelisted: true });
  });

  test("a request that is answered here is answered on the phone", async () => {
    const { session, wim } = stage;
    await session.client.answerRequest(chatWith(personIdOf(wim)), false);
    expect(await onPhone()).toMatchObject({ whitelisted: false });
    await session.client.answerRequest(chatWith(personIdOf(wim)), true);
    expect(await onPhone()).toMatchObject({ whitelisted: true });
  });

  test("a profile without a picture has none; one that has is named by its key", async () => {
    const { session, wim } = stage;
    const person = personIdOf(wim);
    expect(await session.client.avatarOf(person)).toBe("");
    const { id } = session.login;
    await session.world.store.write((tx) =>
      tx.family(signalFamily).setProfile(id, person, { name: "Wim", avatar: "profiles/x", at: Date.now() }),
    );
    expect(readMediaRef((await session.client.avatarOf(person)) ?? "")).toMatchObject({
      profilePicture: "profiles/x",
    });
  });
});
