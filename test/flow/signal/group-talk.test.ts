import { describe, expect, test } from "@jest/globals";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { requestAnswerContent } from "../../../tools/signal-mock/contents.ts";
import { proto } from "../../../tools/signal-mock/mock-server.ts";
import type { PlayedGroup } from "../../../tools/signal-mock/played-group.ts";
import { chatOfGroup, groupStage } from "../../kit/signal/group-stage.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";

const here = groupStage();
const { stage } = here;
const text = (body: string) => ({ kind: "text", style: "text", body: plainText(body) });
const raw = (aci: string) => Uint8Array.from(Buffer.from(aci.replaceAll("-", ""), "hex"));

describe("in a group", () => {
  test("an edit, a reaction, a reply and a deletion name whose message they are about", async () => {
    const played = await here.knownGroup("Praat");
    const { timestamp } = await played.says(stage.wim, "first");
    const target = { targetAuthorAciBinary: raw(stage.wim.aci), targetSentTimestamp: BigInt(timestamp) };
    const reaction = await played.sends(here.cas, {
      reaction: { ...target, emoji: "👍", remove: false, targetAuthorAci: null },
    });
    const head = { chat: chatOfGroup(played), sender: personIdOf(here.cas) };
    const about = `${stage.wim.aci}/${timestamp}`;
    expect(await stage.event("reaction", reaction.timestamp)).toMatchObject({
      ...head,
      target: about,
      own: false,
      emoji: "👍",
    });
    const quote = { id: BigInt(timestamp), authorAciBinary: raw(stage.wim.aci), text: "first" };
    const reply = await played.sends(here.cas, {
      body: "second",
      quote: {
        ...quote,
        authorAci: null,
        attachments: null,
        bodyRanges: null,
        type: proto.DataMessage.Quote.Type.NORMAL,
      },
    });
    expect(await stage.event("message", reply.timestamp)).toMatchObject({
      ...head,
      message: { replyTo: { id: about, own: false } },
    });
    const deletion = await played.sends(stage.wim, { delete: { targetSentTimestamp: BigInt(timestamp) } });
    expect(await stage.event("delete", deletion.timestamp)).toMatchObject({ target: about });
  });

  test("an admin deletes another's message, and nobody else does", async () => {
    const played = await here.knownGroup("Opruimen");
    const { timestamp } = await played.says(here.cas, "delete me");
    await stage.event("message", timestamp);
    await played.makesAdmin(stage.wim, here.cas, false);
    const target = { targetAuthorAciBinary: raw(here.cas.aci), targetSentTimestamp: BigInt(timestamp) };
    const byAdmin = await played.sends(stage.wim, { adminDelete: target });
    expect(await stage.event("delete", byAdmin.timestamp)).toMatchObject({
      sender: personIdOf(stage.wim),
      target: `${here.cas.aci}/${timestamp}`,
    });
    const other = await played.says(stage.wim, "not deleted");
    await played.sends(here.cas, {
      adminDelete: {
        targetAuthorAciBinary: raw(stage.wim.aci),
        targetSentTimestamp: BigInt(other.timestamp),
      },
    });
    await here.settled();
    expect(here.eventsIn(played).filter(({ kind }) => kind === "delete")).toHaveLength(1);
  });

  test("what our person writes and reads on their phone is theirs, in the group", async () => {
    const played = await here.knownGroup("Telefoon");
    const { timestamp } = await played.writesFromPhone(stage.phone, { body: "from my phone" });
    expect(await stage.event("message", timestamp)).toMatchObject({
      chat: chatOfGroup(played),
      sender: undefined,
      message: { parts: [text("from my phone")] },
    });
    const said = await played.says(stage.wim, "read me");
    await stage.event("message", said.timestamp);
    await stage.phone.readsOnPhone({ author: stage.wim, timestamp: said.timestamp });
    expect(await stage.event("read", said.timestamp)).toMatchObject({
      chat: chatOfGroup(played),
      sender: undefined,
    });
  });

  test("each member says for themself that they got and read our person's message", async () => {
    const { sink } = stage.session;
    const played = await here.knownGroup("Gelezen");
    const { timestamp } = await played.writesFromPhone(stage.phone, { body: "who reads this" });
    await stage.event("message", timestamp);
    await stage.wim.reads(stage.phone, timestamp);
    await here.cas.delivers(stage.phone, timestamp);
    const ofGroup = () => sink.receipts.filter(({ chat }) => chat === chatOfGroup(played));
    await sink.until("both receipts", () => ofGroup().length === 2);
    const ids = [`${stage.phone.aci}/${timestamp}`];
    expect(ofGroup()).toEqual([
      { chat: chatOfGroup(played), person: personIdOf(stage.wim), kind: "read", ids },
      { chat: chatOfGroup(played), person: personIdOf(here.cas), kind: "delivered", ids },
    ]);
  });

  test("our receipt for a member's message goes to them, and is owed no more", async () => {
    const { session, world } = stage;
    const played = await here.knownGroup("Bezorgd");
    const { timestamp } = await played.says(here.cas, "did you get this");
    const event = await stage.event("message", timestamp);
    session.client.markDelivered(event.chat, personIdOf(here.cas), [event.id]);
    await here.cas.journal.find(
      "the delivery receipt",
      ({ content }) => content?.content?.receiptMessage?.timestamp?.includes(BigInt(timestamp)) === true,
    );
    const key = { chat: event.chat, sender: personIdOf(here.cas), id: event.id };
    await session.client[Symbol.asyncDispose]();
    expect(await world.store.networkInbox.receipt(session.login.id, key)).toBeUndefined();
    await session.connect();
  });

  test("who types there is seen there, where they are a member", async () => {
    const { sink } = stage.session;
    const played = await here.knownGroup("Tikt");
    await played.types(here.cas, true);
    const typing = await sink.until("the typing", () =>
      sink.signals.find(({ chat }) => chat === chatOfGroup(played)),
    );
    expect(typing).toMatchObject({ sender: personIdOf(here.cas), active: true });
  });

  test("who is no member is neither shown nor heard, though they know its key", async () => {
    const { sink } = stage.session;
    const played = await here.knownGroup("Besloten");
    const eve = await stage.world.mock.person("Eve");
    await played.sends(eve, { body: "let me in" }, { tells: [stage.phone] });
    await eve.types(stage.phone, true, Uint8Array.from(Buffer.from(played.id, "base64url")));
    const own = await played.writesFromPhone(stage.phone, { body: "not for Eve" });
    await stage.event("message", own.timestamp);
    await eve.reads(stage.phone, own.timestamp);
    await played.removes(stage.wim, [here.cas]);
    await played.sends(here.cas, { body: "still here" }, { tells: [stage.phone] });
    await here.settled();
    expect(sink.texts().filter((body) => /let me in|still here/.test(body))).toEqual([]);
    expect(sink.signals.filter(({ sender }) => sender === personIdOf(eve))).toEqual([]);
    expect(sink.receipts.filter(({ person }) => person === personIdOf(eve))).toEqual([]);
    expect(sink.events.filter(({ chat }) => chat === chatOf(eve))).toEqual([]);
  });

  test("where only admins write, what others write is not shown, and what they react is", async () => {
    const played = await here.knownGroup("Mededelingen");
    await played.makesAdmin(stage.wim, here.cas, false);
    await played.announces(stage.wim, true);
    const { timestamp } = await played.says(stage.wim, "an announcement");
    await stage.event("message", timestamp);
    await played.says(here.cas, "an interruption");
    const target = { targetAuthorAciBinary: raw(stage.wim.aci), targetSentTimestamp: BigInt(timestamp) };
    const reaction = await played.sends(here.cas, {
      reaction: { ...target, emoji: "🎉", remove: false, targetAuthorAci: null },
    });
    expect((await stage.event("reaction", reaction.timestamp)).chat).toBe(chatOfGroup(played));
    expect(stage.session.sink.texts()).not.toContain("an interruption");
  });

  test("our person is put out, and put in again", async () => {
    const played = await here.knownGroup("Eruit");
    await played.removes(stage.wim, [stage.phone]);
    await stage.session.sink.until("that they are out", () =>
      here.eventsIn(played).some(({ kind }) => kind === "group-members"),
    );
    await played.sends(stage.wim, { body: "behind your back" }, { tells: [stage.phone] });
    await played.adds(stage.wim, [stage.phone]);
    const { timestamp } = await played.says(here.cas, "welcome back");
    await stage.event("message", timestamp);
    expect(here.eventsIn(played).slice(1)).toMatchObject([
      { kind: "group-members", changes: [{ person: undefined, membership: "left" }] },
      { kind: "group-members", changes: [{ person: undefined, membership: "joined" }] },
      { kind: "message", sender: personIdOf(here.cas) },
    ]);
  });

  test("who is invited is asked as by whom, and no more once the invitation is taken back", async () => {
    const played = await stage.world.mock.createGroup("Uitnodiging", stage.wim, here.cas);
    const chat = chatOfGroup(played);
    await played.invites(stage.wim, stage.phone);
    const { sink, client } = stage.session;
    const invited = () => here.eventsIn(played).filter(({ kind }) => kind === "group-invited");
    await sink.until("the invitation", () => invited().length === 1);
    expect(invited()).toMatchObject([{ sender: personIdOf(stage.wim) }]);
    expect(await client.chatInfo(chat)).toMatchObject({ isRequest: true, invitedBy: personIdOf(stage.wim) });
    await played.sends(stage.wim, { body: "not yet for you" }, { tells: [stage.phone] });
    await played.takesBack(stage.wim, stage.phone);
    await sink.until("that it is taken back", () => here.eventsIn(played).length === 2);
    expect(here.eventsIn(played)[1]).toMatchObject({
      kind: "group-members",
      sender: personIdOf(stage.wim),
      changes: [{ person: undefined, membership: "left" }],
    });
    expect(await client.chatInfo(chat)).toMatchObject({ isRequest: false });
    await played.invites(here.cas, stage.phone);
    await sink.until("another invitation", () => invited().length === 2);
    await played.joinsInvited(stage.phone);
    const { timestamp } = await played.says(here.cas, "you are in");
    await stage.event("message", timestamp);
    expect(here.eventsIn(played).slice(2)).toMatchObject([
      { kind: "group-invited", sender: personIdOf(here.cas) },
      { kind: "group-members", sender: undefined, changes: [{ person: undefined, membership: "joined" }] },
      { kind: "message" },
    ]);
  });

  test("who is invited by whom they blocked is not asked, whoever tells of it, and is asked by another", async () => {
    const { sink } = stage.session;
    const rude = await stage.world.mock.person("Rude");
    await stage.phone.blocks(rude);
    await sink.until("the block", () =>
      sink.events.some((one) => one.kind === "blocked" && one.person === personIdOf(rude)),
    );
    const played = await stage.world.mock.createGroup("Van de verkeerde", stage.wim, rude);
    const before = await stage.world.mock.createGroup("Al bekend", stage.wim, rude, stage.phone);
    await played.invites(rude, stage.phone, { tells: [stage.wim, stage.phone] });
    await played.sends(stage.wim, { body: "Rude asked you in" }, { tells: [stage.phone] });
    const known = await before.says(stage.wim, "known to all");
    await stage.event("message", known.timestamp);
    await before.removes(stage.wim, [stage.phone]);
    await sink.until("that they are out", () => here.eventsIn(before).length === 2);
    await before.invites(rude, stage.phone, { tells: [] });
    await before.renames(stage.wim, "Al bekend 2", { tells: [stage.phone] });
    await sink.until("the name", () => here.eventsIn(before).some(({ kind }) => kind === "group-name"));
    const invited = (one: PlayedGroup) => here.eventsIn(one).filter(({ kind }) => kind === "group-invited");
    expect([...invited(played), ...invited(before)]).toEqual([]);
    await played.takesBack(rude, stage.phone, { tells: [] });
    await played.invites(stage.wim, stage.phone);
    await sink.until("an invitation by another", () => invited(played).length === 1);
    expect(invited(played)).toMatchObject([{ sender: personIdOf(stage.wim) }]);
    // As spam, on the phone.
    const group = Uint8Array.from(Buffer.from(played.id, "base64url"));
    await stage.phone.tellsDevices(requestAnswerContent(null, "BLOCK_AND_SPAM", group));
    await sink.until("that it was declined", () =>
      here.eventsIn(played).some((one) => one.kind === "request-answered" && !one.accepted),
    );
  });

  test("who is invited, and then not any more without being told, is asked no more", async () => {
    const played = await stage.world.mock.createGroup("Stil ingetrokken", stage.wim, here.cas);
    await played.invites(stage.wim, stage.phone);
    const { sink, client } = stage.session;
    await sink.until("the invitation", () => here.eventsIn(played).length === 1);
    await played.takesBack(stage.wim, stage.phone, { tells: [here.cas] });
    const { faults } = stage.world.mock.server;
    faults.requests(/^(\/storageService)?\/v2\/groups/, { status: 403 }, { times: 1_000 });
    await played.sends(stage.wim, { body: "not for you" }, { tells: [stage.phone] });
    await sink.until("that it is taken back", () => here.eventsIn(played).length === 2);
    expect(here.eventsIn(played)[1]).toMatchObject({
      kind: "group-members",
      sender: undefined,
      changes: [{ person: undefined, membership: "left" }],
    });
    faults.clear();
    expect(await client.chatInfo(chatOfGroup(played))).toMatchObject({ isRequest: false });
  });

  test("what comes without its sender key is asked for, and of the group", async () => {
    const played = await here.knownGroup("Sleutel weg");
    const { timestamp } = await played.sendsByKey(here.cas, { body: "unreadable" }, true);
    const asked = await here.cas.journal.find(
      "the request",
      ({ content }) => (content?.content?.decryptionErrorMessage?.length ?? 0) > 0,
    );
    expect(asked.content?.content?.decryptionErrorMessage?.length).toBeGreaterThan(0);
    expect(here.eventsIn(played).some(({ id }) => id.endsWith(`/${timestamp}`))).toBe(false);
  });
});
