import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { RoomId } from "../../../src/core/model/ids.ts";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";

const isOurs = (user: string): boolean => user.startsWith("@_tpc_");
const base = {
  event_id: "$e",
  room_id: "!r",
  sender: "@alice:x",
  origin_server_ts: 5,
  type: "m.room.message",
};
const decode = (more: object): unknown => decodeEvent({ ...base, ...more }, isOurs);
const message = (content: object): unknown => decode({ content });
const event = (rest: object): object => ({
  kind: "event",
  event: { id: "$e", room: "!r", sender: "@alice:x", at: 5, ...rest },
});
const text = (body: string, style = "text"): object => ({
  parts: [{ kind: "text", style, body: { text: body, spans: [] } }],
});

const NOTICE = "Notices are plain messages on that side.";

describe("events a person sends", () => {
  test.each(["text", "notice", "emote"])("m.%s is a message", (style) => {
    expect(message({ msgtype: `m.${style}`, body: "hi" })).toEqual(
      event({ kind: "message", message: text("hi", style), ...(style === "notice" ? { note: NOTICE } : {}) }),
    );
  });

  test("a reply carries its target, a thread's stand-in for clients without threads does not", () => {
    const reply = { "m.in_reply_to": { event_id: "$t" } };
    expect(message({ msgtype: "m.text", body: "hi", "m.relates_to": reply })).toEqual(
      event({ kind: "message", message: text("hi"), replyTo: "$t" }),
    );
    const thread = { rel_type: "m.thread", event_id: "$root", is_falling_back: true, ...reply };
    expect(message({ msgtype: "m.text", body: "hi", "m.relates_to": thread })).toEqual(
      event({
        kind: "message",
        message: text("hi"),
        note: "There are no threads on that side, so it was sent into the chat itself.",
      }),
    );
  });

  test.each([
    [
      "an edit without its new text",
      { msgtype: "m.text", "m.new_content": 1, "m.relates_to": { rel_type: "m.replace", event_id: "$t" } },
    ],
    [
      "an edit to an empty message",
      { msgtype: "m.text", body: "* ", "m.relates_to": { rel_type: "m.replace", event_id: "$t" } },
    ],
    ["an edit of nothing", { msgtype: "m.text", body: "* a", "m.relates_to": { rel_type: "m.replace" } }],
    ["a file without an address", { msgtype: "m.image", body: "a.png" }],
    ["a location without coordinates", { msgtype: "m.location", body: "here" }],
    ["this kind of message", { msgtype: "com.example.new" }],
    ["an empty message", { msgtype: "com.example.new", body: " " }],
    [
      "a file that is encrypted in an unknown way",
      { msgtype: "com.example.new", body: "x", file: { url: "mxc://a/b" } },
    ],
    ["a file without an address", { msgtype: "com.example.new", body: "x", url: "https://example.org/x" }],
    ["a verification request", { msgtype: "m.key.verification.request", body: "x" }],
    ["this kind of message", {}],
    ["a message without text", { msgtype: "m.text" }],
    ["a message without text", { msgtype: "m.text", body: { toString: 1 } }],
    ["an empty message", { msgtype: "m.text", body: " \n" }],
  ])("%s is told, not dropped", (what, content) => {
    const sealed = what === "a verification request" ? { sealed: expect.any(String) } : {};
    expect(message(content)).toEqual(event({ kind: "unsupported", what, ...sealed }));
  });

  test("an edit that only has what clients without edits show is without their mark", () => {
    const html = { format: "org.matrix.custom.html", formatted_body: "* <b>a</b>" };
    const relation = { "m.relates_to": { rel_type: "m.replace", event_id: "$t" } };
    expect(message({ msgtype: "m.text", body: "* a", ...html, ...relation })).toMatchObject({
      event: {
        kind: "edit",
        target: "$t",
        message: { parts: [{ body: { text: "a", spans: [{ start: 0, end: 1, style: { kind: "bold" } }] } }] },
      },
    });
  });

  test("a poll that is changed is an edit of the text it is there", () => {
    const poll = { question: { "org.matrix.msc1767.text": "Tea?" }, answers: [] };
    const content = {
      "m.new_content": { "org.matrix.msc3381.poll.start": poll },
      "m.relates_to": { rel_type: "m.replace", event_id: "$t" },
    };
    expect(decode({ type: "org.matrix.msc3381.poll.start", content })).toMatchObject({
      event: {
        kind: "edit",
        target: "$t",
        message: { parts: [{ kind: "text", body: { text: "📊 Tea?" } }] },
      },
    });
  });

  test.each([[{ msgtype: "io.element.effect.rainfall" }], [{ msgtype: ["m.text"] }], [{ msgtype: 1 }], [{}]])(
    "what is of an unknown kind (%j) is sent as its text, with a word",
    (kind) => {
      const note = "It is of a kind that does not cross, so only its text was sent.";
      expect(message({ ...kind, body: "drip" })).toEqual(
        event({ kind: "message", message: text("drip"), note }),
      );
    },
  );

  test("a file of an unknown kind is sent as a file, with a word", () => {
    const content = { msgtype: "com.example.model", body: "cube.stl", url: "mxc://example.org/1" };
    expect(message(content)).toMatchObject({
      kind: "event",
      event: {
        message: { parts: [{ kind: "media", media: { kind: "file", name: "cube.stl" } }] },
        note: "It is of a kind that does not cross, so it was sent as a file.",
      },
    });
  });

  test("a message without content is told", () => {
    expect(decode({ content: "text" })).toEqual(
      event({ kind: "unsupported", what: "a message without content" }),
    );
  });

  test.each([
    ["m.sticker", "a file without an address"],
    ["m.reaction", "a reaction to nothing"],
    ["m.poll.start", "a poll without a question"],
    ["org.matrix.msc3381.poll.start", "a poll without a question"],
    ["m.call.invite", "a call"],
    ["org.matrix.msc4075.rtc.notification", "a call"],
  ])("%s is told", (type, what) => {
    expect(decode({ type, content: {} })).toEqual(event({ kind: "unsupported", what }));
  });

  test.each([
    ["org.matrix.msc3381.poll.response", "a vote in a poll"],
    ["m.poll.end", "the end of a poll"],
    ["m.beacon", "a live location"],
  ])("%s is told, though nobody sees it", (type, what) => {
    expect(decode({ type, content: {} })).toEqual(event({ kind: "unsupported", what, unseen: true }));
  });

  test("what is encrypted, and that encryption was switched on", () => {
    const encrypted = { type: "m.room.encrypted", content: { ciphertext: "x" } };
    expect(decode({ ...encrypted, unsigned: { age: 1 } })).toEqual(
      event({ kind: "encrypted", sealed: expect.stringContaining('"content":{"ciphertext":"x"}}') }),
    );
    expect(decode({ type: "m.room.encryption", state_key: "", content: {} })).toEqual(
      event({ kind: "encryption-enabled" }),
    );
  });

  test("a redaction's target is in the content since room version 11, beside it before", () => {
    const redaction = { type: "m.room.redaction" };
    expect(decode({ ...redaction, content: { redacts: "$t" } })).toEqual(
      event({ kind: "redaction", target: "$t" }),
    );
    expect(decode({ ...redaction, content: {}, redacts: "$t" })).toEqual(
      event({ kind: "redaction", target: "$t" }),
    );
    expect(decode({ ...redaction, content: {} })).toMatchObject({ kind: "ignored" });
  });

  test("membership, with whether it is a direct chat", () => {
    const member = { type: "m.room.member", state_key: "@bot:x" };
    expect(decode({ ...member, content: { membership: "invite", is_direct: true } })).toEqual(
      event({ kind: "member", user: "@bot:x", membership: "invite", direct: true }),
    );
    expect(decode({ ...member, content: { membership: "dancing" } })).toMatchObject({ kind: "ignored" });
  });

  test("an invitation says which room the one it is to claims to take the place of", () => {
    const member = { type: "m.room.member", state_key: "@bot:x" };
    const create = (predecessor: unknown) => ({
      unsigned: { invite_room_state: [5, { type: "m.room.create", content: { predecessor } }] },
    });
    const invited = { kind: "member", user: "@bot:x", membership: "invite", direct: false };
    const content = { membership: "invite" };
    expect(decode({ ...member, content, ...create({ room_id: "!old" }) })).toEqual(
      event({ ...invited, replaces: "!old" }),
    );
    for (const odd of [undefined, null, { room_id: 5 }, { room_id: "#old:x" }, "!old"]) {
      expect(decode({ ...member, content, ...create(odd) })).toEqual(event(invited));
    }
    const joined = { ...member, content: { membership: "join" }, ...create({ room_id: "!old" }) };
    expect(decode(joined)).toEqual(event({ ...invited, membership: "join" }));
  });

  test("a tombstone is one as state only", () => {
    const closed = { type: "m.room.tombstone", content: { replacement_room: "!next" } };
    expect(decode({ ...closed, state_key: "" })).toEqual(event({ kind: "tombstone" }));
    expect(decode({ ...closed, state_key: "x" })).toMatchObject({ kind: "ignored" });
    expect(decode(closed)).toMatchObject({ kind: "ignored" });
  });
});

describe("what is ignored", () => {
  test.each([
    ["what our own users sent", { sender: "@_tpc_a:x", content: { msgtype: "m.text", body: "a" } }, "ours"],
    ["what is redacted already", { content: {}, unsigned: { redacted_because: {} } }, "redacted"],
    ["other state", { type: "m.room.pinned_events", state_key: "", content: {} }, "not-for-us"],
    ["a topic of something in the room", { type: "m.room.topic", state_key: "x", content: {} }, "not-for-us"],
    ["other events", { type: "com.example.thing", content: {} }, "not-for-us"],
    ["an id that is none", { event_id: "e", content: {} }, "malformed"],
    ["a room that is none", { room_id: 7, content: {} }, "malformed"],
    ["a sender of 300 characters", { sender: `@${"a".repeat(300)}`, content: {} }, "malformed"],
  ])("%s", (_name, more, why) => {
    expect(decode(more)).toMatchObject({ kind: "ignored", why });
  });

  test("the room may come from beside the event", () => {
    const { room_id: _, ...bare } = base;
    const raw = { ...bare, content: { msgtype: "m.text", body: "a" } };
    expect(decodeEvent(raw, isOurs, "!other" as RoomId)).toMatchObject({ event: { room: "!other" } });
  });
});

describe("hostile events", () => {
  test("prototype keys are nothing special", () => {
    const raw: unknown = JSON.parse(
      '{"event_id":"$e","room_id":"!r","sender":"@a:x","type":"m.room.message","content":{"__proto__":{"msgtype":"m.text","body":"x"},"constructor":1}}',
    );
    expect(decodeEvent(raw, isOurs)).toMatchObject({ event: { kind: "unsupported" } });
  });

  test("a relation nested a hundred thousand deep", () => {
    const deep: unknown = JSON.parse(`${'{"m.in_reply_to":'.repeat(100_000)}1${"}".repeat(100_000)}`);
    expect(message({ msgtype: "m.text", body: "hi", "m.relates_to": deep })).toMatchObject({
      event: { kind: "message" },
    });
  });

  test("a clock of another world becomes zero", () => {
    const content = { msgtype: "m.text", body: "a" };
    for (const at of [-1, 1e300, "now", null, Number.NaN]) {
      expect(decode({ origin_server_ts: at, content })).toMatchObject({ event: { at: 0 } });
    }
  });

  test("no JSON value makes decoding throw", () => {
    const keys = [
      "content",
      "unsigned",
      "state_key",
      "redacts",
      "type",
      "body",
      "msgtype",
      "m.relates_to",
      "formatted_body",
    ];
    const value = fc.letrec((tie) => ({
      json: fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom(...keys), tie("json")),
        fc.constantFrom("m.room.message", "m.room.member", "m.text", "org.matrix.custom.html", "$x"),
      ),
    })).json;
    fc.assert(
      fc.property(value, fc.dictionary(fc.constantFrom(...keys), value), (whole, parts) => {
        decodeEvent(whole, isOurs);
        decodeEvent({ ...base, ...parts }, isOurs);
      }),
    );
  });
});
