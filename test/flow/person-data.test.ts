import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, EventId, MessageId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { exportedData } from "../../src/core/people/person-data.ts";
import { hostedFiles } from "../../src/networks/meta-interop/hosted-files.ts";
import { signalFamily } from "../../src/networks/signal/records.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { said } from "../kit/open-flow.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";
import { settle } from "../kit/virtual-clock.ts";

const BRAM = "31655512345@s.whatsapp.net";
const message = (id: string, text: string) => ({
  kind: "message" as const,
  chat: BRAM as ChatId,
  sender: BRAM as PersonId,
  senderName: "Bram Canary",
  at: 0,
  id: id as MessageId,
  message: said(text),
});

/** Ana with a chat, choices and a file; Ben with a chat of his own with the same contact. */
async function eventful() {
  const world = await FlowWorld.start();
  const { client, room: management } = await world.optsIn(ANA);
  await client.brings(message("1", "canary from Bram"));
  await settle();
  const { room, login } = await world.portal(ANA, BRAM);
  await world.says(ANA, room, "canary from Ana");
  await world.says(ANA, management, "inbox separate");
  await world.says(ANA, management, "receipts off");
  await world.says(ANA, management, "mute whatsapp Bram Canary");
  await world.store.write((tx) => {
    tx.family(hostedFiles).add({ id: "canary-file", login, size: 3, at: world.clock.now() });
    tx.family(signalFamily).setTimer(login, BRAM as ChatId, { seconds: 60, version: 1 });
    tx.family(signalFamily).setProfileKey(login, BRAM as PersonId, Buffer.from("canary key"));
    const profile = { name: "Bram as he calls himself", avatar: "", at: 0 };
    tx.family(signalFamily).setProfile(login, BRAM as PersonId, profile);
  });
  const ben = await world.optsIn(BEN);
  await world.network.clientOf(BEN).brings(message("2", "hello Ben"));
  await settle();
  return { world, management, room, login, ben };
}

/** All rows of all tables, and then the file without what was deleted, as text. */
function everythingIn(file: string): string {
  const db = new Database(file);
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  const rows = tables.flatMap((name) => db.prepare(`SELECT '${String(name)}', * FROM ${String(name)}`).all());
  db.exec("VACUUM");
  db.close();
  return `${rows.map((row) => JSON.stringify(row)).join("\n")}\n${readFileSync(file, "latin1")}`;
}

const answers = (world: FlowWorld, room: RoomId): readonly string[] => world.homeserver.shown(room);

test("export-my-data sends a file with what is kept about the person, and nothing of anybody else or of keys", async () => {
  const { world, management, room } = await eventful();
  await using _ = world;
  await world.says(ANA, management, "export-my-data");
  await world.clock.advance(1_000);
  const file = [...world.homeserver.files.values()].find((one) => one?.name === "third-party-chats.json");
  const text = Buffer.from(file?.bytes ?? []).toString();
  const { person, data } = JSON.parse(text);
  expect(person).toBe(ANA);
  expect(data.networks).toMatchObject([{ network: "whatsapp", state: "active" }]);
  expect(data.chats).toMatchObject([{ chat: BRAM, room, state: "open" }]);
  expect(data.contacts.length + data.messages.length).toBeGreaterThan(1);
  expect(data.chat_timers).toEqual([{ chat: BRAM, seconds: 60 }]);
  expect(data.address_book).toMatchObject([{ person: BRAM, profile_name: "Bram as he calls himself" }]);
  expect(data.address_book[0]).not.toHaveProperty("profile_key");
  expect(data.hosted_files).toMatchObject([{ id: "canary-file", size: 3 }]);
  expect(data.management_room).toEqual([{ room: management }]);
  expect(data.chat_choices).toEqual([{ choice: "muted", name: BRAM, value: expect.any(String) }]);
  expect(data.choices).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: ANA, value: "separate" })]),
  );
  expect(text).not.toContain(BEN);
  expect(answers(world, management).at(-1)).toMatch(/This is what I keep about you: \d+ entries/);
});

test("a large export has each row once, whatever comes and goes while it is collected", async () => {
  const { world, room, login } = await eventful();
  await using _ = world;
  const MESSAGES = 2_600;
  const id = (index: number) => `large-${String(index).padStart(6, "0")}` as MessageId;
  const link = (index: number) => ({
    login,
    chat: BRAM as ChatId,
    id: id(index),
    part: 0,
    sender: BRAM as PersonId,
    at: 0,
    room,
    event: `$large-${index}` as EventId,
  });
  await world.store.write((tx) => {
    for (let index = 0; index < MESSAGES; index++) tx.messages.add(link(index));
  });
  let turns = 0;
  const scheduler = {
    async yield() {
      turns += 1;
      // Before what was read, and of what was: neither moves what is read next.
      await world.store.write((tx) => tx.messages.add(link(-turns)));
    },
  };
  const { rows, file } = await exportedData({ store: world.store, clock: world.clock, scheduler }, ANA);
  const pieces: Uint8Array[] = [];
  for await (const piece of file.read()) pieces.push(piece);
  const whole = Buffer.concat(pieces);
  expect(whole).toHaveLength(file.size);
  const { data } = JSON.parse(whole.toString()) as { data: Record<string, { id: string; event: string }[]> };
  expect(Object.values(data).flat()).toHaveLength(rows);
  const events = (data["messages"] ?? []).map(({ event }) => event);
  expect(new Set(events).size).toBe(events.length);
  expect(events.filter((event) => /^\$large-\d/.test(event))).toHaveLength(MESSAGES);
  expect(turns).toBeGreaterThan(MESSAGES / 500);
});

test("delete-my-data asks, and after a yes nothing of the person is in the database, all of others is", async () => {
  const { world, management, room, login, ben } = await eventful();
  await using _ = world;
  await world.says(ANA, management, "delete-my-data");
  expect(answers(world, management).join("\n")).toContain(
    "Delete all that I keep about you? WhatsApp is turned off",
  );
  await world.says(ANA, management, "delete-my-data no");
  expect((await world.store.logins.of(ANA, world.network.id)).map(({ state }) => state)).toEqual(["active"]);
  await world.says(ANA, management, "delete-my-data yes");
  expect(answers(world, management).at(-1)).toContain(
    "In a few seconds all that I keep about you is deleted",
  );
  await world.clock.advance(60_000);
  expect(world.homeserver.room(room).archived).toBe(true);
  await world.says(BEN, ben.room, "status");
  await world.clock.advance(1_000);
  await world.stops();
  const text = everythingIn(world.file);
  for (const word of [ANA, login, room, management, "canary from", "canary-file"])
    expect([word, text.includes(word)]).toEqual([word, false]);
  for (const word of [BEN, ben.room, BRAM]) expect([word, text.includes(word)]).toEqual([word, true]);
  await world.starts();
  // Whoever comes back is as new.
  const again = await world.meets(ANA);
  await world.says(ANA, again, "networks");
  expect(answers(world, again).join("\n")).toMatch(/WhatsApp.*off/s);
});

test("who comes back after delete-my-data has chosen nothing, also before the bridge is started anew", async () => {
  await using world = await FlowWorld.start();
  const { room } = await world.optsIn(ANA);
  await world.says(ANA, room, "statuses off");
  await world.says(ANA, room, "delete-my-data yes");
  await world.clock.advance(60_000);
  const again = await world.meets(ANA);
  await world.says(ANA, again, "statuses");
  expect(answers(world, again).at(-1)).toContain("Statuses are auto.");
});

test("a network that does not confirm keeps the account's id until it does, across a restart", async () => {
  const { world, management, login, room } = await eventful();
  await using _ = world;
  const gone = new BridgeError("remote-unreachable", { words: "away", certain: false });
  let isAway = true;
  const delist = world.network.delist.bind(world.network);
  world.network.delist = async (one) => {
    if (isAway) throw gone;
    return delist(one);
  };
  await world.says(ANA, management, "delete-my-data yes");
  expect(answers(world, management).at(-1)).toContain("WhatsApp did not confirm yet");
  await world.restart();
  await world.clock.advance(120_000);
  expect((await world.store.logins.get(login))?.state).toBe("leaving");
  isAway = false;
  await world.clock.advance(180_000);
  await world.stops();
  const text = everythingIn(world.file);
  for (const word of [ANA, login, room]) expect([word, text.includes(word)]).toEqual([word, false]);
  await world.starts();
});

test("the provisioning API shows a person all that is kept about them, and deletes it", async () => {
  await using here = await ProvisionedWorld.start();
  const { world } = here;
  here.tokens.access.set("ana-token", ANA);
  const { client } = await world.optsIn(ANA);
  await client.says("Bram", "m1", "hello");
  await settle();
  const path = "/_matrix/provision/person/v1/data";
  const kept = async () =>
    (await here.ask("GET", path)).body as unknown as {
      readonly person: string;
      readonly data: Readonly<Record<string, readonly unknown[]>>;
    };
  const { person, data } = await kept();
  expect([person, data["chats"]?.length, data["networks"]?.length]).toEqual([ANA, 1, 1]);
  expect((await here.ask("DELETE", path)).body).toEqual({ unconfirmed: [] });
  await world.clock.advance(60_000);
  expect(Object.values((await kept()).data).flat()).toEqual([]);
});
