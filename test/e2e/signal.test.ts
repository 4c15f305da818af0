import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Json } from "../../tools/matrix/api.ts";
import type { PhoneItem } from "../../tools/sandbox/control.ts";
import type { SignalPhone } from "../../tools/signal-mock/client.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import { anaOnSignal } from "../kit/signal/on-signal.ts";

const here = anaOnSignal({ secrets: ["Sien Signaal", "sgnl://", "canary-3s"] });

let chat: OpenChat<SignalPhone>;

beforeAll(async () => {
  chat = await here.contact("Sien Signaal");
});

/** What the contact writes, and its event. */
async function told(text: string, more: Json = {}) {
  const id = await chat.does("says", { text, ...more });
  return { id, event: (await chat.text(text)).id };
}

const STOPPED = 1;
const [BOLD, ITALIC, SPOILER, STRIKETHROUGH, MONOSPACE] = [1, 2, 3, 4, 5];
const style = (start: number, length: number, kind: number | undefined): Json => ({
  start,
  length,
  associatedValue: { style: kind },
});

describe("what somebody writes", () => {
  test("a text crosses each way, sealed, and the phone hears once", async () => {
    await told("are you there, canary-3s?");
    await chat.said("I am, canary-3s");
    const heard = (await chat.phone.everythingHeard()).filter(({ content }) =>
      JSON.stringify(content).includes("I am, canary-3s"),
    );
    expect(heard).toMatchObject([{ from: here.own.aci, device: 2, to: "aci", sealed: true }]);
  });

  test("styles cross each way, counted as UTF-16", async () => {
    const body = "😀 bold italic hidden gone code";
    const bodyRanges = [
      style(3, 4, BOLD),
      style(8, 6, ITALIC),
      style(15, 6, SPOILER),
      style(22, 4, STRIKETHROUGH),
      style(27, 4, MONOSPACE),
    ];
    await chat.does("says", { text: body, fields: { bodyRanges } });
    const shown = await chat.event("the styles", ({ content }) =>
      String(content["formatted_body"]).includes("bold"),
    );
    expect(shown.content["formatted_body"]).toBe(
      "😀 <strong>bold</strong> <em>italic</em> <span data-mx-spoiler>hidden</span> <del>gone</del> <code>code</code>",
    );
    await chat.send({
      msgtype: "m.text",
      body: "styled",
      format: "org.matrix.custom.html",
      formatted_body: String(shown.content["formatted_body"]).replace("😀 ", "👍 "),
    });
    const { bodyRanges: back } = await chat.phone.fields(body.replace("😀", "👍"));
    expect(back).toEqual(bodyRanges.map((range) => expect.objectContaining(range)));
  });

  test("mentions cross each way, with the name that the other side knows", async () => {
    const mention = { start: 6, length: 1, associatedValue: { mentionAci: here.own.aci } };
    await chat.does("says", { text: "Hello \uFFFC!", fields: { bodyRanges: [mention] } });
    const shown = await chat.event("the mention", ({ content }) =>
      /^Hello .+!$/.test(String(content["body"])),
    );
    expect(shown.content["m.mentions"]).toEqual({ user_ids: [here.ana.userId] });
    expect(shown.content["formatted_body"]).toContain(`https://matrix.to/#/${here.ana.userId}`);
    await chat.send({
      msgtype: "m.text",
      body: "Sien, look",
      format: "org.matrix.custom.html",
      formatted_body: `<a href="https://matrix.to/#/${chat.ghost}">Sien</a>, look`,
      "m.mentions": { user_ids: [chat.ghost] },
    });
    const { bodyRanges } = await chat.phone.fields("\uFFFC, look");
    expect(JSON.stringify(bodyRanges)).toContain('"start":0');
  });

  test("replies cross, to the other's message and to one's own", async () => {
    const question = await told("how are you?");
    const answer = await chat.reply(question.event, { msgtype: "m.text", body: "fine" });
    const heard = await chat.heard("fine");
    expect(heard.target).toBe(question.id);
    expect(await chat.phone.fields("fine")).toMatchObject({ quote: { text: "how are you?" } });
    await chat.does("says", { text: "good", target: heard.id });
    expect((await chat.text("good")).replyTo).toBe(answer);
    await chat.does("says", { text: "I ask because", target: question.id });
    expect((await chat.text("I ask because")).replyTo).toBe(question.event);
    await chat.reply(answer, { msgtype: "m.text", body: "really fine" });
    expect((await chat.heard("really fine")).target).toBe(heard.id);
    expect(await chat.phone.fields("really fine")).toMatchObject({ quote: { text: "fine" } });
  });

  test("an edit and a deletion cross each way, of one's own", async () => {
    const { id, event } = await told("a typo hree");
    const edit = await chat.does("edits", { target: id, text: "a typo here" });
    const edited = await chat.event("the edit", (each) => each.id === event && each.edited);
    expect(edited.content["body"]).toBe("a typo here");
    await chat.does("edits", { target: edit, text: "no typo here" });
    await chat.event(
      "the second edit",
      (each) => each.id === event && each.content["body"] === "no typo here",
    );
    await chat.does("deletes", { target: id });
    await chat.event("nothing", (each) => each.id === event && each.redacted);

    const mine = await chat.said("my own typo");
    await chat.edit(mine.event, "my own text");
    const change = await chat.shows("the edit", ({ kind }) => kind === "edit");
    expect(change).toMatchObject({ target: mine.id, text: "my own text" });
    await chat.edit(mine.event, "my own second text");
    const again = await chat.shows("the second edit", ({ text }) => text === "my own second text");
    expect(again.kind).toBe("edit");
    await chat.redact(mine.event);
    const gone = await chat.shows("the deletion", ({ kind }) => kind === "delete");
    expect([mine.id, change.id, again.id]).toContain(gone.target);
  });

  test("a reaction is added, changed and taken back, each way", async () => {
    const { id, event } = await told("react to this");
    const shows = (what: string, key: string | undefined) =>
      chat.event(what, (each) => {
        const keys = Object.keys(each.reactions);
        return each.id === event && keys.length === (key === undefined ? 0 : 1) && keys[0] === key;
      });
    const felt = (emoji: string) => (item: PhoneItem) =>
      item.kind === "reaction" && item.target === id && item.emoji === emoji;
    await chat.does("reacts", { target: id, emoji: "👍🏽" });
    expect(Object.values((await shows("a thumb", "👍🏽")).reactions)).toEqual([[chat.ghost]]);
    await chat.does("reacts", { target: id, emoji: "❤️" });
    await shows("a heart", "❤️");
    await chat.does("reacts", { target: id, emoji: "" });
    await shows("no reaction", undefined);
    const first = await chat.react(event, "🙂");
    await chat.shows("a smile", felt("🙂"));
    const second = await chat.react(event, "👩🏾‍🚀");
    await chat.shows("an astronaut in place of it", felt("👩🏾‍🚀"));
    await chat.event("the first one withdrawn", (each) => each.id === first && each.redacted);
    await chat.redact(second);
    await chat.shows("none", felt(""));
  });

  test("a link's preview is told apart from the text", async () => {
    const preview = [
      {
        url: "https://example.org/a",
        title: "An example",
        description: "of a page",
        image: null,
        date: null,
      },
    ];
    await chat.does("says", { text: "look at https://example.org/a", fields: { preview } });
    const { content } = await chat.text("look at https://example.org/a");
    expect(content["com.beeper.linkpreviews"]).toMatchObject([
      { matched_url: "https://example.org/a", "og:title": "An example", "og:description": "of a page" },
    ]);
  });

  test("what is to be seen once, a poll and what the bridge does not know are told", async () => {
    await chat.does("says", { text: "", fields: { isViewOnce: true, attachments: [] } });
    await chat.notice(/something to be seen only once/);
    const pollCreate = { question: "Tea or coffee?", allowMultiple: false, options: ["Tea", "Coffee"] };
    await chat.does("says", { text: "", fields: { body: null, pollCreate } });
    const poll = await chat.event("the poll", ({ content }) =>
      String(content["body"]).includes("Tea or coffee?"),
    );
    expect(String(poll.content["body"])).toMatch(/Tea\n.*Coffee/);
    await chat.does("says", { text: "?", fields: { requiredProtocolVersion: 99 } });
    await chat.notice(/newer than this bridge/);
    await chat.stillWorks();
  });
});

describe("signs of life", () => {
  const types = (typing: boolean): Promise<unknown> => {
    const path = `v3/rooms/${encodeURIComponent(chat.room)}/typing/${encodeURIComponent(here.ana.userId)}`;
    return here.ana.client.call("PUT", path, typing ? { typing, timeout: 20_000 } : { typing });
  };
  const reads = (event: string): Promise<unknown> => {
    const path = `v3/rooms/${encodeURIComponent(chat.room)}/receipt/m.read/${encodeURIComponent(event)}`;
    return here.ana.client.call("POST", path, {});
  };

  test("typing crosses each way, where our person lets it be told on the phone", async () => {
    await here.own.does("chooses", { typing: true, receipts: true });
    await chat.does("types", { on: true });
    await chat.until("the contact typing", ({ typing }) => typing.includes(chat.ghost));
    await chat.does("types", { on: false });
    await chat.until("the contact pausing", ({ typing }) => typing.length === 0);
    await types(true);
    const started = await chat.phone.hearsRaw("typing", (content) => {
      return (content["typingMessage"] as Json | undefined) !== undefined;
    });
    await types(false);
    await chat.phone.hearsRaw("a pause", (content, { seq }) => {
      return (content["typingMessage"] as Json | undefined)?.["action"] === STOPPED && seq > started.seq;
    });
  });

  test("receipts say who has a message, and who has read it", async () => {
    const { event, id } = await chat.said("did you get this?");
    await chat.until("the bot's receipt", ({ readUpTo }) => readUpTo[here.world.botId] === event);
    await chat.phone.does("reads", { to: here.own.aci, target: id });
    await chat.until("the contact's receipt", ({ readUpTo }) => readUpTo[chat.ghost] === event);
    const asked = await chat.does("says", { text: "did you?" });
    const receipt = (wanted: string) => (item: PhoneItem) =>
      item.kind === "receipt" && item.receipt === wanted && item.target === asked;
    await chat.shows("the delivery", receipt("delivered"));
    await reads((await chat.text("did you?")).id);
    await chat.shows("the reading", receipt("read"));
  });

  test("messages disappear on both sides, and the timer goes with what is sent", async () => {
    const fields = { expireTimer: 1, expireTimerVersion: 2 };
    await chat.does("says", { text: "", fields: { ...fields, body: null, flags: 2 } });
    await chat.notice(/disappear/);
    const { event: theirs } = await told("gone when read", { fields });
    await reads(theirs);
    await chat.event("their message gone", ({ id, redacted }) => id === theirs && redacted);
    const mine = await chat.said("gone when sent");
    expect(await chat.phone.fields("gone when sent")).toMatchObject(fields);
    await chat.event("one's own gone", ({ id, redacted }) => id === mine.event && redacted);
    await chat.does("says", {
      text: "",
      fields: { body: null, flags: 2, expireTimer: 0, expireTimerVersion: 3 },
    });
    await chat.notice(/no longer disappear|do not disappear|off/i);
    await chat.said("here to stay");
    expect((await chat.phone.fields("here to stay"))["expireTimer"] ?? 0).toBe(0);
  });
});
