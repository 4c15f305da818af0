import { beforeAll, describe, expect, test } from "@jest/globals";
import { networkNames } from "../../tools/world/networks.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import { picture, sha256 } from "../kit/sample-files.ts";

const here = anaOnSynapse({ secrets: ["Anne Soort", "canary-9e"] });

const place = { latitude: 52.3731, longitude: 4.8926 };
const located = {
  msgtype: "m.location",
  body: "Location was shared at geo:52.3731,4.8926",
  geo_uri: "geo:52.3731,4.8926",
  "org.matrix.msc3488.location": { uri: "geo:52.3731,4.8926", description: "Dam" },
};
const poll = {
  "org.matrix.msc1767.text": "Which day?\n1. Monday\n2. Tuesday",
  "org.matrix.msc3381.poll.start": {
    kind: "org.matrix.msc3381.poll.disclosed",
    max_selections: 1,
    question: { "org.matrix.msc1767.text": "Which day?" },
    answers: [
      { id: "a", "org.matrix.msc1767.text": "Monday" },
      { id: "b", "org.matrix.msc1767.text": "Tuesday" },
    ],
  },
};

describe.each(networkNames)("everything else on %s", (network) => {
  let chat: OpenChat;

  beforeAll(async () => {
    chat = await here.chat(network, `Anne Soort ${network}`);
  });

  const heard = (words: RegExp) =>
    chat.shows(String(words), ({ kind, text }) => kind === "text" && words.test(text ?? ""));

  test("a location and a contact card cross as what they are, both ways", async () => {
    await chat.does("sendsOther", { kind: "location", ...place, name: "Dam canary-9e" });
    const shown = await chat.event("the place", ({ content }) => content["msgtype"] === "m.location");
    expect(shown.content).toMatchObject({
      geo_uri: "geo:52.3731,4.8926",
      body: expect.stringContaining("Dam canary-9e"),
    });
    await chat.send(located);
    const item = await chat.shows("the place", ({ kind }) => kind === "location");
    expect(item).toMatchObject({ ...place, name: "Dam" });

    await chat.does("sendsOther", { kind: "contact", name: "Otto Derde", phone: "+31687654321" });
    const card = await chat.event("the card", ({ content }) => /Otto Derde/.test(String(content["body"])));
    expect(card.content["body"]).toMatch(/\+31687654321/);
  });

  test("a location becomes text with a link where the network takes none, and it is said", async () => {
    await here.world.control.call("POST", `/networks/${network}`, { features: { location: false } });
    await chat.asks(`capabilities ${network}`, /location: no/);
    const event = await chat.send(located);
    expect((await heard(/Dam 52\.3731,4\.8926/)).text).toMatch(/https:\/\/www\.openstreetmap\.org/);
    await chat.notice(/takes no locations.*text/, event);
    await here.world.control.call("POST", `/networks/${network}`, { features: { location: true } });
    await chat.asks(`capabilities ${network}`, /location: yes/);
  });

  test("a poll crosses as text, a sticker as an image, and both are said", async () => {
    const asked = await chat.send(poll, "org.matrix.msc3381.poll.start");
    expect((await heard(/Which day\?/)).text).toMatch(/1\.\W+Monday\n2\.\W+Tuesday/);
    await chat.notice(/[Pp]oll/, asked);
    const bytes = await picture("png", 32, 32);
    const url = await here.viewer.upload(bytes, "image/png");
    const info = { mimetype: "image/png", size: bytes.length, w: 32, h: 32 };
    const sticker = await chat.send({ body: "a wave", url, info }, "m.sticker");
    const item = await chat.shows("the sticker's image", ({ kind }) => kind === "image");
    expect(item.media?.sha256).toBe(sha256(bytes));
    await chat.notice(/sticker.*image/i, sticker);
  });

  test("a thread, an emote, a notice and custom emotes are readable, and what was lost is said", async () => {
    const { event } = await chat.said("the root of a thread");
    const relation = { rel_type: "m.thread", event_id: event, is_falling_back: true };
    const inThread = await chat.send({
      msgtype: "m.text",
      body: "inside the thread",
      "m.relates_to": { ...relation, "m.in_reply_to": { event_id: event } },
    });
    expect(await chat.heard("inside the thread")).not.toHaveProperty("target");
    await chat.notice(/thread/, inThread);
    await chat.send({ msgtype: "m.emote", body: "waves" });
    await heard(/^_waves_$/);
    const notice = await chat.send({ msgtype: "m.notice", body: "a machine speaks" });
    await chat.heard("a machine speaks");
    await chat.notice(/[Nn]otice/, notice);
    const emote = await chat.send({
      msgtype: "m.text",
      body: ":parrot:",
      format: "org.matrix.custom.html",
      formatted_body: '<img data-mx-emoticon src="mxc://localhost/parrot" alt=":parrot:" title=":parrot:">',
    });
    await heard(/^:parrot:$/);
    await chat.notice(/emotes/, emote);
  });

  test("a contact's poll is shown as text, and a sticker as an image", async () => {
    await chat.does("sendsOther", { kind: "poll", text: "Pizza or pasta?", options: ["Pizza", "Pasta"] });
    await chat.event(
      "the poll as text",
      ({ sender, content }) =>
        sender === chat.ghost &&
        /Pizza or pasta\?\n1\. Pizza\n2\. Pasta.*voted/s.test(String(content["body"])),
    );
    await chat.does("sendsOther", { kind: "sticker" });
    await chat.event(
      "the sticker as an image",
      ({ sender, content }) => sender === chat.ghost && content["msgtype"] === "m.image",
    );
  });

  test.each([
    ["status", /status update/],
    ["disappearing", /disappearing/],
    ["viewOnce", /seen only once/],
  ])("%s is told once a chat", async (kind, words) => {
    await chat.does("sendsOther", { kind });
    await chat.notice(words);
    await chat.does("sendsOther", { kind });
    const { events } = await chat.stillWorks();
    const told = events.filter(
      ({ sender, content }) => sender === here.world.botId && words.test(String(content["body"])),
    );
    expect(told).toHaveLength(1);
  });

  test("a call is told in the chat, and one from here is refused with words", async () => {
    await chat.does("sendsOther", { kind: "call" });
    await chat.notice(/is calling you/);
    const offer = { type: "offer", sdp: "v=0" };
    const call = { call_id: "c1", party_id: "p1", version: "1", lifetime: 60_000, offer };
    const invite = await chat.send(call, "m.call.invite");
    await chat.notice(/call/i, invite);
  });

  test("a kind of message nobody knows yet makes a notice, and the chat goes on", async () => {
    await chat.does("sendsOther", { kind: "unknown" });
    await chat.notice(/cannot show.*phone/);
    await chat.stillWorks();
  });

  test("the room advertises what can be done in it", async () => {
    const { content } = await chat.event("the features", ({ type }) => type === "com.beeper.room_features");
    expect(content).toMatchObject({ edit: 2, delete: 2, reaction: 2, reply: 2, max_text_length: 65_536 });
  });
});
