import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Phone } from "../../tools/sandbox/control.ts";
import { CryptoClient, type CryptoEvent, type CryptoOption } from "../kit/crypto-client.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";
import { verifiesBot } from "../kit/verified-bot.ts";
import { e2eTimeout, type TestPerson } from "../kit/world.ts";
import { devicesComeAndGo } from "./encrypted-devices.ts";
import { encryptedFiles } from "./encrypted-files.ts";
import { otherMakes } from "./encrypted-other-makes.ts";
import { recoversDevices } from "./encrypted-recovery.ts";

/** What every client shows of an encrypted event that is well: 0 is no shield. */
const WELL = { encrypted: true, failure: null, shield: 0 };
const text = (body: string) => ({ msgtype: "m.text", body });
const says = (body: string) => (event: CryptoEvent) => event.content["body"] === body;

describe("encrypted rooms, on a real Synapse", () => {
  const stack = new AsyncDisposableStack();
  const mode = join(stack.use(temporaryFolder()).path, "mode");
  writeFileSync(mode, "allow");
  const here = onSynapse({
    secrets: ["Grünkohl", "canary-9e"],
    bridgeEnvironment: { BRIDGE_ENCRYPTION__MODE_FILE: mode },
  });
  let ana: TestPerson;
  let wim: Phone;
  let client: CryptoClient;
  let room: string;
  /** A person without cross-signing, and their chat. */
  let old: CryptoClient;
  let olga: { readonly phone: Phone; readonly room: string };

  const started = async (who: string, ...options: readonly CryptoOption[]): Promise<CryptoClient> =>
    stack.use(await CryptoClient.start(here.world.world.homeserver, who, options, `${who}-password`));

  /** The encrypted chat of a person with a contact who writes to them. */
  async function chat(person: TestPerson, of: CryptoClient, contact: string) {
    const phone = await here.world.contact("whatsapp", contact);
    await phone.says(person.userId, `${contact} here`);
    const { room: at } = await of.shows("the first message", says(`${contact} here`));
    await of.encrypt(at);
    return { phone, room: at };
  }

  beforeAll(async () => {
    await here.world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
    ana = await here.world.person("Ana", ["whatsapp"]);
    client = await started("ana");
    ({ phone: wim, room } = await chat(ana, client, "Wim Bezoeker"));
  }, e2eTimeout);
  afterAll(() => stack.disposeAsync(), e2eTimeout);

  test("a person switches a chat to encrypted, and texts cross both ways without a shield", async () => {
    await client.send(room, text("Grünkohl, in secret"));
    await wim.hears("Grünkohl, in secret");
    await wim.says(ana.userId, "Grünkohl, understood");
    expect(await client.shows("the answer", says("Grünkohl, understood"))).toMatchObject(WELL);
  });

  encryptedFiles(() => ({ ana, phone: wim, client, room, control: here.world.control }));

  test("an encrypted direct chat with the bot is a management room", async () => {
    const direct = await client.makeRoom(here.world.botId);
    const welcome = await client.shows(
      "the bot's welcome",
      ({ room: at, sender, type }) =>
        at === direct && sender === here.world.botId && type === "m.room.message",
    );
    expect(welcome).toMatchObject(WELL);
    await client.send(direct, text("status"));
    await client.shows(
      "an answer",
      ({ room: at, content }) =>
        at === direct && /WhatsApp/.test(String(content["body"])) && /on/.test(String(content["body"])),
    );
  });

  test("replies, edits, reactions and deletions cross both ways", async () => {
    const question = await wim.says(ana.userId, "how are you?");
    const asked = await client.shows("the question", says("how are you?"));
    const inReplyTo = { "m.relates_to": { "m.in_reply_to": { event_id: asked.id } } };
    const answer = await client.send(room, { ...text("fine"), ...inReplyTo });
    const heard = await wim.hears("fine");
    expect(heard.target).toBe(question);
    await wim.does("says", { to: ana.userId, text: "good", target: heard.id });
    expect(await client.shows("the reply", says("good"))).toMatchObject({
      ...WELL,
      relation: { "m.in_reply_to": { event_id: answer } },
    });

    const relation = { rel_type: "m.replace", event_id: answer };
    const replacing = { ...text("* very fine"), "m.new_content": text("very fine") };
    await client.send(room, { ...replacing, "m.relates_to": relation });
    await wim.shows(
      "the edit",
      ({ kind, target, text: now }) => kind === "edit" && target === heard.id && now === "very fine",
    );
    await wim.does("edits", { to: ana.userId, target: question, text: "how is it going?" });
    const edit = await client.shows(
      "their edit",
      ({ relation: to }) => to?.["rel_type"] === "m.replace" && to["event_id"] === asked.id,
    );
    expect(edit).toMatchObject({ ...WELL, content: { "m.new_content": { body: "how is it going?" } } });

    const felt = { rel_type: "m.annotation", event_id: asked.id, key: "🥾" };
    await client.send(room, { "m.relates_to": felt }, "m.reaction");
    await wim.shows(
      "the boot",
      ({ kind, target, emoji }) => kind === "reaction" && target === question && emoji === "🥾",
    );
    await wim.does("reacts", { to: ana.userId, target: heard.id, emoji: "🎉" });
    await client.shows(
      "their reaction",
      ({ type, content }) =>
        type === "m.reaction" &&
        JSON.stringify(content["m.relates_to"]).includes(answer) &&
        JSON.stringify(content).includes("🎉"),
    );

    await client.redact(room, answer);
    await wim.shows("the deletion", ({ kind, target }) => kind === "delete" && target === heard.id);
    await wim.does("deletes", { to: ana.userId, target: question });
    await client.shows(
      "their deletion",
      ({ type, content }) => type === "m.room.redaction" && content["redacts"] === asked.id,
    );
  });

  test("typing and receipts cross both ways", async () => {
    const path = `v3/rooms/${encodeURIComponent(room)}`;
    const self = encodeURIComponent(ana.userId);
    const ghost = (await client.shows("their message", says("Wim Bezoeker here"))).sender;
    const shownTyping = ana.client.nextEphemeral(
      "the contact typing",
      ({ roomId, type, content }) =>
        roomId === room && type === "m.typing" && (content["user_ids"] as string[]).includes(ghost),
    );
    await wim.does("types", { to: ana.userId, on: true });
    await shownTyping;
    await ana.client.call("PUT", `${path}/typing/${self}`, { typing: true, timeout: 20_000 });
    await wim.shows("typing", ({ kind, on }) => kind === "typing" && on === true);
    const target = await wim.says(ana.userId, "read this");
    const { id } = await client.shows("what is to be read", says("read this"));
    await ana.client.call("POST", `${path}/receipt/m.read/${encodeURIComponent(id)}`, {});
    await wim.shows("that it was read", (item) => item.receipt === "read" && item.target === target);
    const mine = await client.send(room, text("and you this"));
    const heard = await wim.hears("and you this");
    const shownRead = ana.client.nextEphemeral(
      "their receipt",
      ({ roomId, content }) => roomId === room && JSON.stringify(content[mine] ?? "").includes(ghost),
    );
    await wim.does("reads", { to: ana.userId, target: heard.id });
    await shownRead;
  });

  // The second makes no second identity.
  devicesComeAndGo(
    () => ({ userId: ana.userId, client, phone: wim, room }),
    () => started("ana", "unsigned"),
  );

  test("a group's members write in an encrypted room, each with a device of their own", async () => {
    const cas = await here.world.contact("whatsapp", "Cas Club");
    const group = await wim.does("createsGroup", {
      name: "Club",
      members: [ana.userId, cas.externalId],
      id: "encrypted-club",
    });
    await wim.says(group, "welcome to the club");
    const { room: club } = await client.shows("the group", says("welcome to the club"));
    await client.encrypt(club);
    await client.send(club, text("among us"));
    for (const phone of [wim, cas])
      await phone.shows("our message", (item) => item.chat === group && item.text === "among us");
    for (const [phone, body] of [
      [wim, "by Wim"],
      [cas, "by Cas"],
    ] as const)
      await phone.says(group, body);
    const shown = await Promise.all(
      ["by Wim", "by Cas"].map((body) =>
        client.shows(body, (event) => event.room === club && says(body)(event)),
      ),
    );
    for (const event of shown) expect(event).toMatchObject(WELL);
    expect(new Set(shown.map(({ sender }) => sender)).size).toBe(2);
  });

  recoversDevices(() => ({ world: here.world, userId: ana.userId, client, phone: wim, room }));

  test("a strict client, for which only signed devices count, reads bot and ghost and is read", async () => {
    await client.becomes("strict");
    const { phone, room: at } = await chat(ana, client, "Sam Streng");
    await client.send(at, text("strictly"));
    await phone.hears("strictly");
    await phone.says(ana.userId, "as you like");
    expect(await client.shows("the answer", says("as you like"))).toMatchObject(WELL);
    const direct = await client.makeRoom(here.world.botId);
    const welcome = await client.shows(
      "the bot's welcome",
      ({ room: on, sender, type }) =>
        on === direct && sender === here.world.botId && type === "m.room.message",
    );
    expect(welcome).toMatchObject(WELL);
  });

  test("a person without cross-signing is read and reads; who joins late reads nothing earlier", async () => {
    const otto = await here.world.person("Otto", ["whatsapp"]);
    old = await started("otto", "unsigned");
    olga = await chat(otto, old, "Olga Oud");
    await old.send(olga.room, text("as ever"));
    await olga.phone.hears("as ever");

    const guest = { user_id: otto.userId };
    await ana.client.call("POST", `v3/rooms/${encodeURIComponent(room)}/invite`, guest);
    await old.join(room);
    await wim.says(ana.userId, "to a late joiner as well");
    expect(await old.shows("what is said now", says("to a late joiner as well"))).toMatchObject(WELL);
    const earlier = old.events.filter(({ room: of, encrypted }) => of === room && encrypted);
    expect(earlier.slice(0, -1).map(({ failure }) => failure)).not.toContain(null);
    expect(earlier.length).toBeGreaterThan(1);
  });

  otherMakes(here, stack);

  test("a client that sends keys to verified devices only is told so at once, verifies the bot by emoji, and is read", async () => {
    await client.becomes("verified-only");
    const { length: before } = readFileSync(here.world.world.files.logs.bridge);
    const { phone, room: at } = await chat(ana, client, "Vic Verre");
    const said = await client.send(at, text("to nobody"));
    const words = await client.shows("what became of it", ({ content }) =>
      String(content["body"]).includes("keeps the key"),
    );
    expect(words).toMatchObject({ ...WELL, room: at });
    expect(String(words.content["body"])).toMatch(/Verify the bot/);
    expect(JSON.stringify(words.relation)).toContain(said);
    // It is not tried in vain again and again, with the room's other messages behind it.
    expect(readFileSync(here.world.world.files.logs.bridge, "utf8")).not.toMatch(/tried again.*unreadable/);
    await phone.says(ana.userId, "I heard nothing");
    await client.shows("the contact", says("I heard nothing"));
    expect((await phone.inbox()).items.filter(({ kind }) => kind === "text")).toEqual([]);

    expect(await client.verify(here.world.botId)).toHaveLength(7);
    await verifiesBot(client, here.world.botId);
    await client.send(at, text("to the verified bot"));
    await phone.hears("to the verified bot");
    // What the bot said for that is known to be its own.
    expect(readFileSync(here.world.world.files.logs.bridge).subarray(before).toString()).not.toContain(
      "older copy",
    );
  });

  test("with trust: cross-signed a person without cross-signing is told to sign their device, and who is somebody new to verify the bot again", async () => {
    const { bridge, files } = here.world.world;
    await bridge.stop();
    appendFileSync(files.bridgeConfig, "\nencryption:\n  trust: cross-signed\n");
    writeFileSync(mode, "require");
    await old.send(olga.room, text("as never"));
    await here.world.world.startBridge();
    const words = await old.shows(
      "what became of it",
      ({ room: at, content }) => at === olga.room && String(content["body"]).includes("has not confirmed"),
    );
    expect(words).toMatchObject(WELL);
    expect(String(words.content["body"])).toMatch(/Verify that device in your app's settings/);
    expect((await olga.phone.inbox()).items.map(({ text: heard }) => heard)).not.toContain("as never");

    await client.resetIdentity();
    const { phone, room: other } = await chat(ana, client, "Nils Neuling");
    await client.send(other, text("as somebody new"));
    await client.shows(
      "that it is another identity",
      ({ room: at, content }) => at === other && String(content["body"]).includes("verify the bot again"),
    );
    await verifiesBot(client, here.world.botId);
    await client.send(other, text("verified again"));
    await phone.hears("verified again");
  });

  test("with mode: require new chats begin encrypted, and what is written there in the clear is refused with words", async () => {
    const nova = await here.world.contact("whatsapp", "Nova Nieuw");
    await nova.says(ana.userId, "from the first word");
    const first = await client.shows("the first message", says("from the first word"));
    const at = encodeURIComponent(first.room);
    await ana.client.call("PUT", `v3/rooms/${at}/send/m.room.message/clear`, text("for all to read"));
    const words = await client.shows(
      "why it was refused",
      ({ room: of, content }) => of === first.room && String(content["body"]).includes("was not encrypted"),
    );
    for (const one of [first, words]) expect(one).toMatchObject(WELL);
    await client.send(first.room, text("for Nova alone"));
    await nova.hears("for Nova alone");
    expect((await nova.inbox()).items.map(({ text: heard }) => heard)).not.toContain("for all to read");
  });
});
