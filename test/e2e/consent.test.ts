import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import Database from "better-sqlite3";
import { parse, stringify } from "yaml";
import { askBot, untilConnected } from "../../tools/demo/opt-in.ts";
import type { NetworkName } from "../../tools/world/networks.ts";
import { eventually } from "../kit/eventually.ts";
import { OpenChat } from "../kit/open-chat.ts";
import { endQuietly } from "../kit/quiet-end.ts";
import { picture } from "../kit/sample-files.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});

afterAll(() => endQuietly(world, ["Carla Ja", "canary-4a"]));

const asks = (person: TestPerson, text: string, answer: RegExp): Promise<string> =>
  askBot(person.client, world.botId, person.management, text, answer);
const botSays = (person: TestPerson, words: RegExp): Promise<unknown> =>
  person.client.next(
    String(words),
    ({ sender, roomId, content }) =>
      sender === world.botId && roomId === person.management && words.test(String(content["body"])),
  );

async function enlisted(person: TestPerson): Promise<readonly string[]> {
  const users = await world.world.control.users();
  return users.filter(({ visible_id: id }) => id === person.userId).map(({ network }) => network);
}

/** What the bridge's file says, while the bridge is not running. */
async function whileStopped(act: (db: Database.Database) => void): Promise<void> {
  const { bridge, files } = world.world;
  await bridge.stop();
  const db = new Database(files.database);
  act(db);
  db.close();
  await world.world.startBridge();
}

describe("consent", () => {
  test("nothing is sent anywhere before the notice was read and agreed to, in the EEA", async () => {
    const carla = await world.person("Carla", []);
    expect(await asks(carla, "networks", /\(whatsapp\)/)).toMatch(/WhatsApp.*off.*\n.*Messenger.*off/);
    const notice = await asks(carla, "enable whatsapp", /yes/);
    for (const words of [/end-to-end/, /at this bridge/, /plain text/, /when/, /status updates, stickers/]) {
      expect(notice).toMatch(words);
    }
    expect(notice).toMatch(/European Economic Area/);
    expect(await enlisted(carla)).toEqual([]);
    await asks(carla, "yes US", /European Economic Area only.*stay off/s);
    expect(await enlisted(carla)).toEqual([]);
    await asks(carla, "yes", /stay off/);
    await asks(carla, "country Netherlands", /in the EEA/);
    await asks(carla, "enable whatsapp", /yes/);
    await asks(carla, "no", /stays off/);
    await asks(carla, "yes", /nothing to say yes to/);
    await asks(carla, "enable whatsapp", /yes/);
    await asks(carla, "yes", /is on and connected/);
    expect(await enlisted(carla)).toEqual(["whatsapp"]);
    expect(await asks(carla, "networks", /\(whatsapp\)/)).toMatch(/connected.*\n.*Messenger.*off/);
    using db = openDatabase();
    const [kept] = db.rows("SELECT consent_version, consent_at FROM login");
    const records = JSON.stringify(db.rows("SELECT * FROM record"));
    expect(kept).toMatchObject({ consent_version: 1, consent_at: expect.any(Number) });
    expect(records).toMatch(/eea \d{4}-\d\d-\d\d/);
    expect(records).not.toMatch(/netherlands/i);
  });

  test("a new notice is told unasked; until it is agreed to, sending stops and receiving goes on", async () => {
    const carla = await world.person("CarlaNieuw", ["whatsapp"]);
    const viewer = await world.otherClient("carlanieuw");
    const parts = { world, person: carla, viewer, network: "whatsapp", name: "Wout Notitie" } as const;
    const chat = await OpenChat.begin(parts);
    const told = botSays(carla, /learns of you has changed/);
    await whileStopped((db) => {
      db.prepare("UPDATE login SET consent_version = 0 WHERE user = ?").run(carla.userId);
    });
    await told;
    await untilConnected(world.world.control, "whatsapp", carla.userId);
    await chat.does("says", { text: "still arrives" });
    await chat.text("still arrives");
    const held = await chat.say("not sent before you agree");
    await chat.notice(/has changed.*enable whatsapp/s, held);
    await asks(carla, "enable whatsapp", /please read this/);
    await asks(carla, "yes", /is on/);
    await chat.said("sent after the yes");
    const { items } = await chat.phone.inbox();
    expect(items.filter(({ text }) => text === "not sent before you agree")).toEqual([]);
  });

  test("a network that became available is told of once, unasked", async () => {
    const dirk = await world.person("Dirk", []);
    const { bridgeConfig } = world.world.files;
    const whole = readFileSync(bridgeConfig, "utf8");
    const { networks, ...rest } = parse(whole) as { networks: Record<NetworkName, unknown> };
    writeFileSync(bridgeConfig, stringify({ ...rest, networks: { whatsapp: networks.whatsapp } }));
    await whileStopped(() => undefined);
    expect(await asks(dirk, "networks", /\(whatsapp\)/)).not.toMatch(/Messenger/);
    writeFileSync(bridgeConfig, whole);
    const told = botSays(dirk, /Messenger is available now.*enable messenger/s);
    await whileStopped(() => undefined);
    await told;
    expect(await asks(dirk, "networks", /\(messenger\)/)).toMatch(/Messenger/);
    const { timeline } = dirk.client;
    expect(timeline.filter(({ content }) => /available now/.test(String(content["body"])))).toHaveLength(1);
  });

  test("disable deletes keys, queues, hosted files and the registration, also while the gatekeeper is down", async () => {
    const emma = await world.person("Emma", ["whatsapp", "messenger"]);
    const viewer = await world.otherClient("emma");
    const parts = { world, person: emma, viewer, network: "whatsapp", name: "Wendy Weg" } as const;
    const chat = await OpenChat.begin(parts);
    const bytes = await picture("png");
    const url = await viewer.upload(bytes, "image/png");
    const info = { mimetype: "image/png", size: bytes.length };
    await chat.send({ msgtype: "m.image", body: "canary-4a.png", url, info });
    await chat.shows("the image", ({ kind }) => kind === "image");
    expect(hosted().length).toBeGreaterThan(0);
    const other = await world.contact("messenger", "Mies Blijft");

    await world.world.sandbox.kill("SIGKILL");
    expect(await asks(emma, "disable whatsapp", /WhatsApp is off/)).toMatch(/keep asking/);
    const { content } = await chat.notice(/closed|not on WhatsApp/, await chat.say("into the void"));
    expect(String(content["body"])).not.toBe("");
    await world.world.startSandbox();
    await whileStopped(() => undefined);
    await untilConnected(world.world.control, "messenger", emma.userId);
    await chat.notice(/You turned WhatsApp off/);
    await chat.until("a room in which one cannot speak", ({ maySpeak }) => !maySpeak);
    expect(await enlisted(emma)).toEqual(["messenger"]);
    await eventually("nothing of the login left", () => hosted().length === 0 && rowsLeft() === "{}");
    // The other network is as it was.
    await other.says(emma.userId, "Messenger goes on");
    await viewer.until("the other network's message", ({ rooms }) =>
      rooms.some(({ events }) => events.some((each) => each.content["body"] === "Messenger goes on")),
    );

    await asks(emma, "enable whatsapp", /please read this/);
    await asks(emma, "yes", /is on and connected/);
    await chat.phone.says(emma.userId, "welcome back");
    const anew = await viewer.until("a new room", ({ rooms }) =>
      rooms.find(({ events }) => events.some((each) => each.content["body"] === "welcome back")),
    );
    expect(anew.id).not.toBe(chat.room);
  });
});

function hosted(): readonly string[] {
  const folder = join(world.world.files.folder, "media", "hosted");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Tables that hold something of a login that is no more, with how many rows. */
function rowsLeft(): string {
  using db = openDatabase();
  const alive = new Set(db.rows("SELECT id FROM login").map(({ id }) => id));
  const left = db.rows("SELECT name FROM sqlite_master WHERE type = 'table'").flatMap(({ name }) => {
    const columns = db.rows(`SELECT name FROM pragma_table_info('${String(name)}')`);
    // An archived room is kept, and named by a login that is gone.
    if (name === "portal" || !columns.some((column) => column["name"] === "login")) return [];
    const rows = db.rows(`SELECT login FROM ${String(name)}`);
    const dead = rows.filter(({ login }) => login !== null && !alive.has(login)).length;
    return dead === 0 ? [] : [[String(name), dead]];
  });
  return JSON.stringify(Object.fromEntries(left));
}

function openDatabase() {
  const db = new Database(world.world.files.database, { readonly: true });
  return {
    rows: (sql: string) => db.prepare<[], Record<string, unknown>>(sql).all(),
    [Symbol.dispose]: () => void db.close(),
  };
}
