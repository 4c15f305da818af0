import { beforeAll, describe, expect, test } from "@jest/globals";
import type { SignalPhone } from "../../tools/signal-mock/client.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import { base64, picture, sha256 } from "../kit/sample-files.ts";
import { anaOnSignal } from "../kit/signal/on-signal.ts";
import { fileSecrets, files } from "./signal-files.ts";

const here = anaOnSignal({ secrets: ["Tom Telefoon", "sgnl://", ...fileSecrets], puppets: true });

let chat: OpenChat<SignalPhone>;

beforeAll(async () => {
  chat = await here.contact("Tom Telefoon");
  // Who writes for the first time is shown nothing until they are answered.
  await chat.said("hello Tom");
});

files(here);

describe("stickers and long texts", () => {
  test("a sticker is a picture on either side", async () => {
    const bytes = await picture("webp");
    await chat.does("sends", { as: "sticker", media: base64(bytes), mimetype: "image/webp" });
    const event = await chat.event("the sticker", ({ content }) => {
      return JSON.stringify(content["info"] ?? {}).includes("image/webp");
    });
    expect(sha256((await here.viewer.download(event.content["url"])).bytes)).toBe(sha256(bytes));
    const drawn = await picture("png", 100, 100);
    const url = await here.viewer.upload(drawn, "image/png");
    const info = { mimetype: "image/png", size: drawn.length };
    await chat.send({ body: "a cat", url, info }, "m.sticker");
    await chat.shows("the sticker", ({ media }) => media?.sha256 === sha256(drawn));
  });

  test("a long text crosses each way, whole", async () => {
    const long = (word: string): string => `${word} `.repeat(1_000).trim();
    const media = base64(Buffer.from(long("incoming")));
    const beginning = long("incoming").slice(0, 1_000);
    await chat.does("sends", { as: "file", media, mimetype: "text/x-signal-plain", caption: beginning });
    await chat.text(long("incoming"));
    await chat.say(long("outgoing"));
    const { body, attachments } = await chat.phone.fieldsOf("the long text", ({ body: text }) =>
      String(text).startsWith("outgoing"),
    );
    expect(Buffer.byteLength(String(body))).toBeLessThanOrEqual(2_048);
    expect(attachments).toMatchObject([{ contentType: "text/x-signal-plain" }]);
    const whole = await chat.shows(
      "the whole text",
      ({ media: file }) => file?.mimetype === "text/x-signal-plain",
    );
    expect(whole.media?.sha256).toBe(sha256(Buffer.from(long("outgoing"))));
  });
});

describe("what our person does on their own phone", () => {
  const onPhone = (verb: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    here.own.does(verb, { to: chat.phone.aci, ...fields });

  test("is theirs in the room: words, edits, reactions, files and deletions", async () => {
    const id = await onPhone("writesFromPhone", { text: "from my pocket" });
    const event = await chat.text("from my pocket");
    expect(event.sender).toBe(here.ana.userId);
    await chat.heard("from my pocket");
    await onPhone("edits", { target: id, text: "from my other pocket", onPhone: true });
    await chat.event(
      "the edit",
      (each) => each.id === event.id && each.content["body"] === "from my other pocket",
    );
    const asked = await chat.does("says", { text: "which one?" });
    const question = await chat.text("which one?");
    await onPhone("reacts", { target: asked, emoji: "🤔", onPhone: true });
    const felt = await chat.event(
      "the reaction",
      (each) => each.id === question.id && "🤔" in each.reactions,
    );
    expect(felt.reactions["🤔"]).toEqual([here.ana.userId]);
    const bytes = await picture("png", 50, 50);
    await onPhone("sends", { as: "image", media: base64(bytes), mimetype: "image/png", onPhone: true });
    const shown = await chat.event("the picture", ({ content, sender }) => {
      return sender === here.ana.userId && JSON.stringify(content).includes('"w":50');
    });
    expect(sha256((await here.viewer.download(shown.content["url"])).bytes)).toBe(sha256(bytes));
    await onPhone("deletes", { target: id, onPhone: true });
    await chat.event("nothing", (each) => each.id === event.id && each.redacted);
  });

  test("is the same message for answers, edits and deletions from Matrix", async () => {
    const id = await onPhone("writesFromPhone", { text: "one of mine" });
    const { id: event } = await chat.text("one of mine");
    await chat.reply(event, { msgtype: "m.text", body: "as I said" });
    expect((await chat.heard("as I said")).target).toBe(id);
    await chat.edit(event, "one of mine, mended");
    const edit = await chat.shows("the edit", ({ text }) => text === "one of mine, mended");
    expect(edit).toMatchObject({ kind: "edit", target: id });
    await chat.redact(event);
    await chat.shows("the deletion", ({ kind, from }) => kind === "delete" && from === here.own.aci);
  });

  test("reading there is reading here", async () => {
    const id = await chat.does("says", { text: "seen on the phone" });
    const { id: event } = await chat.text("seen on the phone");
    await onPhone("readsOnPhone", { target: id });
    await chat.until("our person's receipt", ({ readUpTo }) => readUpTo[here.ana.userId] === event);
  });

  test("what is written in Matrix is on the phone too", async () => {
    await chat.said("for both of my devices");
    const told = await here.own.hearsRaw("the transcript", (content) =>
      JSON.stringify(content["syncMessage"] ?? {}).includes("for both of my devices"),
    );
    expect(told).toMatchObject({ from: here.own.aci, device: 2 });
  });

  test("what is deleted for oneself alone goes from the room, and stays on the contact's phone", async () => {
    const id = await chat.does("says", { text: "I did not see that" });
    const { id: event } = await chat.text("I did not see that");
    const { next } = await chat.phone.inbox();
    await onPhone("deletesForSelf", { target: id });
    await chat.event("nothing", (each) => each.id === event && each.redacted);
    await chat.stillWorks();
    const { items } = await chat.phone.inbox(next);
    expect(items.filter(({ kind }) => kind === "delete")).toEqual([]);
  });

  test("notes to oneself are a room", async () => {
    await here.own.does("writesFromPhone", { to: here.own.aci, text: "buy milk" });
    const room = await here.viewer.until("the room of notes", ({ rooms }) =>
      rooms.find(({ events }) => events.some(({ content }) => content["body"] === "buy milk")),
    );
    expect(room.name).toMatch(/Note to self/i);
    await here.ana.client.say(room.id, "and bread");
    await here.own.hearsRaw("the note", (content) => JSON.stringify(content).includes("and bread"));
  });

  test("a contact who is blocked there is blocked here, and the other way round", async () => {
    await onPhone("blocks");
    await chat.notice(/You blocked Tom Telefoon on another device/);
    await onPhone("unblocks");
    await chat.notice(/lifted the block/);
    await chat.stillWorks();
    await chat.asks(`block signal ${chat.name}`, /blocked/i);
    expect(await here.own.stored(chat.phone)).toMatchObject({ blocked: true });
    await chat.asks(`unblock signal ${chat.name}`, /is not blocked any more|may write|reach you/i);
    expect(await here.own.stored(chat.phone)).toMatchObject({ blocked: false, whitelisted: true });
    await chat.stillWorks();
  });

  test("a request is answered on the phone or here, for both", async () => {
    const nel = await here.contact("Nel Nieuw");
    await nel.notice(/for the first time/);
    await here.own.does("answersRequest", { to: nel.phone.aci, answer: "ACCEPT" });
    await nel.notice(/accepted/i);
    const rob = await here.contact("Rob Raar");
    await rob.notice(/for the first time/);
    await rob.asks("accept signal Rob Raar", /accepted/i);
    expect(await here.own.stored(rob.phone)).toMatchObject({ whitelisted: true });
    await here.own.hearsRaw("the answer", (content) =>
      JSON.stringify(content["syncMessage"] ?? {}).includes("messageRequestResponse"),
    );
  });
});
