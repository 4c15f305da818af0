import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { HomeserverCopy } from "../kit/homeserver-copy.ts";
import { homeserverUnderTest, roomVersion } from "../kit/homeserver-under-test.ts";
import { OpenChat } from "../kit/open-chat.ts";
import type { OtherClient, ShownRoom } from "../kit/other-client.ts";
import { base64, picture, sha256 } from "../kit/sample-files.ts";
import { carryThrough } from "../kit/traffic.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

let world: TestWorld;
let ana: TestPerson;
let viewer: OtherClient;
let chat: OpenChat;

const begin = (name: string): Promise<OpenChat> =>
  OpenChat.begin({ world, person: ana, viewer, network: "whatsapp", name });

beforeAll(async () => {
  world = await TestWorld.start(homeserverUnderTest());
  ana = await world.person("Ana", ["whatsapp"]);
  viewer = await world.otherClient("ana");
  chat = await begin("Wim Bezoeker");
});

afterAll(async () => {
  const violations = await world.world.control.violations();
  await world[Symbol.asyncDispose]();
  expect(violations).toEqual({ violations: [] });
});

const bodies = ({ events }: ShownRoom): readonly unknown[] => events.map(({ content }) => content["body"]);
const times = (room: ShownRoom, text: string): number => bodies(room).filter((body) => body === text).length;

/** How often the phone shows it, once what was said after it is there too. */
async function heardTimes(text: string): Promise<number> {
  const { items } = await chat.phone.inbox();
  return items.filter((item) => item.kind === "text" && item.text === text && item.repeat !== true).length;
}

test("text", async () => {
  const create = await ana.client.state(chat.room, "m.room.create");
  expect(create["room_version"] ?? "1").toBe(roomVersion);
  await chat.stillWorks();
});

test("media", async () => {
  const bytes = await picture("png");
  await chat.does("sends", { as: "image", media: base64(bytes), mimetype: "image/png", caption: "from Wim" });
  const event = await chat.event("the image", ({ content }) => content["msgtype"] === "m.image");
  expect(sha256((await viewer.download(event.content["url"])).bytes)).toBe(sha256(bytes));
  const url = await viewer.upload(bytes, "image/png");
  const info = { mimetype: "image/png", size: bytes.length, w: 64, h: 48 };
  await chat.send({ msgtype: "m.image", body: "from Ana", filename: "sea.png", url, info });
  const item = await chat.shows("the image", ({ kind }) => kind === "image");
  expect(sha256(await chat.phone.media(item.id))).toBe(sha256(bytes));
});

test("relations", async () => {
  const id = await chat.does("says", { text: "a typo hree" });
  const { id: event } = await chat.text("a typo hree");
  await chat.reply(event, { msgtype: "m.text", body: "where?" });
  expect(await chat.heard("where?")).toMatchObject({ target: id });
  await chat.react(event, "🙂");
  await chat.shows(
    "the reaction",
    ({ kind, target, emoji }) => kind === "reaction" && target === id && emoji === "🙂",
  );
  await chat.does("edits", { target: id, text: "a typo here" });
  await chat.event("the edit", (each) => each.id === event && each.content["body"] === "a typo here");
  await chat.does("reacts", { target: id, emoji: "🎉" });
  await chat.event("the contact's reaction", (each) => each.id === event && "🎉" in each.reactions);
  await chat.does("deletes", { target: id });
  await chat.event("nothing", (each) => each.id === event && each.redacted);
  const mine = await chat.said("mine");
  await chat.edit(mine.event, "mine, changed");
  await chat.shows("the edit", ({ kind, target }) => kind === "edit" && target === mine.id);
  await chat.redact(mine.event);
  await chat.shows("the delete", ({ kind, target }) => kind === "delete" && target === mine.id);
});

test("20 rooms at once", async () => {
  const phones = await Promise.all(
    Array.from({ length: 20 }, (_, at) => world.contact("whatsapp", `Burst ${at}`)),
  );
  await Promise.all(phones.map((phone, at) => phone.says(ana.userId, `first of ${at}`)));
  await viewer.until(
    "every first message in a room of its own",
    ({ rooms }) =>
      phones.every((_, at) => rooms.filter((room) => times(room, `first of ${at}`) === 1).length === 1),
    60,
  );
});

test("kill -9", async () => {
  const phone = await world.contact("whatsapp", "Karel Zwart");
  await carryThrough(world, ana, [phone], 40, async (moment) => {
    await moment(0.2);
    await world.world.bridge.kill("SIGKILL");
    await world.world.startBridge();
    await moment(0.5);
    await world.world.synapse.kill("SIGKILL");
    await world.world.startSynapse();
    await moment(0.8);
    await Promise.all([world.world.bridge.kill("SIGKILL"), world.world.synapse.kill("SIGKILL")]);
    await world.world.startSynapse();
    await world.world.startBridge();
  });
});

/** What a client that begins now shows of the chat. */
function showing(client: OtherClient) {
  const until = <T>(what: string, find: (room: ShownRoom) => T | undefined | false): Promise<T> =>
    client.room(chat.room, what, find);
  return { until, shows: (text: string) => until(text, (each) => bodies(each).includes(text)) };
}

let copy: HomeserverCopy;
let bo: OpenChat;

test("older copy put back", async () => {
  copy = await HomeserverCopy.take(world);
  // All of this is lost by the homeserver, and known to the bridge and the phones.
  bo = await begin("Bo Later");
  const lost = await chat.does("says", { text: "lost with the copy" });
  await chat.text("lost with the copy");
  await chat.said("Ana's, lost with the copy");
  await chat.does("renames", { name: "Wim de Vries" });
  await chat.until("the new name", ({ name }) => name.includes("Wim de Vries"));

  await copy.putBack(async () => {
    await chat.does("says", { text: "while it was away" });
    await bo.does("says", { text: "Bo, while it was away" });
  });
  const { until, shows } = showing(await world.otherClient("ana"));
  await shows("while it was away");
  await chat.does("says", { text: "Wim goes on" });
  await shows("Wim goes on");
  await ana.client.say(chat.room, "Ana goes on");
  await chat.heard("Ana goes on");
  await until("the name it had", ({ name }) => name.includes("Wim de Vries"));
  const ghost = await ana.client.state(chat.room, "m.room.member", chat.ghost);
  expect(ghost["displayname"]).toContain("Wim de Vries");

  // What refers to what is no more stops nothing.
  await chat.does("edits", { target: lost, text: "changed after the loss" });
  await shows("changed after the loss");
  await chat.does("reacts", { target: lost, emoji: "🙂" });
  await chat.does("deletes", { target: lost });
  await chat.does("says", { text: "and on" });
  await shows("and on");
});

test("rooms it lacks", async () => {
  const client = await world.otherClient("ana");
  const { id } = await client.until("Bo's room", ({ rooms }) =>
    rooms.find(({ name }) => name.includes("Bo Later")),
  );
  // A client whose place is ahead of the homeserver's may never be shown an invitation made before it asked.
  await ana.client.join(id);
  const again = await client.room(
    id,
    "Bo's words",
    (each) => bodies(each).includes("Bo, while it was away") && each,
  );
  expect(times(again, "Bo, while it was away")).toBe(1);
  expect(Object.entries(again.members)).toContainEqual([bo.ghost, "join"]);
  await ana.client.say(again.id, "Hello again, Bo");
  await bo.phone.hears("Hello again, Bo");
});

test("the same, bridge away", async () => {
  await world.world.bridge.kill("SIGKILL");
  await copy.putBack(async () => {
    await chat.does("says", { text: "Wim, into the second copy" });
  });
  const said = ["one", "two", "three"].map((word) => `Ana, with the bridge away: ${word}`);
  for (const text of said) await ana.client.say(chat.room, text);
  await world.world.startBridge();
  const { until, shows } = showing(await world.otherClient("ana"));
  await shows("Wim, into the second copy");
  for (const text of said) await chat.heard(text);
  await ana.client.say(chat.room, "the end");
  await chat.heard("the end");
  for (const text of [...said, "the end"]) expect([text, await heardTimes(text)]).toEqual([text, 1]);
  await chat.does("says", { text: "Wim's end" });
  const end = await until("Wim's end", (each) => bodies(each).includes("Wim's end") && each);
  expect(times(end, "Wim, into the second copy")).toBe(1);
  expect(times(end, "Wim's end")).toBe(1);
});
