import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ChatId } from "../../../src/core/model/ids.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
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
});
