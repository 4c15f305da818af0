import { beforeAll, describe, expect, test } from "@jest/globals";
import { networkNames } from "../../tools/world/networks.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import { base64, picture } from "../kit/sample-files.ts";

const here = anaOnSynapse({ secrets: ["Noor Antwoord", "canary-2b"] });

describe.each(networkNames)("what refers to a message on %s", (network) => {
  let chat: OpenChat;

  beforeAll(async () => {
    chat = await here.chat(network, `Noor Antwoord ${network}`);
  });

  async function told(text: string, fields: Readonly<Record<string, unknown>> = {}) {
    const id = await chat.does("says", { text, ...fields });
    return { id, event: (await chat.text(text)).id };
  }

  test("replies cross, to the other's message and to one's own", async () => {
    const question = await told("how are you?");
    const answer = await chat.reply(question.event, { msgtype: "m.text", body: "fine, canary-2b" });
    const heard = await chat.heard("fine, canary-2b");
    expect(heard).toMatchObject({ target: question.id });
    await chat.does("says", { text: "good to hear", target: heard.id });
    expect((await chat.text("good to hear")).replyTo).toBe(answer);
    await chat.does("says", { text: "I ask because", target: question.id });
    expect((await chat.text("I ask because")).replyTo).toBe(question.event);
    await chat.reply(answer, { msgtype: "m.text", body: "really fine" });
    expect(await chat.heard("really fine")).toMatchObject({ target: heard.id });
  });

  test("replies to an image, and to what is older than the bridge", async () => {
    const media = { as: "image", media: base64(await picture("png")), mimetype: "image/png" };
    const id = await chat.does("sends", media);
    const image = await chat.event("the image", ({ content }) => content["msgtype"] === "m.image");
    await chat.reply(image.id, { msgtype: "m.text", body: "nice picture" });
    expect(await chat.heard("nice picture")).toMatchObject({ target: id });
    await chat.does("says", { text: "isn't it", target: id });
    expect((await chat.text("isn't it")).replyTo).toBe(image.id);
    await chat.does("says", { text: "as I said last year", target: `OLD${network}` });
    const orphan = await chat.event("the late answer", ({ content }) =>
      String(content["body"]).includes("as I said last year"),
    );
    expect(orphan.replyTo).toBeNull();
  });

  test("a reaction is added, changed and taken back, one a person, both ways", async () => {
    const { id, event } = await told("react to this");
    await chat.does("reacts", { target: id, emoji: "👍🏽" });
    const shows = (what: string, key: string | undefined) =>
      chat.event(what, (each) => {
        const keys = Object.keys(each.reactions);
        return each.id === event && keys.length === (key === undefined ? 0 : 1) && keys[0] === key;
      });
    const { reactions } = await shows("a thumb with its skin tone", "👍🏽");
    expect(Object.values(reactions)).toEqual([[chat.ghost]]);
    await chat.does("reacts", { target: id, emoji: "❤" });
    await shows("the heart in the form clients share", "❤️");
    await chat.does("reacts", { target: id, emoji: `${"a".repeat(63)}😀` });
    await shows("the beginning of a reaction that is none", `${"a".repeat(63)}…`);
    await chat.does("reacts", { target: id, emoji: "" });
    await shows("no reaction", undefined);

    const { event: mine, id: mineId } = await chat.said("react to mine");
    const felt =
      (emoji: string) =>
      ({ target, emoji: shown, kind }: { target?: string; emoji?: string; kind: string }) =>
        kind === "reaction" && target === mineId && shown === emoji;
    await chat.does("reacts", { target: mineId, emoji: "🎉" });
    await chat.event("a reaction to one's own", (each) => each.id === mine && "🎉" in each.reactions);
    const first = await chat.react(mine, "🙂");
    await chat.shows("a smile", felt("🙂"));
    const second = await chat.react(mine, "👩🏾‍🚀");
    await chat.shows("an astronaut in place of it", felt("👩🏾‍🚀"));
    await chat.event("the first one withdrawn", (each) => each.id === first && each.redacted);
    await chat.redact(second);
    await chat.shows("none", felt(""));
  });

  test("edits and deletes cross, of one's own", async () => {
    const { id, event } = await told("a typo hree");
    await chat.does("edits", { target: id, text: "a typo *here*" });
    const edited = await chat.event("the edit", (each) => each.id === event && each.edited);
    expect(edited.content).toMatchObject({ body: "a typo here" });
    expect(edited.content["formatted_body"]).toMatch(/<(strong|b)>here<\/\1>/);
    await chat.does("edits", { target: id, text: "an edit of an edit" });
    await chat.event("the second edit", ({ content }) => content["body"] === "an edit of an edit");
    await chat.does("deletes", { target: id });
    await chat.event("nothing", (each) => each.id === event && each.redacted);

    const mine = await chat.said("my own typo");
    await chat.edit(mine.event, "my own text");
    const change = await chat.shows("the edit", ({ kind }) => kind === "edit");
    expect(change).toMatchObject({ target: mine.id, text: "my own text" });
    await chat.redact(mine.event);
    const gone = await chat.shows("the delete", ({ kind }) => kind === "delete");
    expect(gone).toMatchObject({ target: mine.id });
  });

  test("an edit that is taken back, of an edit, and of another kind leave the phone as the room is", async () => {
    const mine = await chat.said("first words");
    const shows = (text: string) =>
      chat.shows(
        text,
        ({ kind, target, text: shown }) => kind === "edit" && target === mine.id && shown === text,
      );
    const second = await chat.edit(mine.event, "second words");
    await shows("second words");
    const third = await chat.edit(second, "third words");
    await shows("third words");
    const { next } = await chat.phone.inbox();
    await chat.redact(third);
    const again = await chat.shows(
      "the second words again",
      ({ seq, text }) => seq > next && text === "second words",
    );
    expect(again).toMatchObject({ kind: "edit", target: mine.id });
    await chat.redact(second);
    await shows("first words");
    const url = await here.viewer.upload(await picture("png"), "image/png");
    const fresh = { msgtype: "m.image", body: "look.png", url, info: { mimetype: "image/png" } };
    const relation = { rel_type: "m.replace", event_id: mine.event };
    await chat.send({ ...fresh, "m.new_content": fresh, "m.relates_to": relation });
    const image = await chat.shows("the picture", ({ kind }) => kind === "image");
    await chat.shows("the old one deleted", ({ kind, target }) => kind === "delete" && target === mine.id);
    await chat.notice(/cannot change a message into another kind/);
    const captioned = { ...fresh, filename: "look.png", body: "a caption" };
    await chat.send({ ...captioned, "m.new_content": captioned, "m.relates_to": relation });
    await chat.shows("the caption", ({ kind, target, text }) => {
      return kind === "edit" && target === image.id && text === "a caption";
    });
    const { items } = await chat.phone.inbox();
    expect(items.filter(({ kind, text }) => kind === "edit" && text === "")).toEqual([]);
  });

  test("a contact's edit replaces all of a long message, and their deletion leaves no text", async () => {
    const long = (word: string, words: number): string => `${word} `.repeat(words).trim();
    // What is longer than a network's own limit comes as a file.
    const [many, fewer] = network === "whatsapp" ? [9_000, 4_000] : [2_500, 2_000];
    const id = await chat.does("says", { text: long("secret", many) });
    await chat.event("the last part", ({ content }) => String(content["body"]).endsWith("secret"));
    const shown = async () => {
      const { events } = await chat.stillWorks();
      return events.filter(
        ({ content, redacted }) => !redacted && JSON.stringify(content).includes("secret"),
      );
    };
    const before = (await shown()).length;
    expect(before).toBeGreaterThan(0);
    await chat.does("edits", { target: id, text: long("a secret", fewer) });
    const words = (await shown()).map(({ content }) => String(content["body"])).join(" ");
    expect(words.split("secret").length - 1).toBe(fewer);
    await chat.does("edits", { target: id, text: "a short secret" });
    expect((await shown()).map(({ content }) => content["body"])).toEqual(["a short secret"]);
    await chat.does("deletes", { target: id });
    expect(await shown()).toEqual([]);
    await chat.does("edits", { target: id, text: "the secret is back" });
    expect(await shown()).toEqual([]);
    const path = `v3/rooms/${encodeURIComponent(chat.room)}/messages?dir=b&limit=100`;
    expect(JSON.stringify(await here.ana.client.call("GET", path))).not.toContain("secret");
  });

  test("what comes before its target waits for it", async () => {
    const target = `EARLY${network.toUpperCase()}`;
    await chat.does("reacts", { target, emoji: "🐣" });
    await chat.does("edits", { target, text: "hatched" });
    const doomed = `DOOMED${network.toUpperCase()}`;
    await chat.does("deletes", { target: doomed });
    await told("something in between");
    await chat.does("says", { id: target, text: "an egg" });
    const event = await chat.event(
      "the egg, hatched, with its reaction",
      ({ edited, reactions }) => edited && "🐣" in reactions,
    );
    expect(event.content["body"]).toBe("hatched");
    await chat.does("says", { id: doomed, text: "never mind" });
    const { events } = await chat.stillWorks();
    expect(events.filter(({ content }) => content["body"] === "never mind")).toEqual([]);
    expect(events.filter(({ content }) => content["body"] === "hatched")).toHaveLength(1);
  });

  test("a flag that is not granted is said on that very message, with what happens instead", async () => {
    const { event, id } = await chat.said("before the change");
    const features = { edits: false, deletes: false, reactions: false, replies: false };
    await here.world.control.call("POST", `/networks/${network}`, { features });
    await chat.asks(`capabilities ${network}`, /edits: no/);
    const edit = await chat.edit(event, "after the change");
    expect((await chat.notice(/takes no edits/, edit)).content["body"]).toMatch(/new message/);
    await chat.notice(/takes no reactions/, await chat.react(event, "👍"));
    const reply = await chat.reply(event, { msgtype: "m.text", body: "an answer to that" });
    expect(await chat.heard("an answer to that")).not.toHaveProperty("target");
    await chat.notice(/takes no replies/, reply);
    await chat.redact(event);
    await chat.notice(/takes no deletions/);
    const all = Object.fromEntries(Object.keys(features).map((name) => [name, true]));
    await here.world.control.call("POST", `/networks/${network}`, { features: all });
    await chat.asks(`capabilities ${network}`, /edits: yes/);
    const { items } = await chat.phone.inbox();
    expect(items.filter(({ kind, target }) => kind === "edit" && target === id)).toEqual([]);
  });

  test("an edit after the network's time is refused with the number", async () => {
    await here.world.control.call("POST", `/networks/${network}`, { limits: { edit_window: 0 } });
    await chat.asks(`capabilities ${network}`, /edits for 0 minutes/);
    const { event } = await chat.said("too late");
    await chat.notice(/0 minutes/, await chat.edit(event, "much too late"));
    await here.world.control.call("POST", `/networks/${network}`, { limits: { edit_window: 900 } });
    await chat.asks(`capabilities ${network}`, /edits for 15 minutes/);
  });
});
