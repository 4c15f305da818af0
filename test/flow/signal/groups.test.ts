import { beforeAll, describe, expect, test } from "@jest/globals";
import type { RemoteEvent } from "../../../src/core/model/events.ts";
import type { ChatId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import type { PlayedGroup } from "../../../tools/signal-mock/played-group.ts";
import { personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
let cas: Person;
beforeAll(async () => {
  cas = await stage.world.mock.person("Cas");
});

const text = (body: string) => ({ kind: "text", style: "text", body: plainText(body) });
const chatOf = ({ id }: PlayedGroup): ChatId => `group.${id}` as ChatId;

/** A group of Wim's with our person and Cas. */
const group = (title: string): Promise<PlayedGroup> =>
  stage.world.mock.createGroup(title, stage.wim, stage.phone, cas);

const eventsIn = (played: PlayedGroup): readonly RemoteEvent[] =>
  stage.session.sink.events.filter(({ chat }) => chat === chatOf(played));

const stateOf = async (played: PlayedGroup) => {
  const { store } = stage.world;
  return (await store.family(signalFamily).group(stage.session.login.id, chatOf(played)))?.state;
};

describe("a group of Signal's", () => {
  test("what a member writes first is in it, and the group is as the server has it", async () => {
    const played = await group("Ploeg 7");
    const { timestamp, acknowledged } = await played.says(stage.wim, "hello all");
    await acknowledged;
    expect(await stage.event("message", timestamp)).toMatchObject({
      chat: chatOf(played),
      sender: personIdOf(stage.wim),
      message: { parts: [text("hello all")] },
    });
    const info = await stage.session.client.chatInfo(chatOf(played));
    expect(info).toMatchObject({
      kind: "group",
      name: "Ploeg 7",
      self: personIdOf(stage.phone),
      isRequest: false,
      permissions: { writes: "member", changes: "member" },
    });
    const roles = info.kind === "group" ? info.members.map(({ person, role }) => [person, role]) : [];
    expect(new Map(roles as [unknown, unknown][])).toEqual(
      new Map([
        [undefined, "admin"],
        [personIdOf(stage.wim), "admin"],
        [personIdOf(cas), "admin"],
      ]),
    );
  });

  test("what comes with a sender key is read as well, from each by their own", async () => {
    const played = await group("Sleutels");
    const texts: string[] = [];
    for (const [person, body] of [
      [stage.wim, "one"],
      [cas, "two"],
      [stage.wim, "three"],
    ] as const) {
      const { timestamp } = await played.sendsByKey(person, { body });
      const event = await stage.event("message", timestamp);
      expect([event.chat, event.sender]).toEqual([chatOf(played), personIdOf(person)]);
      texts.push(body);
    }
    expect(texts).toHaveLength(3);
  });

  test("a change that a member passes on is told as whose it is, and the state is the server's", async () => {
    const played = await group("Oud");
    const { timestamp } = await played.says(cas, "before");
    await stage.event("message", timestamp);
    const renamed = await played.renames(stage.wim, "Nieuw");
    await renamed.acknowledged;
    await played.describes(cas, "Waar het over gaat");
    await played.setsTimer(stage.wim, 3_600);
    await played.announces(stage.wim, true);
    await played.makesAdmin(stage.wim, cas, false);
    const { sink } = stage.session;
    await sink.until("the roles", () => eventsIn(played).some(({ kind }) => kind === "group-roles"));
    const told = eventsIn(played).filter(({ kind }) => kind !== "message");
    expect(told).toMatchObject([
      { kind: "group-name", name: "Nieuw", sender: personIdOf(stage.wim) },
      { kind: "group-topic", topic: "Waar het over gaat", sender: personIdOf(cas) },
      { kind: "timer", seconds: 3_600, sender: personIdOf(stage.wim) },
      { kind: "group-permissions", writes: "admin", changes: "member" },
      { kind: "group-roles", changes: [{ person: personIdOf(cas), role: "member" }] },
    ]);
    expect(await stateOf(played)).toMatchObject({ revision: 5, title: "Nieuw", timer: 3_600 });
  });
});
