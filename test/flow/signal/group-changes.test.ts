import { beforeAll, describe, expect, test } from "@jest/globals";
import type { GroupChange, GroupInfo } from "../../../src/core/model/groups.ts";
import type { ChatId } from "../../../src/core/model/ids.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import { proto } from "../../../tools/signal-mock/mock-server.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { PlayedGroup } from "../../../tools/signal-mock/played-group.ts";
import { MediaWorkshop } from "../../kit/media-workshop.ts";
import { memoryFile } from "../../kit/memory-file.ts";
import { picture } from "../../kit/sample-files.ts";
import { personIdOf, SignalSession } from "../../kit/signal/signal-session.ts";
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

describe("what our person changes in a group of Signal's", () => {
  const change = (played: PlayedGroup, what: GroupChange, id = stage.session.nextId()) =>
    stage.session.sendsIn(chatOf(played), { kind: "group-change", change: what }, id);
  const stateOf = async (played: PlayedGroup) =>
    (await stage.world.store.family(signalFamily).group(stage.session.login.id, chatOf(played)))?.state;
  const changeHeard = (person: Person, played: PlayedGroup, revision: number) =>
    person.journal.find("the change", ({ content }) => {
      const context = content?.content?.dataMessage?.groupV2;
      const isThis = Buffer.from(context?.masterKey ?? []).equals(Buffer.from(played.masterKey));
      return isThis && context?.revision === revision && (context.groupChange?.length ?? 0) > 0;
    });

  test("is signed by the server, told to the members, and made anew on what others changed meanwhile", async () => {
    const played = await group("Old name", cas);
    await stage.session.saysIn(chatOf(played), "before the change");
    await played.renames(stage.wim, "Wim's name", { tells: [] });
    await change(played, { kind: "name", name: "Our name" });
    expect(await stateOf(played)).toMatchObject({ title: "Our name", revision: 2 });
    for (const person of [stage.wim, cas]) await changeHeard(person, played, 2);
    await change(played, { kind: "name", name: "Our name" });
    expect((await stateOf(played))?.revision).toBe(2);
  });

  test.each<[string, (person: Person) => GroupChange, object]>([
    ["a name", () => ({ kind: "name", name: "Newer" }), { title: "Newer" }],
    ["a timer", () => ({ kind: "timer", seconds: 60 }), { timer: 60 }],
    [
      "who writes",
      () => ({ kind: "permission", what: "writes", role: "admin" }),
      { announcementsOnly: true },
    ],
    ["who is in it", (person) => ({ kind: "remove", person: personIdOf(person), name: "Cas" }), {}],
    ["that our person is", () => ({ kind: "leave" }), {}],
  ])(
    "is once what it was to be where the bridge ended between the server's word and its own: %s",
    async (_, of, is) => {
      const { session, wim } = stage;
      const played = await group("Cut off", cas);
      await session.saysIn(chatOf(played), "known here");
      const id = session.nextId();
      session.sink.failures = 1;
      await expect(change(played, of(cas), id)).rejects.toMatchObject({ reason: "storage" });
      expect((await stateOf(played))?.revision).toBe(0);
      expect((await played.state()).version).toBe(1);
      await session.disconnect();
      await session.connect();
      await change(played, of(cas), id);
      expect((await played.state()).version).toBe(1);
      expect(await stateOf(played)).toMatchObject({ revision: 1, ...is });
      const members = (await played.state()).members?.length;
      expect((await stateOf(played))?.members).toHaveLength(members ?? 0);
      // Whom the first try did not tell learns of it with the next message.
      if (of(cas).kind === "leave") return;
      await session.saysIn(chatOf(played), "after it");
      expect((await wim.hears("after it")).content?.content?.dataMessage?.groupV2?.revision).toBe(1);
    },
  );

  test("takes a member out, who is told, and leaves once: a repeat is success", async () => {
    const played = await group("Ends", cas);
    const person = personIdOf(cas);
    const out: GroupChange = { kind: "remove", person, name: "Cas" };
    await change(played, out);
    await change(played, out);
    await changeHeard(cas, played, 1);
    expect((await stateOf(played))?.members.map((member) => member.person)).not.toContain(person);
    await change(played, { kind: "leave" });
    await change(played, { kind: "leave" });
    await changeHeard(stage.wim, played, 2);
    expect((await played.state()).members).toHaveLength(1);
  });

  test("is refused in words where the group does not let our person, and where Signal has no such thing", async () => {
    const played = await group("Mine", cas);
    await expect(change(played, { kind: "name", name: " " })).rejects.toMatchObject({
      words: "Signal takes no group without a name.",
      certain: true,
    });
    const text = "mxc://example.org/text";
    stage.session.files.set(text, memoryFile(Buffer.from("no picture")));
    await expect(change(played, { kind: "avatar", uri: text })).rejects.toMatchObject({
      words: "Signal takes a picture for a group that is a JPEG, PNG or WebP of at most 2 MB.",
    });
    await played.makesAdmin(stage.wim, stage.phone, false, { tells: [] });
    await stage.session.client.chatInfo(chatOf(played));
    const { acknowledged } = await played.says(stage.wim, "you are no admin any more");
    await acknowledged;
    await stage.session.sink.until("the role", () =>
      stage.session.sink.texts().includes("you are no admin any more"),
    );
    await expect(
      change(played, { kind: "remove", person: personIdOf(cas), name: "Cas" }),
    ).rejects.toMatchObject({ words: "Only admins of this group may remove members. Ask one of them." });
  });

  // The mock takes these and ignores them; the played server carries them out on it (obeyed-changes.ts).
  test("puts somebody in whose key is known, describes, and says who is an admin: all members end in that state", async () => {
    const played = await group("Grows", cas);
    const dirk = await stage.world.mock.person("Dirk");
    const { timestamp } = await dirk.says(stage.phone, "my key");
    await stage.event("message", timestamp);
    await change(played, { kind: "topic", topic: "a topic" });
    await change(played, { kind: "add", person: personIdOf(dirk), name: "Dirk" });
    await change(played, { kind: "role", person: personIdOf(cas), name: "Cas", role: "member" });
    await changeHeard(dirk, played, 3);
    expect(await stateOf(played)).toMatchObject({ revision: 3, description: "a topic" });
    const admins = (await stateOf(played))?.members.map(({ person, admin }) => [person, admin]);
    expect(new Map(admins as [string, boolean][])).toEqual(
      new Map([
        [personIdOf(stage.wim), true],
        [personIdOf(stage.phone), true],
        [personIdOf(cas), false],
        [personIdOf(dirk), false],
      ]),
    );
    await stage.session.saysIn(chatOf(played), "welcome, Dirk");
    await dirk.hears("welcome, Dirk");
  });

  // The mock takes the permissions and ignores them; the played server carries them out on it (obeyed-changes.ts).
  test("lets admins alone write and change it, and has its messages disappear: all end in that state, told once", async () => {
    const played = await group("Ruled", cas);
    const { session } = stage;
    const rules = [
      { kind: "permission", what: "writes", role: "admin" },
      { kind: "permission", what: "changes", role: "admin" },
      { kind: "timer", seconds: 3_600 },
    ] as const;
    for (const one of rules) {
      await change(played, one);
      await change(played, one);
    }
    const ruled = {
      revision: 3,
      announcementsOnly: true,
      access: { attributes: "admins", members: "admins" },
      timer: 3_600,
    };
    expect(await stateOf(played)).toMatchObject(ruled);
    expect(await played.state()).toMatchObject({ version: 3, announcementsOnly: true });
    await changeHeard(cas, played, 3);
    const told = session.sink.events.filter(({ chat }) => chat === chatOf(played));
    expect(told.filter(({ kind }) => kind === "timer")).toMatchObject([
      { sender: undefined, seconds: 3_600 },
    ]);
    await session.saysIn(chatOf(played), "gone in an hour");
    const { content } = await cas.hears("gone in an hour");
    expect(content?.content?.dataMessage?.expireTimer).toBe(3_600);
    await expect(change(played, { kind: "permission", what: "writes", role: "owner" })).rejects.toMatchObject(
      {
        words: "Signal's groups have members and admins, and no owner.",
      },
    );
    await change(played, { kind: "permission", what: "changes", role: "member" });
    await change(played, { kind: "timer", seconds: 0 });
    expect(await stateOf(played)).toMatchObject({
      access: { attributes: "members", members: "members" },
      timer: 0,
    });
    await played.makesAdmin(stage.wim, stage.phone, false, { tells: [] });
    const { acknowledged } = await played.says(stage.wim, "only admins rule");
    await acknowledged;
    await session.sink.until("the role", () => session.sink.texts().includes("only admins rule"));
    await expect(
      change(played, { kind: "permission", what: "writes", role: "member" }),
    ).rejects.toMatchObject({
      words: "Only admins of this group may say who may do what in it. Ask one of them.",
    });
  });

  // The mock hosts no pictures: the played server does (group-pictures.ts).
  test("gives it a picture, which only its members can read, and takes it away again", async () => {
    const { world, wim } = stage;
    await using workshop = await MediaWorkshop.open();
    await using session = await SignalSession.start(world, "Pia", workshop.tools);
    const played = await PlayedGroup.create(world.mock.server, "Pictured", wim, session.phone);
    await world.store.write((tx) =>
      tx.family(signalFamily).addGroup(session.login.id, chatOf(played), played.masterKey),
    );
    const image = Buffer.from(await picture("png"));
    const uri = "mxc://example.org/picture";
    session.files.set(uri, await workshop.tools.spool(memoryFile(image).read(), image.length));
    const sets = (to: string) =>
      session.sendsIn(chatOf(played), { kind: "group-change", change: { kind: "avatar", uri: to } });
    const result = await sets(uri);
    await changeHeard(wim, played, 1);
    const { avatar } = (await session.client.chatInfo(chatOf(played))) as GroupInfo;
    expect(avatar).toBe(result?.avatar);
    await using file = await session.client.openMedia(avatar ?? "");
    expect(await workshop.tools.inspect(file, "image")).toMatchObject({
      mimetype: "image/png",
      width: 64,
      height: 48,
    });
    const stored = world.mock.server.pictures.stored((await played.state()).avatarUrl ?? "");
    expect(stored?.length).toBeGreaterThan(file.size);
    expect(Buffer.from(stored ?? []).includes("PNG")).toBe(false);
    await sets("");
    expect((await played.state()).avatarUrl).toBe("");
  });

  test("accepts an invitation with our profile's key, and declines another, as the phone is told", async () => {
    const { session, phone, wim } = stage;
    const { server } = stage.world.mock;
    const played = await PlayedGroup.create(server, "Invited", wim, cas);
    const { acknowledged } = await played.invites(wim, phone);
    await acknowledged;
    await session.sink.until("the invitation", () =>
      session.sink.events.some(({ chat }) => chat === chatOf(played)),
    );
    await session.client.answerRequest(chatOf(played), true);
    await session.client.answerRequest(chatOf(played), true);
    expect((await played.state()).members).toHaveLength(3);
    const answerFor = async ({ id }: PlayedGroup) => {
      const heard = await phone.journal.find("the answer", ({ content }) => {
        const sync = content?.content?.syncMessage?.content?.messageRequestResponse;
        return Buffer.from(sync?.groupId ?? []).toString("base64url") === id;
      });
      return heard.content?.content?.syncMessage?.content?.messageRequestResponse?.type;
    };
    const { Type } = proto.SyncMessage.MessageRequestResponse;
    expect(await answerFor(played)).toBe(Type.ACCEPT);
    const kept = async () => (await phone.phone.getStorageState())?.getGroup(played.group);
    expect(await kept()).toMatchObject({ whitelisted: true, masterKey: played.masterKey });
    const other = await PlayedGroup.create(server, "Declined", wim, cas);
    await (await other.invites(wim, phone)).acknowledged;
    await session.sink.until("the invitation", () =>
      session.sink.events.some(({ chat }) => chat === chatOf(other)),
    );
    await session.client.answerRequest(chatOf(other), false);
    await session.client.answerRequest(chatOf(other), false);
    const state = await other.state();
    expect([state.members?.length, state.membersPendingProfileKey?.length]).toEqual([2, 0]);
    expect(await answerFor(other)).toBe(Type.DELETE);
    expect((await phone.phone.getStorageState())?.getGroup(other.group)).toBeUndefined();
  });
});
