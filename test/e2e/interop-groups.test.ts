import { beforeAll, describe, expect, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import type { Json } from "../../tools/matrix/api.ts";
import type { Phone, PhoneItem } from "../../tools/sandbox/control.ts";
import { networkNames } from "../../tools/world/networks.ts";
import { onSynapse, type ViewedPerson, viewedPerson } from "../kit/on-synapse.ts";
import { OpenChat } from "../kit/open-chat.ts";
import type { ShownEvent, ShownRoom } from "../kit/other-client.ts";
import { base64, picture, sha256 } from "../kit/sample-files.ts";

const on = onSynapse({ secrets: ["Wim Wandelaar", "canary-6w", "Wandelclub"] });

let ana: ViewedPerson;
let ben: ViewedPerson;
/** Two on WhatsApp, who wrote to Ana alone before, so that their ghosts are known. */
let wim: OpenChat;
let cas: OpenChat;

beforeAll(async () => {
  const { control } = on.world;
  for (const network of networkNames)
    await control.call("POST", `/networks/${network}`, { features: { groups: true } });
  ana = await viewedPerson(on.world, "Ana");
  ben = await viewedPerson(on.world, "Ben", ["whatsapp"]);
  wim = await ana.chat("whatsapp", "Wim Wandelaar");
  cas = await ana.chat("whatsapp", "Cas Club");
});

const grant = (features: Json) => on.world.control.call("POST", "/networks/whatsapp", { features });

let made = 0;

/** A group of Ana and others, in which who makes it writes; `id`: of the group. */
async function group(maker: Phone, title: string, others: readonly string[] = []) {
  made += 1;
  const members = [ana.userId, ...others];
  const id = await maker.does("createsGroup", { name: title, members, id: `group-${made}` });
  const { world } = on;
  const parts = { world, person: ana, viewer: ana.viewer, phone: maker, self: id, name: title };
  return { id, chat: await OpenChat.with(parts) };
}

/** What a phone shows once that matches, now or later. */
const shows = (phone: Phone, what: string, matches: (item: PhoneItem) => boolean) =>
  phone.shows(what, (item) => item.repeat !== true && matches(item));

const levels = async (room: string) =>
  (await ana.client.state(room, "m.room.power_levels")) as {
    readonly users: Readonly<Record<string, number>>;
    readonly events_default?: number;
  };

/** Whether an event gives somebody this power. */
const powers =
  (user: string, power: number) =>
  ({ type, content }: ShownEvent) =>
    type === "m.room.power_levels" && Object(content["users"])[user] === power;

const setState = (room: string, type: string, content: Json, key = "") =>
  ana.client.call(
    "PUT",
    `v3/rooms/${encodeURIComponent(room)}/state/${type}/${encodeURIComponent(key)}`,
    content,
  );

const ask = (command: string, answer: RegExp) =>
  askBot(ana.client, on.world.botId, ana.management, command, answer);

describe.each(networkNames)("what is written in a group on %s", (network) => {
  test("crosses both ways, each by who wrote it, and what refers to it", async () => {
    const maker = await on.world.contact(network, `Mo Maker ${network}`);
    const other = await on.world.contact(network, `Lies Lid ${network}`);
    const { id, chat } = await group(maker, `Club ${network}`, [other.externalId]);
    const all = (what: string, matches: (item: PhoneItem) => boolean) =>
      Promise.all(
        [maker, other].map((phone) => shows(phone, what, (item) => item.chat === id && matches(item))),
      );
    const said = await other.says(id, "I am in, canary-6w");
    const shown = await chat.text("I am in, canary-6w");
    expect(shown.sender).not.toBe(chat.ghost);
    const { name } = await chat.until("the name", (room) => room.name.startsWith("Club") && room);
    expect(name).toContain(`Club ${network}`);

    const answer = await chat.reply(shown.id, { msgtype: "m.text", body: "welcome" });
    const [heard] = await all("the answer", ({ text }) => text === "welcome");
    expect(heard).toMatchObject({ target: said, from: ana.userId });
    await maker.does("says", { to: id, text: "indeed", target: heard?.id });
    expect((await chat.text("indeed")).replyTo).toBe(answer);

    await chat.react(shown.id, "🥾");
    await all(
      "Ana's boots",
      ({ kind, target, emoji }) => kind === "reaction" && target === said && emoji === "🥾",
    );
    await maker.does("reacts", { to: id, target: heard?.id, emoji: "🎉" });
    const felt = await chat.event("the reaction", (event) => event.id === answer && "🎉" in event.reactions);
    expect(felt.reactions["🎉"]).toEqual([chat.ghost]);

    await chat.edit(answer, "welcome to you");
    await all("the edit", ({ kind, text }) => kind === "edit" && text === "welcome to you");
    await other.does("edits", { to: id, target: said, text: "I am *in*" });
    await chat.event("their edit", (event) => event.id === shown.id && event.edited);
    await chat.redact(answer);
    await all("that it is deleted", ({ kind, target }) => kind === "delete" && target === heard?.id);
    await other.does("deletes", { to: id, target: said });
    await chat.event("that theirs is", (event) => event.id === shown.id && event.redacted);
    expect(await on.world.control.violations()).toEqual({ violations: [] });
  });

  test("has files and mentions in it", async () => {
    const maker = await on.world.contact(network, `Fien Foto ${network}`);
    const other = await on.world.contact(network, `Guus Gast ${network}`);
    const { id, chat } = await group(maker, `Photos ${network}`, [other.externalId]);
    const bytes = await picture("png");
    await maker.does("sends", { to: id, as: "image", media: base64(bytes), mimetype: "image/png" });
    const image = await chat.event("the picture", ({ content }) => content["msgtype"] === "m.image");
    expect(image.sender).toBe(chat.ghost);
    const url = await ana.viewer.upload(bytes, "image/png");
    await chat.send({ msgtype: "m.image", body: "dot.png", url, info: { mimetype: "image/png" } });
    for (const phone of [maker, other]) {
      const item = await shows(
        phone,
        "Ana's picture",
        (one) => one.kind === "image" && one.from === ana.userId,
      );
      expect(item.media?.sha256).toBe(sha256(bytes));
      expect(sha256(await phone.media(item.id))).toBe(sha256(bytes));
    }
    const users = (await on.world.control.users()) as unknown as readonly Json[];
    const us = users.find(({ network: where, visible_id: who }) => where === network && who === ana.userId);
    const [, digits = ""] = /-(\d+)@/.exec(String(us?.["jid"])) ?? [];
    await maker.does("says", { to: id, text: `a look, @${digits}`, mentions: [ana.userId] });
    const asked = await chat.event("the mention", ({ content }) =>
      String(content["body"]).includes("a look"),
    );
    expect(asked.content["m.mentions"]).toEqual({ user_ids: [ana.userId] });
    await chat.send({
      msgtype: "m.text",
      body: "Fien, here",
      format: "org.matrix.custom.html",
      formatted_body: `<a href="https://matrix.to/#/${chat.ghost}">Fien</a>, here`,
      "m.mentions": { user_ids: [chat.ghost] },
    });
    const mentioned = await shows(other, "a mention", ({ text }) => text?.endsWith(", here") === true);
    expect(mentioned).toMatchObject({ mentions: [maker.jid] });
  });
});

describe("a group that its members on WhatsApp change", () => {
  test("has its name, topic, picture, members and roles in the room, and who may write", async () => {
    const { id, chat } = await group(wim.phone, "Wandelclub", [cas.phone.externalId]);
    const { room } = chat;
    const when = (what: string, holds: (room: ShownRoom) => boolean) => chat.until(what, holds);
    await when("that Cas is in it", ({ members }) => members[cas.ghost] === "join");
    await cas.phone.does("renamesGroup", { group: id, name: "Leesclub" });
    await when("the new name", ({ name }) => name.includes("Leesclub"));
    await wim.phone.does("describesGroup", { group: id, text: "On Sundays" });
    await when("the topic", ({ topic }) => topic === "On Sundays");
    await wim.phone.does("setsGroupPicture", { group: id, drawn: "hills" });
    await chat.event(
      "the picture",
      ({ type, content }) => type === "m.room.avatar" && content["url"] !== undefined,
    );
    await wim.phone.does("promotes", { group: id, member: cas.phone.externalId });
    await chat.event("Cas an admin", powers(cas.ghost, 50));
    await wim.phone.does("restrictsGroup", { group: id, writes: "admins" });
    await when("that Ana cannot write", ({ maySpeak }) => !maySpeak);
    await wim.phone.does("promotes", { group: id, member: ana.userId });
    await when("that Ana, an admin, can", ({ maySpeak }) => maySpeak);
    expect((await levels(room)).users[ana.userId]).toBe(51);
    await chat.said("written as an admin");
    await wim.phone.does("removes", { group: id, member: cas.phone.externalId });
    await when("that Cas is out", ({ members }) => members[cas.ghost] !== "join");
    await wim.phone.does("removes", { group: id, member: ana.userId });
    await when("that the room is closed", ({ maySpeak }) => !maySpeak);
    await wim.phone.does("adds", { group: id, members: [ana.userId] });
    await chat.phone.says(id, "welcome back");
    await chat.text("welcome back");
  });
});

describe("a group that our person changes", () => {
  test("is so on WhatsApp, with their doing, and what they delete of others is gone there", async () => {
    const { id, chat } = await group(wim.phone, "Zangclub", [cas.phone.externalId]);
    const { room } = chat;
    await wim.phone.does("promotes", { group: id, member: ana.userId });
    await chat.until("that Cas is in it", ({ members }) => members[cas.ghost] === "join");
    await chat.event("Ana an admin", powers(ana.userId, 51));
    const changed = (change: string, fields: Json = {}) =>
      shows(wim.phone, change, (item) => {
        if (item.kind !== "group" || item.chat !== id || item.from !== ana.userId) return false;
        return Object.entries({ change, ...fields }).every(
          ([field, value]) => JSON.stringify(Object(item)[field]) === JSON.stringify(value),
        );
      });
    await setState(room, "m.room.name", { name: "Koor" });
    await changed("renamed", { text: "Koor" });
    await setState(room, "m.room.topic", { topic: "On Tuesdays" });
    await changed("described", { text: "On Tuesdays" });
    await setState(room, "m.room.avatar", {
      url: await ana.viewer.upload(await picture("png"), "image/png"),
    });
    await changed("pictured", { on: true });
    const members = [cas.phone.externalId];
    const act = (what: string) =>
      ana.client.call("POST", `v3/rooms/${encodeURIComponent(room)}/${what}`, { user_id: cas.ghost });
    await act("kick");
    await changed("removed", { members });
    await act("invite");
    await changed("added", { members });
    const { users, ...others } = await levels(room);
    await setState(room, "m.room.power_levels", { ...others, users: { ...users, [cas.ghost]: 50 } });
    await changed("promoted", { members });
    const said = await cas.phone.says(id, "what an admin deletes");
    const { id: event } = await chat.text("what an admin deletes");
    await chat.redact(event);
    const gone = await shows(
      wim.phone,
      "that it is gone",
      ({ kind, target }) => kind === "delete" && target === said,
    );
    expect(gone).toMatchObject({ from: ana.userId, target_from: cas.phone.externalId });
  });

  test("is made by the bot, and left by it", async () => {
    const whom = [wim, cas].map(({ phone }) => phone.externalId).join(", ");
    await ask(`create-group whatsapp Kookclub with ${whom}`, /^There is the group “Kookclub”/);
    const made = await shows(
      wim.phone,
      "the group",
      ({ change, text }) => change === "created" && text === "Kookclub",
    );
    const { world } = on;
    const parts = {
      world,
      person: ana,
      viewer: ana.viewer,
      phone: wim.phone,
      self: made.chat,
      name: "Kookclub",
    };
    const chat = await OpenChat.with(parts);
    await chat.said("https://chat.whatsapp.com/Abcdefghijklmnop is how one joins");
    await chat.event("Ana the owner", powers(ana.userId, 76));
    const { users, ...others } = await levels(chat.room);
    for (const [power, change] of [
      [50, "promoted"],
      [0, "demoted"],
    ] as const) {
      await setState(chat.room, "m.room.power_levels", {
        ...others,
        users: { ...users, [cas.ghost]: power },
      });
      await shows(wim.phone, change, (item) => item.chat === made.chat && item.change === change);
    }
    await ask("leave-group whatsapp Kookclub yes", /^You leave/);
    await chat.until("that the room is closed", ({ maySpeak }) => !maySpeak);
    await shows(wim.phone, "that Ana left", ({ chat: where, change, members }) => {
      return where === made.chat && change === "removed" && Object(members)[0] === ana.userId;
    });
  });
});

test("groups that the network takes away are read-only with words, and open again", async () => {
  const { id, chat } = await group(wim.phone, "Buurtclub");
  await grant({ groups: false });
  await chat.notice(/^WhatsApp does not let other apps take part in groups at the moment/);
  await chat.until("that the room is closed", ({ maySpeak }) => !maySpeak);
  await wim.said("alone it goes on");
  await grant({ groups: true });
  await chat.until("that the room is open", ({ maySpeak }) => maySpeak);
  await chat.said("here again");
  await wim.phone.says(id, "welcome back");
  await chat.text("welcome back");
});

test("two of our people in one group share its room; one leaves, the other stays", async () => {
  const { id, chat } = await group(wim.phone, "Deelclub", [ben.userId]);
  const { room } = chat;
  const inRoom = (what: string, body: string) =>
    ben.viewer.event(room, what, ({ content }) => content["body"] === body);
  await inRoom("the first message", "Deelclub says hello");
  await chat.said("by Ana");
  expect((await inRoom("Ana's", "by Ana")).sender).toBe(ana.userId);
  await ben.client.say(room, "by Ben");
  const { id: message } = await chat.heard("by Ben");
  const { id: event, sender } = await chat.text("by Ben");
  expect(sender).toBe(ben.userId);
  expect(await chat.heard("by Ben")).toMatchObject({ from: ben.userId });
  await wim.phone.does("reacts", { to: id, target: message, emoji: "🎶" });
  await chat.event("a reaction to Ben's", (each) => each.id === event && "🎶" in each.reactions);
  await wim.phone.does("removes", { group: id, member: ben.userId });
  await chat.until("that Ben is out", ({ members }) => members[ben.userId] !== "join");
  await chat.said("still here");
  await wim.phone.says(id, "just us");
  await chat.text("just us");
  const bodies = (await ana.client.history(room)).map(({ content }) => content["body"]);
  for (const body of ["Deelclub says hello", "by Ana", "by Ben", "still here", "just us"])
    expect(bodies.filter((one) => one === body)).toHaveLength(1);
});
