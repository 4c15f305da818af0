import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { parse, stringify } from "yaml";
import { askBot, untilConnected } from "../../tools/demo/opt-in.ts";
import { eventually } from "../kit/eventually.ts";
import { onSynapse, viewedPerson } from "../kit/on-synapse.ts";
import { picture } from "../kit/sample-files.ts";
import type { TestPerson } from "../kit/world.ts";

const here = onSynapse({ secrets: ["Carla Ja", "canary-4a"] });

const asks = (person: TestPerson, text: string, answer: RegExp): Promise<string> =>
  askBot(person.client, here.world.botId, person.management, text, answer);
const botSays = (person: TestPerson, words: RegExp): Promise<unknown> =>
  person.client.next(
    String(words),
    ({ sender, roomId, content }) =>
      sender === here.world.botId && roomId === person.management && words.test(String(content["body"])),
  );

async function enlisted(person: TestPerson): Promise<readonly string[]> {
  const users = await here.world.control.users();
  return users.filter(({ visible_id: id }) => id === person.userId).map(({ network }) => network);
}

/** What the bridge's file says, while the bridge is not running. */
async function whileStopped(act: (db: Database.Database) => unknown): Promise<void> {
  const { bridge, files } = here.world.world;
  await bridge.stop();
  const db = new Database(files.database);
  await act(db);
  db.close();
  await here.world.world.startBridge();
}

describe("consent", () => {
  test("nothing is sent anywhere before the notice was read and agreed to, in the EEA", async () => {
    const carla = await here.world.person("Carla", []);
    expect(await asks(carla, "networks", /\(whatsapp\)/)).toMatch(/WhatsApp.*off.*\n.*Messenger.*off/);
    const short = await asks(carla, "enable whatsapp", /please read this/);
    expect(short.split("\n").filter((line) => line.startsWith("• "))).toHaveLength(3);
    for (const words of [/Meta.*learns/, /plain text/, /European Economic Area only/])
      expect(short).toMatch(words);
    const notice = await asks(carla, "more", /please read this/);
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

  test("a reaction agrees, and whoever asks for help has the commands described for their client", async () => {
    const rea = await here.world.person("Rea", []);
    const { client, management: room } = rea;
    const ofBot = (type: string) =>
      client.next(
        type,
        (event) => event.roomId === room && event.sender === here.world.botId && event.type === type,
      );
    const described = ofBot("org.matrix.msc4391.command_description");
    await asks(rea, "help", /To begin, write “enable whatsapp”/);
    expect((await described).content).toMatchObject({
      command: expect.any(String),
      parameters: expect.any(Array),
    });
    const offered = ofBot("m.reaction");
    await asks(rea, "enable whatsapp", /please read this/);
    const relation = (await offered).content["m.relates_to"];
    expect(relation).toMatchObject({ rel_type: "m.annotation", key: "👍" });
    const on = botSays(rea, /WhatsApp is on and connected/);
    await client.send(room, "m.reaction", { "m.relates_to": { ...(relation as object), key: "✅" } });
    await on;
    expect(await enlisted(rea)).toEqual(["whatsapp"]);
  });

  test("a new notice is told unasked; until it is agreed to, sending stops and receiving goes on", async () => {
    const carla = await viewedPerson(here.world, "CarlaNieuw", ["whatsapp"]);
    const chat = await carla.chat("whatsapp", "Wout Notitie");
    const told = botSays(carla, /learns of you has changed/);
    await whileStopped((db) => {
      db.prepare("UPDATE login SET consent_version = 0 WHERE user = ?").run(carla.userId);
    });
    await told;
    await untilConnected(here.world.control, "whatsapp", carla.userId);
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
    const dirk = await here.world.person("Dirk", []);
    const { bridgeConfig } = here.world.world.files;
    const whole = readFileSync(bridgeConfig, "utf8");
    const { networks, ...rest } = parse(whole) as { networks: Record<string, unknown> };
    writeFileSync(bridgeConfig, stringify({ ...rest, networks: { ...networks, messenger: undefined } }));
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

  test("what is written in a chat before its room is closed, when its network is off already, is said not to be sent", async () => {
    const ezra = await viewedPerson(here.world, "Ezra", ["whatsapp"]);
    const chat = await ezra.chat("whatsapp", "Wil Wacht");
    let late = "";
    // As a bridge that was killed while it turned the network off left it, with the room still open.
    await whileStopped(async (db) => {
      late = await chat.say("into the void");
      db.prepare("UPDATE login SET state = 'leaving' WHERE user = ?").run(ezra.userId);
    });
    const { content } = await chat.notice(/closed|not on WhatsApp/, late);
    expect(String(content["body"])).not.toBe("");
    await chat.until("a room in which one cannot speak", ({ maySpeak }) => !maySpeak);
    // What comes after it is refused by the room itself.
    await expect(chat.say("too late")).rejects.toMatchObject({ status: 403, errcode: "M_FORBIDDEN" });
  });

  test("disable deletes keys, queues, hosted files and the registration, also while the gatekeeper is down", async () => {
    const emma = await viewedPerson(here.world, "Emma", ["whatsapp", "messenger"]);
    const chat = await emma.chat("whatsapp", "Wendy Weg");
    const bytes = await picture("png");
    const url = await emma.viewer.upload(bytes, "image/png");
    const info = { mimetype: "image/png", size: bytes.length };
    await chat.send({ msgtype: "m.image", body: "canary-4a.png", url, info });
    await chat.shows("the image", ({ kind }) => kind === "image");
    expect(hosted().length).toBeGreaterThan(0);
    const other = await here.world.contact("messenger", "Mies Blijft");

    await here.world.world.sandbox.kill("SIGKILL");
    const unsent = await chat.say("waits for the gatekeeper");
    expect(await asks(emma, "disable whatsapp yes", /WhatsApp is off/)).toMatch(/keep asking/);
    await chat.notice(/You turned WhatsApp off before it was sent/, unsent);
    await here.world.world.startSandbox();
    await whileStopped(() => undefined);
    await untilConnected(here.world.control, "messenger", emma.userId);
    await chat.notice(/You turned WhatsApp off/);
    await chat.until("a room in which one cannot speak", ({ maySpeak }) => !maySpeak);
    expect(await enlisted(emma)).toEqual(["messenger"]);
    await eventually("nothing of the login left", () => hosted().length === 0 && rowsLeft() === "{}");
    // The other network is as it was.
    await other.says(emma.userId, "Messenger goes on");
    await emma.viewer.until("the other network's message", ({ rooms }) =>
      rooms.some(({ events }) => events.some((each) => each.content["body"] === "Messenger goes on")),
    );

    await asks(emma, "enable whatsapp", /please read this/);
    await asks(emma, "yes", /is on and connected/);
    await chat.phone.says(emma.userId, "welcome back");
    const anew = await emma.viewer.until("a new room", ({ rooms }) =>
      rooms.find(({ events }) => events.some((each) => each.content["body"] === "welcome back")),
    );
    expect(anew.id).not.toBe(chat.room);
  });
});

function hosted(): readonly string[] {
  const folder = join(here.world.world.files.folder, "media", "hosted");
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
  const db = new Database(here.world.world.files.database, { readonly: true });
  return {
    rows: (sql: string) => db.prepare<[], Record<string, unknown>>(sql).all(),
    [Symbol.dispose]: () => void db.close(),
  };
}
