import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ChatId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { messageIdOf } from "../../../src/networks/signal/ids.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import { settingsContent } from "../../../tools/signal-mock/contents.ts";
import { type Person, textOf } from "../../../tools/signal-mock/person.ts";
import { PlayedGroup } from "../../../tools/signal-mock/played-group.ts";
import { personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
let cas: Person;
beforeAll(async () => {
  cas = await stage.world.mock.person("Cas");
});

const chatOf = ({ id }: PlayedGroup): ChatId => `group.${id}` as ChatId;

/** A group of Wim's with our person and others, which the bridge knows. */
async function group(title: string, ...others: readonly Person[]): Promise<PlayedGroup> {
  const { server } = stage.world.mock;
  const played = await PlayedGroup.create(server, title, stage.wim, stage.phone, ...others);
  const { login } = stage.session;
  await stage.world.store.write((tx) =>
    tx.family(signalFamily).addGroup(login.id, chatOf(played), played.masterKey),
  );
  return played;
}

const dataIn = async (person: Person, text: string) =>
  (await person.hears(text)).content?.content?.dataMessage;

const textOfOurs = (text: string) => ({
  parts: [{ kind: "text" as const, style: "text" as const, body: plainText(text) }],
});

const keyOf = (played: PlayedGroup) =>
  stage.world.store.family(signalFamily).senderKey(stage.session.login.id, chatOf(played));

describe("what our person writes in a group of Signal's", () => {
  test("reaches all members sealed, in the group, and our phone hears who got it", async () => {
    const { session, phone, wim } = stage;
    const played = await group("Ploeg 7", cas);
    const id = session.nextId();
    await session.saysIn(chatOf(played), "hello group", id);
    for (const person of [wim, cas]) {
      const heard = await person.hears("hello group");
      expect(heard).toMatchObject({ sealed: true, from: phone.aci, device: 2 });
      const data = heard.content?.content?.dataMessage;
      expect(Buffer.from(data?.groupV2?.masterKey ?? [])).toEqual(Buffer.from(played.masterKey));
      expect(data?.groupV2?.revision).toBe(0);
      expect(`${phone.aci}/${data?.timestamp}`).toBe(id);
    }
    const transcript = await phone.journal.find("the transcript", ({ content }) => {
      return content?.content?.syncMessage?.content?.sent?.message?.body === "hello group";
    });
    const sent = transcript.content?.content?.syncMessage?.content?.sent;
    expect(sent?.destinationServiceIdBinary).toBeNull();
    expect(Buffer.from(sent?.message?.groupV2?.masterKey ?? [])).toEqual(Buffer.from(played.masterKey));
    expect(sent?.unidentifiedStatus).toMatchObject([{ unidentified: true }, { unidentified: true }]);
  });

  test("is encrypted once for all who have the key, which each gets once", async () => {
    const { session, wim } = stage;
    const played = await group("Twice", cas);
    const before = [wim, cas].map(({ journal }) => journal.entries.length);
    await session.saysIn(chatOf(played), "first");
    await session.saysIn(chatOf(played), "second");
    for (const [index, person] of [wim, cas].entries()) {
      await person.hears("second");
      const got = person.journal.entries.slice(before[index]);
      const keys = got.filter(({ content }) => (content?.senderKeyDistributionMessage?.length ?? 0) > 0);
      expect([got.length, keys.length]).toEqual([3, 1]);
    }
    expect((await keyOf(played))?.holders.map(({ isReached }) => isReached)).toEqual([true, true]);
  });

  test("cannot be read by who left: the others get another key", async () => {
    const { session, wim } = stage;
    const played = await group("Leaving", cas);
    await session.saysIn(chatOf(played), "while Cas is in it");
    await cas.hears("while Cas is in it");
    const left = await played.removes(wim, [cas]);
    await left.acknowledged;
    await stage.event("group-members");
    await session.saysIn(chatOf(played), "without Cas");
    expect((await dataIn(wim, "without Cas"))?.groupV2?.revision).toBe(1);
    const holders = (await keyOf(played))?.holders ?? [];
    expect(holders.map(({ person }) => person)).toEqual([personIdOf(wim)]);
    expect(cas.journal.entries.filter((heard) => textOf(heard) === "without Cas")).toEqual([]);
  });

  test("replies, reactions, edits, deletions and typing cross as between two, and an admin deletes what others wrote", async () => {
    const { session, phone, wim } = stage;
    const played = await group("All kinds", cas);
    const chat = chatOf(played);
    const id = session.nextId();
    await session.saysIn(chat, "the first", id);
    const first = Number((await dataIn(cas, "the first"))?.timestamp);
    const theirs = await played.says(wim, "Wim's own");
    await theirs.acknowledged;
    await stage.event("message", theirs.timestamp);
    const target = messageIdOf({ author: personIdOf(wim), timestamp: theirs.timestamp });
    await session.sendsIn(chat, { kind: "reaction", target, own: false, emoji: "👍" });
    await session.sendsIn(chat, { kind: "edit", target: id, message: textOfOurs("the second") });
    await session.sendsIn(chat, { kind: "delete", target });
    await session.sendsIn(chat, { kind: "delete", target: id });
    const { journal } = cas;
    const kinds = await journal.find("the last of them", ({ content }) => {
      return content?.content?.dataMessage?.delete?.targetSentTimestamp !== undefined;
    });
    expect(kinds.sealed).toBe(true);
    const data = journal.entries.flatMap(({ content }) => content?.content?.dataMessage ?? []);
    const reaction = data.find((one) => one.reaction)?.reaction;
    expect([reaction?.emoji, Number(reaction?.targetSentTimestamp)]).toEqual(["👍", theirs.timestamp]);
    const edit = journal.entries.flatMap(({ content }) => content?.content?.editMessage ?? [])[0];
    expect([Number(edit?.targetSentTimestamp), edit?.dataMessage?.body]).toEqual([first, "the second"]);
    const admin = data.find((one) => one.adminDelete)?.adminDelete;
    expect(Number(admin?.targetSentTimestamp)).toBe(theirs.timestamp);
    await phone.tellsDevices(settingsContent(true, true)).then(({ acknowledged }) => acknowledged);
    session.client.setTyping(chat, true);
    const typing = await journal.find("typing", ({ content }) => content?.content?.typingMessage != null);
    expect(Buffer.from(typing.content?.content?.typingMessage?.groupId ?? []).toString("base64url")).toBe(
      played.id,
    );
    expect(typing.from).toBe(phone.aci);
  });

  test("is refused in words where only admins write, and where our person was put out: nobody gets it", async () => {
    const { session, wim } = stage;
    const played = await group("Closed", cas);
    const writes = (text: string) => session.saysIn(chatOf(played), text);
    await writes("before");
    const news = (kind: "group-permissions" | "group-members") =>
      session.sink.until(kind, () =>
        session.sink.events.some((event) => event.chat === chatOf(played) && event.kind === kind),
      );
    await played.makesAdmin(wim, stage.phone, false);
    await played.announces(wim, true);
    await news("group-permissions");
    await expect(writes("too late")).rejects.toMatchObject({
      certain: true,
      words: "Only admins write in this group. Ask one of them to make you an admin, or to let all write.",
    });
    const target = messageIdOf({ author: personIdOf(wim), timestamp: 1 });
    await session.sendsIn(chatOf(played), { kind: "reaction", target, own: false, emoji: "👍" });
    await played.announces(wim, false);
    await played.removes(wim, [stage.phone]);
    await news("group-members");
    await expect(writes("from outside")).rejects.toMatchObject({
      certain: true,
      words: expect.stringMatching(
        /^You are not in this group any more, so nobody there gets what you write\./,
      ),
    });
    await played.says(wim, "without them");
    await cas.hears("without them");
    const texts = cas.journal.entries.map(textOf);
    expect(texts.filter((text) => text === "too late" || text === "from outside")).toEqual([]);
  });

  test("reaches the others where one left Signal, who is named once", async () => {
    const { session, wim, world } = stage;
    const gone = await world.mock.person("Gone");
    const played = await group("With one gone", gone);
    await session.saysIn(chatOf(played), "all are here");
    await gone.hears("all are here");
    world.mock.server.unregister(gone.phone);
    await session.saysIn(chatOf(played), "one is gone");
    await session.saysIn(chatOf(played), "still gone");
    await wim.hears("still gone");
    // Of each message: the bridge says it once.
    const named = { chat: chatOf(played), person: gone.aci, why: "gone" };
    expect(session.sink.unreachedMembers).toEqual([named, named]);
  });

  test("reaches who blocked our person, and so takes nothing by their profile key", async () => {
    const { session, world } = stage;
    const { server } = world.mock;
    const blocks = await world.mock.person("Blocks");
    const played = await group("With who blocked us", blocks);
    server.faults.sends({ kind: "unauthorized" }, { to: blocks.aci });
    await session.saysIn(chatOf(played), "all the same");
    expect(await blocks.hears("all the same")).toMatchObject({ sealed: true, from: stage.phone.aci });
    expect(session.sink.unreachedMembers.filter(({ person }) => person === blocks.aci)).toEqual([]);
    server.faults.clear();
  });

  test("goes to nobody who was put out meanwhile, which the server of groups alone has told", async () => {
    const { session, wim, world } = stage;
    const out = await world.mock.person("Out");
    const played = await group("Put out quietly", out);
    await session.client.chatInfo(chatOf(played));
    await played.removes(wim, [out], { tells: [] });
    await session.saysIn(chatOf(played), "not for who is out");
    await wim.hears("not for who is out");
    expect(out.journal.entries.filter((heard) => textOf(heard) === "not for who is out")).toEqual([]);
    expect((await keyOf(played))?.holders.map(({ person }) => person)).toEqual([personIdOf(wim)]);
  });

  test("reaches a device that a member has added, which gets the key alone", async () => {
    const { session, world } = stage;
    const tim = await world.mock.person("Tim");
    const played = await group("New device", tim);
    await session.saysIn(chatOf(played), "one device");
    const added = await tim.secondDevice();
    await session.saysIn(chatOf(played), "two devices");
    await tim.hears("two devices");
    const devices = (await keyOf(played))?.holders.filter(({ person }) => person === personIdOf(tim));
    expect(devices?.map(({ device, isReached }) => [device, isReached])).toEqual([
      [1, true],
      [added.deviceId, true],
    ]);
  });

  test("goes to each alone where the server of groups cannot be asked", async () => {
    const { session, wim, world } = stage;
    const played = await group("No endorsements", cas);
    await session.client.chatInfo(chatOf(played));
    const { faults } = world.mock.server;
    faults.requests("/storageService/v2/groups", { status: 503 }, { times: 2 });
    faults.requests("/v2/groups", { status: 503 }, { times: 2 });
    await session.saysIn(chatOf(played), "one by one");
    faults.clear();
    for (const person of [wim, cas]) await person.hears("one by one");
    expect(await keyOf(played)).toBeUndefined();
  });

  const times = ({ journal }: Person, text: string) =>
    journal.entries.filter((heard) => textOf(heard) === text).length;

  test.each([
    ["its tokens, once", [{ kind: "unauthorized" }]],
    ["its tokens, and the new ones", [{ kind: "unauthorized" }, { kind: "unauthorized" }]],
    ["a device it has not named, which is none", [{ kind: "devices", missing: [7] }]],
    ["a device of a member's that is gone", [{ kind: "devices", extra: [1] }]],
    ["a device of a member's that was set up anew", [{ kind: "devices", stale: [1] }]],
  ] as const)("reaches everybody once where the server refuses %s", async (name, answers) => {
    const { session, wim, world } = stage;
    const played = await group(`Refused ${name}`, cas);
    await session.saysIn(chatOf(played), `before ${name}`);
    for (const answer of answers)
      world.mock.server.faults.sendsToMany(answer.kind === "devices" ? { ...answer, to: cas.aci } : answer);
    await session.saysIn(chatOf(played), name);
    await session.saysIn(chatOf(played), `after ${name}`);
    for (const person of [wim, cas]) {
      await person.hears(`after ${name}`);
      expect(times(person, name)).toBe(1);
    }
    expect(world.mock.server.faults.nextToMany()).toBeUndefined();
    expect(session.sink.unreachedMembers.filter(({ chat }) => chat === chatOf(played))).toEqual([]);
  });

  test("reaches the others where a member's devices are others each time, who is named", async () => {
    const { session, wim, world } = stage;
    const played = await group("Changing", cas);
    await session.saysIn(chatOf(played), "before they change");
    const { faults } = world.mock.server;
    faults.sendsToMany({ kind: "devices", to: cas.aci, stale: [1] }, { times: 4 });
    await session.saysIn(chatOf(played), "while they change");
    faults.clear();
    await wim.hears("while they change");
    const named = session.sink.unreachedMembers.filter(({ chat }) => chat === chatOf(played));
    expect(named).toEqual([{ chat: chatOf(played), person: cas.aci, why: "refused" }]);
    await session.saysIn(chatOf(played), "after they changed");
    await cas.hears("after they changed");
    expect(times(cas, "while they change")).toBe(0);
  });

  test("goes to nobody who was put out when the server refuses the tokens, of which the new ones lack them", async () => {
    const { session, wim, world } = stage;
    const out = await world.mock.person("Put out");
    const played = await group("Renewed", out);
    await session.saysIn(chatOf(played), "with the tokens of before");
    await out.hears("with the tokens of before");
    await played.removes(wim, [out], { tells: [] });
    world.mock.server.faults.sendsToMany({ kind: "unauthorized" });
    await session.saysIn(chatOf(played), "with new ones");
    await wim.hears("with new ones");
    expect(times(out, "with new ones")).toBe(0);
    expect(session.sink.unreachedMembers.filter(({ chat }) => chat === chatOf(played))).toEqual([]);
  });
});
