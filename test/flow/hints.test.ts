import { expect, test } from "@jest/globals";
import { commandsFor } from "../../src/commands/table.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import type { MemoryClient } from "../kit/memory-client.ts";
import { MemoryNetwork } from "../kit/memory-network.ts";
import { settle, VirtualClock } from "../kit/virtual-clock.ts";

const commands = commandsFor([new MemoryNetwork(new VirtualClock())]);

/** Contacts, by the id the network has for them, with names that are hard to tell apart or look like more. */
const PEOPLE = new Map([
  ["p1", "Wim"],
  ["p2", "wim"],
  ["p3", "Ｗim"],
  ["p4", "Bob"],
  ["p5", "Bob Yes"],
  ["p6", "Cees #12ab"],
  ["p7", "+31612345678"],
  ["p8", "می‌خواهم"],
  ["p9", "He said “help”"],
]);

const writes = (client: MemoryClient, person: string, id: string) =>
  client.brings({
    kind: "message",
    chat: person as ChatId,
    sender: person as PersonId,
    id: id as MessageId,
    at: 1,
    senderName: PEOPLE.get(person) ?? person,
    message: { parts: [{ kind: "text", style: "text", body: { text: id, spans: [] } }] },
  });

class Hints implements AsyncDisposable {
  readonly world: FlowWorld;
  readonly client: MemoryClient;
  readonly room: Awaited<ReturnType<FlowWorld["meets"]>>;

  constructor(world: FlowWorld, { client, room }: Awaited<ReturnType<FlowWorld["optsIn"]>>) {
    this.world = world;
    this.client = client;
    this.room = room;
  }

  static async begin(): Promise<Hints> {
    const world = await FlowWorld.start();
    const it = new Hints(world, await world.optsIn(ANA));
    for (const person of PEOPLE.keys()) await writes(it.client, person, `hello ${person}`);
    await settle();
    return it;
  }

  async says(text: string): Promise<string> {
    const before = this.world.homeserver.shown(this.room).length;
    await this.world.says(ANA, this.room, text);
    return this.world.homeserver.shown(this.room).slice(before).join("\n");
  }

  /** Types a hint's contact behind a command that changes nothing else, and gives who it was taken for. */
  async meant(target: string): Promise<string | undefined> {
    expect(await this.says(`mute ${target}`)).toContain("If you leave the chat with");
    const [login] = await this.world.store.logins.of(ANA, this.world.network.id);
    let found: string | undefined;
    for (const person of PEOPLE.keys()) {
      const muted = await this.world.store.records.get(`login/${login?.id}/muted`, person);
      if (muted === undefined) continue;
      found = person;
      await this.world.store.write((tx) => tx.records.remove(`login/${login?.id}/muted`, person));
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

/** Commands quoted in what the bot said; those with a gap in them only show the form. */
const hintsIn = (said: string): readonly string[] =>
  [...said.matchAll(/“([a-z-]+(?: [^\n]*?)?)”(?=[.,;\n ]|$)/gu)]
    .map(([, hint = ""]) => hint)
    .filter((hint) => commands.some(({ name }) => hint.split(" ")[0] === name) && !hint.includes("…"));

async function expectTypable(it: Hints, said: string, person?: string): Promise<number> {
  const hints = hintsIn(said);
  for (const hint of hints) {
    const [name = "", ...words] = hint.split(" ");
    const command = commands.find((one) => one.name === name);
    const needed = (command?.usage.match(/<(?!country)/g) ?? []).length;
    expect(`${hint}: ${words.length >= needed}`).toBe(`${hint}: true`);
    if (needed > 0 && name !== "remove") expect(words[0]).toMatch(/^(whatsapp|messenger)$/);
    if (needed < 2) continue;
    const said = words.join(" ");
    const target = name === "report" || name === "verify" ? said.replace(/ (?:yes|no)$/, "") : said;
    const found = await it.meant(target);
    expect(found).toBeDefined();
    if (person !== undefined) expect(`${hint}: ${found}`).toBe(`${hint}: ${person}`);
  }
  return hints.length;
}

test("of contacts with one name each is offered as a command that means them", async () => {
  await using it = await Hints.begin();
  for (const verb of [
    "mute",
    "block",
    "unblock",
    "report",
    "verify",
    "verified",
    "unverified",
    "retry",
    "start-chat",
  ]) {
    const said = await it.says(`${verb} whatsapp Wim`);
    expect(said).toContain("Several contacts are called that");
    const hints = hintsIn(said);
    expect(hints).toHaveLength(3);
    expect(hints.every((hint) => hint.startsWith(`${verb} whatsapp `))).toBe(true);
    const meant: (string | undefined)[] = [];
    for (const hint of hints) meant.push(await it.meant(hint.slice(verb.length + 1)));
    expect(new Set(meant)).toEqual(new Set(["p1", "p2", "p3"]));
  }
});

test("every command the bot suggests of a contact is one it takes, and about that contact", async () => {
  await using it = await Hints.begin();
  const { client, world } = it;
  for (const person of PEOPLE.keys()) {
    const chat = await world.portal(ANA, person);
    // What is exact for this contact: the bot's own answer to a command about them, by their ghost's id.
    const ghost = await world.store.ghosts.byPerson(world.network.id, person as PersonId);
    const id = ghost?.user ?? "";
    let hints = 0;
    for (const verb of [
      "mute",
      "block",
      "report",
      "verify",
      "verified",
      "unverified",
      "retry",
      "start-chat",
    ]) {
      hints += await expectTypable(it, await it.says(`${verb} whatsapp ${id}`), person);
    }
    expect(hints).toBeGreaterThanOrEqual(5);
    const before = world.homeserver.shown(chat.room).length;
    // Blocked by now: the chat says how to lift it.
    await world.says(ANA, chat.room, "hello?");
    await it.says(`unblock whatsapp ${id}`);
    await world.store.write((tx) =>
      tx.contacts.setTrust(chat.login, person as PersonId, person as ChatId, "verified"),
    );
    await client.brings({
      kind: "identity-changed",
      chat: person as ChatId,
      sender: person as PersonId,
      id: `i-${person}` as MessageId,
      at: 2,
    });
    await settle();
    await world.says(ANA, chat.room, "and now?");
    const said = world.homeserver.shown(chat.room).slice(before).join("\n");
    // An answer to the notice itself, in the chat: no command to the bot.
    const reply = " Reply to this with “retry” to send it again.";
    expect(said.split(reply)).toHaveLength(2);
    expect(await expectTypable(it, said.replace(reply, ""), person)).toBeGreaterThanOrEqual(3);
  }
});

test("every command the bot suggests otherwise is whole too", async () => {
  await using it = await Hints.begin();
  const { world } = it;
  const typed = [
    "help",
    "networks",
    "status",
    "enable whatsapp",
    "yes US",
    "yes Nowhere",
    "no",
    "country",
    "country US",
  ];
  const more = [
    "country Nowhere",
    "country NL",
    "inbox",
    "inbox separate",
    "inbox combined",
    "receipts",
    "version",
  ];
  const wrong = [
    "mute",
    "mute whatsapp",
    "mute whatsapp nobody",
    "start-chat whatsapp",
    "foo",
    "report whatsapp",
    "yes",
  ];
  let hints = 0;
  for (const text of [
    ...typed,
    ...more,
    ...wrong,
    "disable whatsapp",
    "disable whatsapp no",
    "disable whatsapp yes",
    "disable whatsapp",
    "yes",
    "mute whatsapp Wim",
  ]) {
    const said = await it.says(text);
    hints += await expectTypable(it, text === "help" ? "" : said);
  }
  expect(hints).toBeGreaterThanOrEqual(18);
  const bens = await world.meets(BEN);
  await world.says(BEN, bens, "yes");
  expect(world.homeserver.shown(bens).at(-1)).toBe(
    "bot: There is nothing to say yes to. Write “enable whatsapp” first.",
  );
});

test("a report says what goes with it, also where that is nothing, and who is called yes is not agreed to", async () => {
  await using it = await Hints.begin();
  const { client, world } = it;
  const said = async (person: string) => {
    const { room } = await world.portal(ANA, person);
    const all = world.homeserver.room(room).events.map(({ event }) => event);
    return { forget: () => all.forEach((event) => void world.homeserver.written.set(event, undefined)), all };
  };
  const bob = await said("p4");
  for (const person of PEOPLE.keys()) (await said(person)).forget();
  expect(await it.says("report whatsapp Bob")).toMatch(
    /^bot: There is no message of Bob here that could be handed over/,
  );
  for (const event of bob.all) world.homeserver.written.delete(event);
  expect(await it.says("report whatsapp Bob")).toContain("is given their last message to you, with the text");
  expect(await it.says("report whatsapp Bob Yes")).toContain("Write “report whatsapp Bob Yes yes”");
  expect(client.reports).toEqual([]);
  expect(await it.says("report whatsapp Bob Yes yes")).toContain(
    "Bob Yes was reported to WhatsApp, with 0 messages.",
  );
  expect(await it.says("report whatsapp Bob yes")).toContain("Write “report whatsapp Bob Yes yes”");
});

test("an invitation is spoken of only to who has to accept it", async () => {
  await using it = await Hints.begin();
  const { world } = it;
  world.puppets.there = false;
  expect(await it.says("start-chat whatsapp Bob")).toBe(
    "bot: The chat with Bob is open: accept the invitation and write there.",
  );
  world.puppets.there = true;
  expect(await it.says("start-chat whatsapp Bob")).toBe("bot: The chat with Bob is open: write there.");
  const { room, login, chat } = await world.portal(ANA, "p4");
  await world.store.write((tx) => tx.portals.setMember({ login, chat }, "joined"));
  world.puppets.there = false;
  expect(await it.says("start-chat whatsapp Bob (WhatsApp)")).toBe(
    "bot: The chat with Bob is open already: write there.",
  );
  await it.says("mute whatsapp Bob");
  world.homeserver.room(room).members.set(ANA, "leave");
  await world.store.write((tx) => tx.portals.setMember({ login, chat }, "left"));
  expect(await it.says("start-chat whatsapp Bob")).toContain("accept the invitation");
  expect(world.homeserver.room(room).members.get(ANA)).toBe("invite");
});

test("the safety number's picture has its size, its type and words for it", async () => {
  await using it = await Hints.begin();
  await it.says("verify whatsapp Bob");
  const picture = it.world.homeserver.room(it.room).events.at(-1)?.send.content;
  expect(picture).toMatchObject({
    msgtype: "m.image",
    filename: "safety-number.png",
    body: "The safety number with Bob as a code, for their phone to scan",
    info: { w: 392, h: 392, size: 3, mimetype: "image/png" },
  });
});
