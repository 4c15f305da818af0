import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { ContactName } from "../../tools/earlier-bridge/facts.ts";
import { processEnvironment } from "../../tools/process/environment.ts";
import { projectRoot } from "../../tools/world/world.ts";
import { bodies, EarlierRemains, relation, said } from "../kit/earlier-remains.ts";
import { ana, bot, EarlierWorld } from "../kit/earlier-world.ts";
import { readDisk } from "../kit/fake-homeserver-disk.ts";
import { sha256 } from "../kit/sample-files.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

/*
 * What a bridge of an earlier version left when it was killed in the middle of traffic, and the sandbox and homeserver
 * that know what they had from it. tools/earlier-bridge/make.ts made it, and tells how it came to be.
 */
jest.setTimeout(240_000);

const stack = new AsyncDisposableStack();
const { path: folder } = stack.use(temporaryFolder());
const writing = ["Wim", "Bea", "Fred", "Mia", "Nel"] as const;
const eight = (words: string): readonly string[] => [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${words} ${n}`);
const began = (name: string): readonly string[] => [`hello ${name}`, `how are you, ${name}?`];

let remains: EarlierRemains;
let facts: EarlierRemains["facts"];
let world: EarlierWorld;
/** Place in the homeserver's timeline where the new bridge began. */
let beganAt: number;
let keysBefore: unknown;

const phoneOf = (name: ContactName) => remains.phone(world, name);
const roomOf = (name: ContactName) => remains.room(world, name);
const shown = (name: ContactName) => remains.shown(world, name);
const heard = (name: ContactName) => remains.heard(world, name);

beforeAll(async () => {
  remains = new EarlierRemains("test/earlier/d663ec4.tar.zst", folder);
  facts = remains.facts;
  expect(remains.missing()).toEqual([]);
  keysBefore = remains.keys();

  // It was killed two seconds ago.
  const { now } = Date;
  const shift = facts.killedAt + 2_000 - now();
  jest.spyOn(Date, "now").mockImplementation(() => now() + shift);
  const place = { folder, code: projectRoot, shift };
  world = stack.use(await EarlierWorld.start(place, (homeserver) => readDisk(homeserver, folder)));
  beganAt = world.homeserver.state.position;
  await world.control.call("DELETE", "/faults");
  await world.startBridge();
  await Promise.all([world.connected("whatsapp"), world.connected("messenger")]);
});

afterAll(() => stack.disposeAsync());

const refused = /safety number/;
const closed = /Not delivered\. This chat is closed/;

/** What the bot said in chats since the new bridge began. */
const told = (): readonly string[] =>
  world.homeserver.state.timeline
    .slice(beganAt)
    .filter(
      ({ type, sender, room_id: room }) =>
        type === "m.room.message" && sender === bot && room !== facts.management,
    )
    .map(({ content }) => String(content["body"]));

describe("a bridge that starts where an earlier version was killed in mid-traffic", () => {
  beforeAll(async () => {
    const { edited, reacted } = facts.parked;
    await phoneOf("Wim").does("says", { to: ana, id: edited, text: "came after its edit" });
    await phoneOf("Wim").does("says", { to: ana, id: reacted, text: "came after its reaction" });
    await world.event("Nel's first message", said("Nel 1"));
    for (const name of writing) {
      await phoneOf(name).says(ana, `${name} at last`);
      world.says(roomOf(name), { msgtype: "m.text", body: `at last, ${name}` });
    }
    await Promise.all(
      writing.flatMap((name) => [
        world.event(`${name}'s last message`, said(`${name} at last`)),
        phoneOf(name).hears(`at last, ${name}`, { seconds: 60 }),
      ]),
    );
  });

  test("brings to Matrix what waited, once and in order", () => {
    expect(shown("Bea")).toEqual(["Bea says hello", "Bea is fine", ...eight("Bea"), "Bea at last"]);
    expect(shown("Fred")).toEqual([
      "Fred says hello",
      "Fred is fine",
      "arriving.png",
      ...eight("Fred"),
      "Fred at last",
    ]);
    expect(shown("Mia")).toEqual(["Mia says hello", "Mia is fine", ...eight("Mia"), "Mia at last"]);
    expect(shown("Nel")).toEqual([...eight("Nel"), "Nel at last"]);
    expect(shown("Wim")).toEqual([
      "Wim says hello",
      "Wim is fine",
      "nice",
      "came after its edit",
      "came after its reaction",
      "Wim at last",
    ]);
  });

  test("brings to the networks what waited, once and in order", async () => {
    const all = async (name: ContactName) => bodies(await heard(name));
    expect(await all("Wim")).toEqual([
      ...began("Wim"),
      "look at this",
      "not this",
      ...eight("to Wim"),
      "at last, Wim",
    ]);
    expect(await all("Bea")).toEqual([...began("Bea"), ...eight("to Bea"), "at last, Bea"]);
    expect(await all("Fred")).toEqual([
      ...began("Fred"),
      "sent.bin",
      "sending.bin",
      ...eight("to Fred"),
      "at last, Fred",
    ]);
    expect(await all("Mia")).toEqual([...began("Mia"), ...eight("to Mia"), "at last, Mia"]);
    expect(await all("Nel")).toEqual(["at last, Nel"]);
  });

  test("runs the commands that waited, once each", async () => {
    const wanted = [/The chat with Otto is open/, /\d+\.\d+\.\d+/, /WhatsApp[^]*Messenger/];
    const answers = () =>
      world.homeserver.state.timeline
        .slice(beganAt)
        .filter(({ room_id: room, sender }) => room === facts.management && sender === bot)
        .flatMap(({ content: { body } }) => (typeof body === "string" ? [body] : []));
    await world.until("an answer to each", () =>
      wanted.every((words) => answers().some((answer) => words.test(answer))) ? true : undefined,
    );
    // Somebody who is kept waiting is told so, and the answers to what is quick come before.
    expect(answers().filter((words) => !words.includes("takes a moment"))).toHaveLength(3);
  });

  test("makes one room of a chat whose room was being made", () => {
    const rooms = new Set(
      world.homeserver.state.timeline.filter(said("Nel 1")).map(({ room_id: room }) => room),
    );
    expect(rooms.size).toBe(1);
    const { state } = world.homeserver;
    const ours = [...state.rooms.values()].filter((room) => state.membership(room, bot) === "join");
    expect(ours.filter((room) => state.membership(room, ana) !== "join").map(({ id }) => id)).toEqual([]);
  });

  test("applies the edit and the reaction that waited for their message, and repeats none that was made", async () => {
    const room = world.room(roomOf("Wim")).events;
    const event = (body: string) => room.find(said(body))?.event_id;
    const edits = room.filter((each) => relation(each).rel_type === "m.replace" && each.sender !== ana);
    expect(edits.map((each) => [relation(each).event_id, each.content["m.new_content"]])).toEqual([
      [event("came after its edit"), expect.objectContaining({ body: "edited before it came" })],
    ]);
    const own = room.find(({ sender, content }) => sender === ana && content["body"] === "look at this");
    const reactions = room.filter(({ type, sender }) => type === "m.reaction" && sender !== ana);
    expect(reactions.map((each) => [relation(each).event_id, relation(each).key])).toEqual([
      [own?.event_id, "👍"],
      [event("came after its reaction"), "🎉"],
    ]);
    const others = (await heard("Wim")).filter(({ kind }) => kind !== "text").map(({ kind }) => kind);
    expect(others).toEqual(["reaction", "edit", "delete"]);
  });

  test("goes on serving files, and brings those that were half done byte for byte", async () => {
    const { sent, sending, arriving } = facts.files;
    const fred = phoneOf("Fred");
    expect(sha256(await fred.media(sent.id))).toBe(sent.sha256);
    const file = (await heard("Fred")).find(({ media }) => media?.name === "sending.bin");
    expect(sha256(await fred.media(file?.id ?? ""))).toBe(sending);
    const event = world.room(roomOf("Fred")).events.find(({ content }) => content["body"] === "arriving.png");
    expect(sha256(await world.homeserver.media.bytes(String(event?.content["url"])))).toBe(arriving);
  });

  test("leaves the archive read-only, with nothing new in it, and knows that it is one", async () => {
    const { state } = world.homeserver;
    const room = world.room(roomOf("Gerrit"));
    expect(state.power(room, ana)).toBeLessThan(state.needed(room, "m.room.message", false));
    expect(room.events.filter(({ stream, type }) => stream > beganAt && type === "m.room.message")).toEqual(
      [],
    );
    // As what was on its way when the room was closed.
    world.says(room.id, { msgtype: "m.text", body: "are you there?" });
    await world.event(
      "the refusal",
      ({ room_id: id, content }) => id === room.id && closed.test(String(content["body"])),
    );
  });

  test("sends nothing to a contact whose safety number changed until it is compared", async () => {
    const room = roomOf("Carla");
    const { stream } = world.says(room, { msgtype: "m.text", body: "another secret" });
    await world.event(
      "the refusal",
      (event) =>
        event.stream > stream && event.room_id === room && refused.test(String(event.content["body"])),
    );
    await world.asks(facts.management, "verified whatsapp Carla", /is verified/);
    world.says(room, { msgtype: "m.text", body: "is it you?" });
    await phoneOf("Carla").hears("is it you?");
    expect(bodies(await heard("Carla"))).toEqual([...began("Carla"), "is it you?"]);
    expect(shown("Carla")).toEqual(["Carla says hello", "Carla is fine", "this is my new phone"]);
    expect(told().filter((words) => !refused.test(words) && !closed.test(words))).toEqual([]);
  });

  test("goes on with the keys and sessions there were, and keeps to the profile", async () => {
    expect(remains.keys()).toEqual(keysBefore);
    for (const name of writing) {
      const { items } = await phoneOf(name).inbox();
      expect(items.filter(({ kind }) => kind === "undecryptable")).toEqual([]);
    }
    expect(await world.control.violations()).toEqual({ violations: [] });
  });

  test("has nothing left that comes again at the next start", async () => {
    const before = await Promise.all(writing.map(heard));
    const rooms = writing.map(shown);
    await world.bridge.stop();
    await world.startBridge();
    await Promise.all([world.connected("whatsapp"), world.connected("messenger")]);
    for (const name of writing) {
      await phoneOf(name).says(ana, `${name} once more`);
      await world.event(`${name}'s word`, said(`${name} once more`));
      world.says(roomOf(name), { msgtype: "m.text", body: `once more, ${name}` });
      await phoneOf(name).hears(`once more, ${name}`);
    }
    expect(writing.map(shown)).toEqual(rooms.map((lines, at) => [...lines, `${writing[at]} once more`]));
    expect((await Promise.all(writing.map(heard))).map(bodies)).toEqual(
      before.map((items, at) => [...bodies(items), `once more, ${writing[at]}`]),
    );
  });

  test("takes the configuration as it is, and says once in its log, and at a check, what to write instead", async () => {
    const log = readFileSync(join(folder, "bridge.log"), "utf8").split("\n");
    const hint = (key: string) => `${key} has another place: write it as networks.meta_interop.${key},`;
    const starts = log.filter((line) => line.includes(" ready ")).length;
    for (const key of ["partner", "identifiers"])
      expect(log.filter((line) => line.includes(hint(key)))).toHaveLength(starts);
    expect(log.filter((line) => line.includes(" ERROR "))).toEqual([]);
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--disable-warning=DEP0060", "src/cli.ts", "check-config", ...world.options],
      { cwd: projectRoot, env: processEnvironment() },
    );
    expect(stdout).toContain("is in order.");
    expect(stdout).toContain("Networks: whatsapp, messenger.");
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringContaining(hint("partner")),
      expect.stringContaining(hint("identifiers")),
    ]);
  });
});
