import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../../src/core/model/content.ts";
import type { UserId } from "../../../src/core/model/ids.ts";
import { GroupCipher } from "../../../src/networks/signal/groups/group-cipher.ts";
import { readState } from "../../../src/networks/signal/groups/read-state.ts";
import { GroupSchema } from "../../../src/networks/signal/wire/gen/groups_pb.js";
import { decodeWhole } from "../../../src/networks/signal/wire/protobuf.ts";
import { proto } from "../../../tools/signal-mock/mock-server.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import type { PlayedGroup } from "../../../tools/signal-mock/played-group.ts";
import { signedChange } from "../../../tools/signal-mock/signed-change.ts";
import { memoryFile } from "../../kit/memory-file.ts";
import { chatOfGroup, groupStage } from "../../kit/signal/group-stage.ts";
import { personIdOf } from "../../kit/signal/signal-session.ts";

const here = groupStage();
const { stage } = here;
const raw = (aci: string) => Uint8Array.from(Buffer.from(aci.replaceAll("-", ""), "hex"));

/** What a member's phone got of ours with this text. */
const heard = async (person: Person, text: string) => {
  const { content } = await person.hears(text);
  return content?.content?.dataMessage;
};
const says = (played: PlayedGroup, message: Message) =>
  stage.session.sendsIn(chatOfGroup(played), { kind: "message", message });

describe("in a group of Signal's cross, both ways,", () => {
  test("files and voice notes, once for all", async () => {
    const { session, wim } = stage;
    const played = await here.knownGroup("Bestanden");
    const voice = Buffer.from("a voice note");
    const attachments = await wim.brings([{ bytes: voice, contentType: "audio/aac", pointer: { flags: 1 } }]);
    const { timestamp } = await played.sends(wim, { attachments });
    const { message } = await stage.event("message", timestamp);
    const [part] = message.parts;
    if (part?.kind !== "media" || part.media.source.at !== "network") throw new Error("no file");
    expect(part.media.kind).toBe("voice");
    await using file = await session.client.openMedia(part.media.source.ref);
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.read()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(voice)).toBe(true);
    const bill = Buffer.from("%PDF-1.4 a bill");
    const uri = "mxc://example.org/bill";
    session.files.set(uri, memoryFile(bill));
    const source = { at: "homeserver", uri } as const;
    const media = { kind: "file", source, mimetype: "application/pdf", name: "bill.pdf" } as const;
    const caption = { text: "the bill", spans: [] };
    await says(played, { parts: [{ kind: "media", media, caption }] });
    for (const person of [wim, here.cas]) {
      const [attachment] = (await heard(person, "the bill"))?.attachments ?? [];
      expect(attachment?.fileName).toBe("bill.pdf");
      if (attachment) expect(Buffer.from(await person.file(attachment)).equals(bill)).toBe(true);
    }
  });

  test("mentions of a member, and of our person; one of all stays text, as Signal has none", async () => {
    const { session, wim, phone, world } = stage;
    const played = await here.knownGroup("Genoemd");
    const at = (start: number, aci: string) => ({
      start,
      length: 1,
      associatedValue: { mentionAciBinary: raw(aci) },
    });
    const bodyRanges = [at(0, here.cas.aci), at(2, phone.aci)];
    const { timestamp } = await played.sends(wim, { body: "\ufffc \ufffc", bodyRanges });
    const { message } = await stage.event("message", timestamp);
    expect(message.parts).toMatchObject([
      {
        body: {
          spans: [
            { style: { kind: "mentionPerson", person: personIdOf(here.cas) } },
            { style: { kind: "mentionUser", user: session.login.user } },
          ],
        },
      },
    ]);
    const ghost = "@signal_cas:example.org" as UserId;
    const { network } = session.login;
    const cas = { network, person: personIdOf(here.cas), user: ghost, name: "Cas", shown: "Cas" };
    const row = { ...cas, profile: "named", avatar: "", picture: undefined } as const;
    await world.store.write((tx) => tx.ghosts.add(row));
    const spans = [
      { start: 0, end: 4, style: { kind: "mentionUser", user: ghost } },
      { start: 9, end: 14, style: { kind: "mentionRoom" } },
    ] as const;
    await says(played, { parts: [{ kind: "text", style: "text", body: { text: "@Cas and @room", spans } }] });
    const ours = await wim.journal.find("the mention", ({ content }) =>
      Boolean(content?.content?.dataMessage?.body?.endsWith("and @room")),
    );
    expect(ours.content?.content?.dataMessage?.bodyRanges).toHaveLength(1);
    const [range] = ours.content?.content?.dataMessage?.bodyRanges ?? [];
    expect(range?.associatedValue?.mentionAciBinary).toEqual(raw(here.cas.aci));
  });

  test("messages that disappear by the group's timer, which a message alone does not change", async () => {
    const { session, wim } = stage;
    const played = await here.knownGroup("Verdwijnt");
    const told = await played.setsTimer(wim, 3_600);
    await told.acknowledged;
    await session.sink.until("the timer", () => here.eventsIn(played).some(({ kind }) => kind === "timer"));
    expect(await session.saysIn(chatOfGroup(played), "gone in an hour")).toMatchObject({ expires: 3_600 });
    expect((await heard(here.cas, "gone in an hour"))?.expireTimer).toBe(3_600);
    const { timestamp } = await played.sends(wim, { body: "so is this", expireTimer: 3_600 });
    const event = await stage.event("message", timestamp);
    expect(event.message).toMatchObject({ expires: { seconds: 3_600 } });
    const other = await played.sends(here.cas, { body: "of another mind", expireTimer: 60 });
    await stage.event("message", other.timestamp);
    const timers = here.eventsIn(played).filter(({ kind }) => kind === "timer");
    expect(timers).toMatchObject([{ sender: personIdOf(wim), seconds: 3_600 }]);
    await session.saysIn(chatOfGroup(played), "still an hour");
    expect((await heard(wim, "still an hour"))?.expireTimer).toBe(3_600);
  });

  test("that several type, each of them for themself", async () => {
    const { sink } = stage.session;
    const played = await here.knownGroup("Typen");
    for (const [person, on] of [
      [stage.wim, true],
      [here.cas, true],
      [stage.wim, false],
    ] as const)
      await (await played.types(person, on)).acknowledged;
    const ofGroup = () => sink.signals.filter(({ chat }) => chat === chatOfGroup(played));
    await sink.until("all three", () => ofGroup().length === 3);
    const seen = ofGroup().map(
      ({ sender, active }) => `${sender === personIdOf(stage.wim) ? "Wim" : "Cas"} ${active}`,
    );
    expect(seen.toSorted()).toEqual(["Cas true", "Wim false", "Wim true"]);
  });
});

describe("a group's state is the server's", () => {
  const state = async (played: PlayedGroup) => {
    const cipher = GroupCipher.of(played.masterKey);
    const bytes = proto.Group.encode(await played.state());
    return cipher && readState(cipher, decodeWhole(GroupSchema, bytes));
  };

  test("whether our person, their phone or a member changed it, in whichever order the news comes", async () => {
    const { session, wim, phone } = stage;
    const played = await here.knownGroup("Drie wegen");
    const changes = (change: Parameters<typeof session.sendsIn>[1] & { kind: "group-change" }) =>
      session.sendsIn(chatOfGroup(played), change);
    await changes({ kind: "group-change", change: { kind: "name", name: "by us" } });
    await (await played.describes(phone, "by our phone")).acknowledged;
    await (await played.makesAdmin(wim, here.cas, false)).acknowledged;
    // Two of one revision: ours is made anew on what was there before.
    await played.announces(wim, true, { tells: [] });
    await changes({ kind: "group-change", change: { kind: "name", name: "by us again" } });
    // One that nobody told of is fetched with the next that is.
    await played.setsTimer(wim, 60, { tells: [] });
    await (await played.renames(wim, "by Wim")).acknowledged;
    const { timestamp } = await played.says(wim, "and so it is");
    await stage.event("message", timestamp);
    expect(await here.stateOf(played)).toEqual(await state(played));
    expect((await here.stateOf(played))?.revision).toBe(7);
    const names = here.eventsIn(played).flatMap((event) => (event.kind === "group-name" ? [event.name] : []));
    expect(names).toEqual(["by us", "by us again", "by Wim"]);
  });

  test("and who asks to join by its link is told to our person once, who may let them in", async () => {
    const { session, world } = stage;
    const played = await here.knownGroup("Met link");
    const [eva, tom] = [await world.mock.person("Eva"), await world.mock.person("Tom")];
    const told = () => session.sink.told.filter((words) => words.includes("“Met link”"));
    // What a stranger passes on is not heard: the next message makes it fetched.
    await played.asksToJoin(eva);
    await played.says(stage.wim, "somebody asks");
    await session.sink.until("that somebody asks", () => told().length === 1);
    expect(told()).toEqual([
      expect.stringMatching(
        /^.+ asks to join “Met link” on Signal by its link\. Let them in, or refuse, in Signal on your phone\.$/,
      ),
    ]);
    const change = { kind: "add", person: personIdOf(eva), name: "Eva" } as const;
    await session.sendsIn(chatOfGroup(played), { kind: "group-change", change });
    await played.asksToJoin(tom);
    const refusal = { kind: "remove", person: personIdOf(tom), name: "Tom" } as const;
    const { timestamp } = await played.says(stage.wim, "another one");
    await stage.event("message", timestamp);
    await session.sendsIn(chatOfGroup(played), { kind: "group-change", change: refusal });
    expect(told()).toHaveLength(2);
    expect(await here.stateOf(played)).toEqual(await state(played));
    const { members, requesting } = (await here.stateOf(played)) ?? {};
    expect([members?.some(({ person }) => person === personIdOf(eva)), requesting]).toEqual([true, []]);
  });

  test("and a change that is another group's, or a sender key of who is no member, changes and shows nothing", async () => {
    const { wim, phone, world } = stage;
    const [one, other] = [await here.knownGroup("Een"), await here.knownGroup("Ander")];
    const before = await here.stateOf(one);
    const onServer = await world.mock.server.getGroup(Uint8Array.from(other.group.publicParams.serialize()));
    if (!onServer) throw new Error("the server does not have the group");
    const theirs = signedChange(onServer, other.userId(wim), { modifyTitle: { title: null } }, {});
    const context = { ...(await one.context(theirs)), revision: 1 };
    const { timestamp } = await wim.sends(phone, { body: "forged", groupV2: context });
    // What it says is a member's, and shown; what it says of the group is not believed.
    await stage.event("message", timestamp);
    expect(await here.stateOf(one)).toEqual(before);
    const eve = await world.mock.person("Eve");
    const { timestamp: byKey } = await one.sendsByKey(eve, { body: "by key" });
    await here.settled();
    expect(stage.session.sink.texts()).not.toContain("by key");
    expect(world.log.lines).toContainEqual(
      expect.objectContaining({
        message: "a group's message was left out",
        fields: expect.objectContaining({ message: byKey, reason: "its sender is no member" }),
      }),
    );
  });
});
