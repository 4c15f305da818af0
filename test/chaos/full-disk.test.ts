import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import Database from "better-sqlite3";
import { eventually } from "../kit/eventually.ts";
import { OpenChat } from "../kit/open-chat.ts";
import type { OtherClient } from "../kit/other-client.ts";
import { SmallDisk } from "../kit/small-disk.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

const here = SmallDisk.possible() ? describe : describe.skip;

let disk: SmallDisk;
let world: TestWorld;
let ana: TestPerson;
let viewer: OtherClient;
/** Each test has a contact of its own. */
let chat: OpenChat;
let chats = 0;
/** How much the bridge had printed before the test. */
let printedBefore = 0;

/** Both sides write; what is said is numbered by the caller. */
async function both(name: string): Promise<void> {
  await chat.does("says", { text: `from the phone ${name}` });
  await chat.say(`from Matrix ${name}`);
}

async function arrived(names: readonly string[]): Promise<void> {
  const last = names.at(-1) ?? "";
  await chat.text(`from the phone ${last}`);
  await chat.heard(`from Matrix ${last}`);
  const { events } = await chat.stillWorks();
  const shown = events.map(({ content }) => String(content["body"]));
  const heard = (await chat.phone.inbox()).items.filter(({ repeat }) => repeat !== true);
  const of = (side: string, said: readonly string[]) =>
    said.filter((text) => text.startsWith(`from ${side} `));
  expect(of("the phone", shown)).toEqual(names.map((name) => `from the phone ${name}`));
  expect(
    of(
      "Matrix",
      heard.map(({ text }) => text ?? ""),
    ),
  ).toEqual(names.map((name) => `from Matrix ${name}`));
}

const push = async (): Promise<number> => {
  const { appservice, tokens } = world.world;
  const event = {
    type: "m.room.message",
    event_id: "$pushed-on-a-full-disk",
    room_id: chat.room,
    sender: ana.userId,
    origin_server_ts: Date.now(),
    content: { msgtype: "m.text", body: "not to be kept" },
  };
  const response = await fetch(`${appservice}/_matrix/app/v1/transactions/full-${Math.random()}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${tokens.hs}` },
    body: JSON.stringify({ events: [event] }),
  });
  return response.status;
};

const printedEver = (): string => readFileSync(world.world.files.logs.bridge, "utf8");
const printed = (): string => printedEver().slice(printedBefore);
const logged = (): string => readFileSync(world.world.files.bridgeLog, "utf8");
const FULL = /The disk with the bridge's database is full\. Free some space/;

/** What the bridge says when it ends by itself at its start; undefined where it runs. */
const refusal = (): Promise<string | undefined> =>
  world.world.startBridge().then(
    () => undefined,
    (error: unknown) => String(error),
  );

here("a disk of its own, where one can be mounted:", () => {
  beforeAll(async () => {
    disk = new SmallDisk(64);
    world = await TestWorld.start({ bridgeData: disk.path });
    ana = await world.person("Ana", ["whatsapp"]);
    viewer = await world.otherClient("ana");
  });

  afterAll(async () => {
    using mounted = disk;
    mounted.clear();
    await world[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    chats += 1;
    printedBefore = printedEver().length;
    chat = await OpenChat.begin({ world, person: ana, viewer, network: "whatsapp", name: `Vol ${chats}` });
  });

  afterEach(async () => {
    const { control, files } = world.world;
    disk.clear();
    const violations = await control.violations();
    const db = new Database(files.database, { readonly: true });
    const found = db.pragma("integrity_check", { simple: true });
    db.close();
    expect({ found, violations }).toEqual({ found: "ok", violations: { violations: [] } });
  });

  test("started on a full disk it ends with words, and what was sent meanwhile arrives at the next start", async () => {
    const { bridge } = world.world;
    await bridge.stop();
    disk.fill();
    expect(disk.free).toBe(0);
    await both("while full");
    expect(await refusal()).toMatch(new RegExp(`${FULL.source} on it, and start the bridge again`));
    disk.clear();
    await world.world.startBridge();
    await both("after");
    await arrived(["while full", "after"]);
  });

  test("started on a disk that was full when it was killed it refuses both sides until there is room", async () => {
    await both("before");
    const { bridge } = world.world;
    await bridge.kill("SIGKILL");
    disk.fill();
    await both("while away");
    if ((await refusal()) === undefined) {
      expect(await push()).toBe(503);
      await both("while full");
      await eventually("the bridge to say why", () => FULL.test(printed()));
    } else await both("while full");
    disk.clear();
    if (!bridge.running) await world.world.startBridge();
    await both("after");
    await arrived(["before", "while away", "while full", "after"]);
  });

  test("a disk that fills while the bridge runs refuses both sides, and the bridge goes on by itself", async () => {
    const names = Array.from({ length: 30 }, (_, n) => `while full ${n}`);
    disk.fill();
    for (const name of names) await both(name);
    expect(await push()).toBe(503);
    await eventually("the bridge to say why", () => FULL.test(printed()));
    disk.clear();
    await both("after");
    await arrived([...names, "after"]);
    expect(world.world.bridge.running).toBe(true);
    expect(printed()).not.toContain("nobody caught");
    expect(logged().split("\n").at(-2)).toMatch(/^20\d\d-/);
  });

  test("started on a disk that may only be read it ends with words, and goes on when it may be written", async () => {
    await world.world.bridge.stop();
    disk.lock();
    await both("while locked");
    expect(await refusal()).toMatch(/cannot be written\. Give .*write permission.*not read-only/);
    disk.unlock();
    await world.world.startBridge();
    await both("after");
    await arrived(["while locked", "after"]);
  });
});
