import { beforeAll, describe, expect, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import type { Json } from "../../tools/matrix/api.ts";
import type { SignalPhone } from "../../tools/signal-mock/client.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import type { ShownRoom } from "../kit/other-client.ts";
import { hasFfmpeg, voiceNote } from "../kit/sample-files.ts";
import { anaOnSignal } from "../kit/signal/on-signal.ts";

const here = anaOnSignal({ secrets: ["canary-5g", "Wandelclub"] });

/** Members, who wrote to our person alone before, so that their ghosts are known. */
let wim: OpenChat<SignalPhone>;
let cas: OpenChat<SignalPhone>;
beforeAll(async () => {
  wim = await here.contact("Wim Wandelaar");
  cas = await here.contact("Cas Club");
});

/** The room in which a text stands, and the text's event. */
const shown = (text: string) =>
  here.viewer.until(`“${text}”`, ({ rooms }) => {
    for (const room of rooms) {
      const event = room.events.find(({ content }) => content["body"] === text);
      if (event) return { room, event };
    }
    return undefined;
  });

/** A group of Wim's with our person and Cas, and its room. */
async function group(title: string) {
  const id = await wim.phone.does("createsGroup", { title, people: [here.own.aci, cas.phone.aci] });
  await wim.phone.does("writesIn", { group: id, text: `${title} begins` });
  const { room } = await shown(`${title} begins`);
  const when = (what: string, holds: (room: ShownRoom) => boolean) => here.viewer.room(room.id, what, holds);
  const said = (words: RegExp) =>
    here.viewer.room(room.id, String(words), ({ events }) =>
      events.find(({ content }) => words.test(String(content["body"]))),
    );
  return { id, room: room.id, when, said };
}

describe("a group on Signal", () => {
  test("what each member writes is in one room, by their own ghosts, under the group's name", async () => {
    const { id, room } = await group("Wandelclub");
    await wim.phone.does("writesIn", { group: id, text: "Sunday at ten, canary-5g" });
    const first = await shown("Sunday at ten, canary-5g");
    await cas.phone.does("writesIn", { group: id, text: "I am in", byKey: true });
    const second = await shown("I am in");
    expect([first.room.id, second.room.id]).toEqual([room, room]);
    expect([first.event.sender, second.event.sender]).toEqual([wim.ghost, cas.ghost]);
    expect(second.room.name).toContain("Wandelclub");
    await here.own.does("writesIn", { group: id, text: "from my own phone" });
    expect((await shown("from my own phone")).room.id).toBe(room);
  });

  test("what our person writes reaches each member, and by whom it is there and read is shown without a word", async () => {
    const { room, when } = await group("Schaakclub");
    const previews = { "com.beeper.linkpreviews": [] };
    const content = { msgtype: "m.text", body: "whose move is it?", ...previews };
    const event = await here.ana.client.send(room, "m.room.message", content);
    const [item] = await Promise.all([wim.heard("whose move is it?"), cas.heard("whose move is it?")]);
    await when("the bot's receipt", ({ readUpTo }) => readUpTo[here.world.botId] === event);
    for (const { phone } of [wim, cas]) await phone.does("reads", { to: here.own.aci, target: item.id });
    const isRead = ({ readUpTo }: ShownRoom) => [wim, cas].every(({ ghost }) => readUpTo[ghost] === event);
    const isStatus = ({ type }: { readonly type: string }) => type === "com.beeper.message_send_status";
    const since = await here.viewer.room(room, "that both have read it, and that it is there", (shown) => {
      const later = shown.events.slice(shown.events.findIndex(({ id }) => id === event) + 1);
      return isRead(shown) && later.some(isStatus) && later;
    });
    expect(since.filter(({ type }) => type === "m.room.message")).toEqual([]);
    expect(since.filter(isStatus)).toMatchObject([{ content: { status: "SUCCESS" } }]);
  });

  test("name, description and members follow what members do, and say whose doing it was", async () => {
    const { id, when, said } = await group("Leesclub");
    await cas.phone.does("renamesGroup", { group: id, title: "Boekenclub" });
    await when("the new name", ({ name }) => name.includes("Boekenclub"));
    await said(/^Cas Club named the group “Boekenclub”/);
    await wim.phone.does("describesGroup", { group: id, text: "Every first Friday" });
    await when("the topic", ({ topic }) => topic === "Every first Friday");
    await when("that Cas is in it", ({ members }) => members[cas.ghost] === "join");
    await wim.phone.does("removes", { group: id, people: [cas.phone.aci] });
    await when("that Cas is out", ({ members }) => members[cas.ghost] !== "join");
    await wim.phone.does("adds", { group: id, people: [cas.phone.aci] });
    await when("that Cas is in again", ({ members }) => members[cas.ghost] === "join");
  });

  test("who is put out of a group keeps its room to read, and writes there again once put in", async () => {
    const { id, when } = await group("Kookclub");
    await wim.phone.does("removes", { group: id, people: [here.own.aci] });
    await when("that the room is closed", ({ maySpeak }) => !maySpeak);
    await wim.phone.does("adds", { group: id, people: [here.own.aci] });
    await when("that the room is open", ({ maySpeak }) => maySpeak);
  });

  test("who is invited is asked in a room of the group's, with by whom and how many are in it", async () => {
    const group = await wim.phone.does("createsGroup", { title: "Zangkoor", people: [cas.phone.aci] });
    await wim.phone.does("invites", { group, person: here.own.aci });
    const asked = await here.viewer.until("the question", ({ rooms }) => {
      for (const { name, events } of rooms) {
        const event = events.find(({ content }) => /invites you to/.test(String(content["body"])));
        if (event) return { name, words: String(event.content["body"]) };
      }
      return undefined;
    });
    expect(asked.name).toContain("Zangkoor");
    expect(asked.words).toMatch(
      /^Wim Wandelaar invites you to the group “Zangkoor” on Signal, which has 2 members\./,
    );
  });

  // What the mock takes and ignores of a group, who writes in it for one, the played server carries out on it.
  test("made from here is there at once: texts, a voice note, its timer and who writes in it reach its members", async () => {
    const { client, management } = here.ana;
    const { botId } = here.world;
    const whom = [wim, cas].map(({ ghost }) => ghost).join(", ");
    const ask = (text: string, answer: RegExp) => askBot(client, botId, management, text, answer);
    await ask(`create-group signal Kaartclub with ${whom}`, /^There is the group “Kaartclub”/);
    const { id: room } = await here.viewer.until("the group's room", ({ rooms }) =>
      rooms.find(({ name }) => name.startsWith("Kaartclub")),
    );
    await client.send(room, "m.room.message", { msgtype: "m.text", body: "who deals?" });
    const { groupV2: first } = await wim.phone.fields("who deals?");
    expect(await cas.phone.fields("who deals?")).toMatchObject({ groupV2: first });

    await ask("timer signal Kaartclub 1 day", /^New messages with the group “Kaartclub” disappear 1 day/);
    const said = (words: string) =>
      here.viewer.room(room, words, ({ events }) => events.some(({ content }) => content["body"] === words));
    await said("You set messages to disappear 1 day after they are read.");
    if (hasFfmpeg) {
      const bytes = voiceNote();
      const url = await here.viewer.upload(bytes, "audio/ogg");
      const voice = { msgtype: "m.audio", body: "Voice message", "org.matrix.msc3245.voice": {} };
      const info = { mimetype: "audio/ogg", size: bytes.length };
      await client.send(room, "m.room.message", { ...voice, url, info });
      for (const { phone } of [wim, cas])
        expect(
          await phone.fieldsOf("the voice note", ({ attachments }) => Object(attachments).length === 1),
        ).toMatchObject({ attachments: [{ contentType: "audio/aac", flags: 1 }], expireTimer: 86_400 });
    }

    const levels = await client.state(room, "m.room.power_levels");
    const path = `v3/rooms/${encodeURIComponent(room)}/state/m.room.power_levels/`;
    await client.call("PUT", path, { ...levels, events_default: 50 });
    const isDecided = ({ groupV2 }: Json) =>
      Object(groupV2)["revision"] === 2 && Object(groupV2)["groupChange"] != null;
    await cas.phone.fieldsOf("who writes", isDecided);
    await here.viewer.room(room, "who writes", ({ events }) => {
      const last = events.findLast(({ type }) => type === "m.room.power_levels");
      return last?.sender === botId && last.content["events_default"] === 50;
    });
  });
});
