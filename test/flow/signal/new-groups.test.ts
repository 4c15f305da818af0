import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ChatId } from "../../../src/core/model/ids.ts";
import { GroupCipher } from "../../../src/networks/signal/groups/group-cipher.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { personIdOf, SignalSession } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
/** Wrote to our person, so that the key is known by which they are put into a group. */
let cas: Person;
beforeAll(async () => {
  cas = await stage.world.mock.person("Cas");
  const { timestamp } = await cas.says(stage.phone, "my key");
  await stage.event("message", timestamp);
});

const known = (chat: ChatId) => stage.world.store.family(signalFamily).group(stage.session.login.id, chat);

async function onServer(chat: ChatId) {
  const cipher = GroupCipher.of((await known(chat))?.masterKey ?? new Uint8Array());
  const group = cipher && (await stage.world.mock.server.getGroup(cipher.publicParams));
  if (!group) throw new Error("the server does not have the group");
  return group.state;
}

describe("a group that our person makes on Signal", () => {
  test("has them as its admin, who is known as a member, and others as invited: all are told, and they are named", async () => {
    const { session, phone } = stage;
    const eva = await stage.world.mock.person("Eva");
    const people = [personIdOf(cas), personIdOf(eva), personIdOf(phone)];
    const chat = await session.client.createGroup({ key: "one", name: "Ours", people });
    expect(await session.client.chatInfo(chat)).toMatchObject({
      name: "Ours",
      members: expect.arrayContaining([
        { person: undefined, role: "admin" },
        expect.objectContaining({ person: personIdOf(cas), role: "member" }),
      ]),
      permissions: { writes: "member", changes: "member" },
    });
    const state = await onServer(chat);
    expect([state.members?.length, state.membersPendingProfileKey?.length]).toEqual([2, 1]);
    const masterKey = Buffer.from((await known(chat))?.masterKey ?? []);
    for (const person of [cas, eva])
      await person.journal.find("the group", ({ content }) => {
        const context = content?.content?.dataMessage?.groupV2;
        return masterKey.equals(Buffer.from(context?.masterKey ?? [])) && context?.revision === 0;
      });
    await phone.journal.find("the transcript", ({ content }) => {
      const sent = content?.content?.syncMessage?.content?.sent?.message;
      return masterKey.equals(Buffer.from(sent?.groupV2?.masterKey ?? []));
    });
    expect(session.sink.told.filter((words) => words.includes("“Ours”"))).toEqual([
      expect.stringMatching(/^.+ was invited to “Ours” on Signal, and will be in it once they accept\.$/),
    ]);
    await session.saysIn(chat, "welcome");
    await cas.hears("welcome");
  });

  test("is not made where the server of groups does not answer, which the words say", async () => {
    const { session, world } = stage;
    const { faults } = world.mock.server;
    faults.requests("/storageService/v2/groups", { status: 503 }, { times: 1 });
    const wanted = { key: "four", name: "Later", people: [personIdOf(cas)] };
    await expect(session.client.createGroup(wanted)).rejects.toMatchObject({
      words: expect.stringMatching(/Signal's server of groups/),
    });
    faults.clear();
    const chat = await session.client.createGroup(wanted);
    expect((await onServer(chat)).members).toHaveLength(2);
  });

  // At last: the mock keeps one of an account's linked devices connected.
  test("is the same at a repeat, also for who knows nothing of it any more, and where its answer was lost", async () => {
    const { session, world } = stage;
    const wanted = { key: "two", name: "Once", people: [personIdOf(cas)] };
    const chat = await session.client.createGroup(wanted);
    expect(await session.client.createGroup(wanted)).toBe(chat);
    expect(await session.client.createGroup({ ...wanted, key: "three" })).not.toBe(chat);
    // Another device of the same account has the same key, and nothing else.
    await using other = await SignalSession.start(world, stage.phone.name);
    const { faults } = world.mock.server;
    const path = "/storageService/v2/groups";
    // Asked for, the group seems not to be there, with the credentials that are known and with others; then it is.
    faults.requests(path, { status: 403 }, { times: 2 });
    faults.requests(path, { status: 409 });
    expect(await other.client.createGroup(wanted)).toBe(chat);
    const { members, revision } =
      (await world.store.family(signalFamily).group(other.login.id, chat))?.state ?? {};
    expect([members?.length, revision]).toEqual([2, 0]);
  });
});
