import { describe, expect, test } from "@jest/globals";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";

const base = {
  event_id: "$e",
  room_id: "!r",
  sender: "@alice:x",
  origin_server_ts: 5,
  type: "m.room.message",
};
const decode = (more: object): unknown => {
  const decoded = decodeEvent({ ...base, ...more }, () => false);
  return decoded.kind === "event" ? decoded.event : decoded;
};
const message = (content: object): unknown => decode({ content });
const url = "mxc://example.org/AbC-_9";
const carries = (part: object, more: object = {}): unknown =>
  expect.objectContaining({ kind: "message", message: { parts: [part] }, ...more });

describe("other things a person sends", () => {
  test("a place, by either way to write it", () => {
    const place = { kind: "location", latitude: 52.3731, longitude: -4.8926 };
    const body = "Location was shared at geo:52.3731,-4.8926;u=35";
    expect(message({ msgtype: "m.location", body, geo_uri: "geo:52.3731,-4.8926;u=35" })).toEqual(
      carries(place),
    );
    const rich = {
      "org.matrix.msc3488.location": { uri: "geo:52.3731,-4.8926", description: "Dam\nSquare" },
    };
    expect(message({ msgtype: "m.location", body, ...rich })).toEqual(
      carries({ ...place, name: "Dam Square" }),
    );
  });

  test.each(["geo:91,0", "geo:0,181", "geo:1e5,2", "geo:x,y", "geo:1", "https://maps.example/?q=1,2", 5])(
    "%j is no place",
    (uri) => {
      expect(message({ msgtype: "m.location", body: "here", geo_uri: uri })).toMatchObject({
        kind: "unsupported",
      });
    },
  );

  test("a client's wish to block is neither guessed nor taken from what only looks like one", () => {
    const block = (content: unknown) => decode({ type: "com.beeper.block_user", content });
    const wish = { kind: "block", blocked: true, spam: false, beeper: true };
    expect(block({ block: true })).toMatchObject(wish);
    expect(block({ block: false, report_spam: true })).toMatchObject({ ...wish, blocked: false, spam: true });
    for (const content of [{}, { block: "true" }, { block: 1 }, null, { report_spam: true }])
      expect(block(content)).toMatchObject({ kind: "unsupported", unseen: true });
    expect(decode({ type: "com.beeper.block_user", content: { block: true }, state_key: "" })).toMatchObject({
      kind: "ignored",
    });
  });

  test("a poll is text, and the sender is told", () => {
    const poll = {
      question: { "org.matrix.msc1767.text": "Where?" },
      answers: [
        { id: "1", "org.matrix.msc1767.text": "Here" },
        { id: "2", "m.text": [{ body: "There" }] },
        5,
      ],
    };
    const content = { "org.matrix.msc3381.poll.start": poll };
    expect(decode({ type: "org.matrix.msc3381.poll.start", content })).toEqual(
      carries(
        { kind: "text", style: "text", body: { text: "📊 Where?\n1. Here\n2. There", spans: [] } },
        { note: expect.stringContaining("nobody there can vote") },
      ),
    );
  });

  test("an edit carries the new content, of a caption too", () => {
    const relation = { "m.relates_to": { rel_type: "m.replace", event_id: "$t" } };
    const text = { msgtype: "m.text", body: "new" };
    expect(message({ msgtype: "m.text", body: "* new", "m.new_content": text, ...relation })).toMatchObject({
      kind: "edit",
      target: "$t",
      message: { parts: [{ kind: "text", body: { text: "new" } }] },
    });
    const image = { msgtype: "m.image", body: "new caption", filename: "a.png", url };
    expect(message({ ...image, body: "* new caption", "m.new_content": image, ...relation })).toMatchObject({
      kind: "edit",
      message: { parts: [{ kind: "media", caption: { text: "new caption" } }] },
    });
    const odd = {
      msgtype: "m.text",
      body: "* x",
      "m.new_content": { msgtype: "m.text", body: " " },
      ...relation,
    };
    expect(message(odd)).toMatchObject({ kind: "unsupported", what: "an edit to an empty message" });
  });

  test("custom emotes are told", () => {
    const html = '<img data-mx-emoticon src="mxc://a.org/b" alt=":party:">';
    expect(
      message({ msgtype: "m.text", body: ":party:", format: "org.matrix.custom.html", formatted_body: html }),
    ).toEqual(
      carries(
        { kind: "text", style: "text", body: { text: ":party:", spans: [] } },
        { note: "Custom emotes were sent by their names." },
      ),
    );
  });

  test.each([
    ["👍", "👍"],
    ["👍️", "👍"],
    ["❤", "❤️"],
    ["👍🏽", "👍🏽"],
    ["🇳🇱", "🇳🇱"],
    ["👩‍👩‍👧", "👩‍👩‍👧"],
  ])("a reaction %s is %s", (key, emoji) => {
    const content = { "m.relates_to": { rel_type: "m.annotation", event_id: "$t", key } };
    expect(decode({ type: "m.reaction", content })).toMatchObject({ kind: "reaction", target: "$t", emoji });
  });

  test.each([
    ["mxc://example.org/emote", "a custom emote as a reaction"],
    ["lol", "a reaction that is not one emoji"],
    ["", "a reaction that is not one emoji"],
    ["👍".repeat(100), "a reaction that is not one emoji"],
  ])("a reaction %j is refused", (key, what) => {
    const content = { "m.relates_to": { rel_type: "m.annotation", event_id: "$t", key } };
    expect(decode({ type: "m.reaction", content })).toMatchObject({ kind: "unsupported", what });
  });
});
