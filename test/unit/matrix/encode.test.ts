import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Message } from "../../../src/core/model/content.ts";
import type { EventId, UserId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";
import { matrixEncoder } from "../../../src/matrix/events/encode.ts";

const target = "$t" as EventId;
const said = (text: string): Message => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] });

describe("what became of a message", () => {
  const status = (...of: Parameters<typeof matrixEncoder.status>) => {
    const { type, content } = matrixEncoder.status(...of);
    const { "m.relates_to": relation, ...fields } = content;
    expect([type, relation]).toEqual([
      "com.beeper.message_send_status",
      { rel_type: "m.reference", event_id: "$t" },
    ]);
    return fields;
  };

  test("refers to the message, and has the fields that clients know", () => {
    const words = "It is too odd.";
    expect(status(target, { kind: "pending" })).toEqual({ status: "PENDING" });
    expect(status(target, { kind: "pending", words })).toEqual({ status: "PENDING", message: words });
    expect(status(target, { kind: "sent" })).toEqual({ status: "SUCCESS" });
    expect(status(target, { kind: "sent", to: [] }, "$again" as EventId)).toEqual({
      status: "SUCCESS",
      delivered_to_users: [],
      last_retry: "$again",
    });
    expect(status(target, { kind: "delivered", to: ["@g:x" as UserId] })).toEqual({
      status: "SUCCESS",
      delivered_to_users: ["@g:x"],
    });
    expect(status(target, { kind: "refused", why: "unsupported", words })).toEqual({
      status: "FAIL_PERMANENT",
      reason: "com.beeper.unsupported_event",
      message: words,
    });
    expect(status(target, { kind: "failed", why: "network", words, again: true })).toEqual({
      status: "FAIL_RETRIABLE",
      reason: "m.foreign_network_error",
      message: words,
    });
    expect(status(target, { kind: "failed", why: "other", words, again: false })).toMatchObject({
      status: "FAIL_PERMANENT",
      reason: "m.event_not_handled",
    });
  });

  test("comes from nobody else: what others send as such is nothing to bridge", () => {
    const event = { event_id: "$s", room_id: "!r:x", sender: "@ana:x", origin_server_ts: 1 };
    const { type, content } = matrixEncoder.status(target, { kind: "sent" });
    expect(decodeEvent({ ...event, type, content }, () => false)).toMatchObject({
      kind: "ignored",
      why: "not-for-us",
    });
  });

  test("is of use to who writes with a client of Beeper's kind, which says so, and what it sends again", () => {
    const event = { event_id: "$s", room_id: "!r:x", sender: "@ana:x", origin_server_ts: 1 };
    const decoded = (more: object) =>
      decodeEvent(
        { ...event, type: "m.room.message", content: { msgtype: "m.text", body: "hi", ...more } },
        () => false,
      );
    expect(decoded({})).not.toHaveProperty("event.beeper");
    expect(decoded({ "com.beeper.linkpreviews": [] })).toMatchObject({ event: { beeper: true } });
    const retry = { original_event_id: "$first", retry_count: 1 };
    expect(decoded({ "com.beeper.message_send_retry": retry })).toMatchObject({
      event: { kind: "message", beeper: true, retryOf: "$first" },
    });
    for (const odd of [null, "x", {}, { original_event_id: 7 }, { original_event_id: "first" }])
      expect(decoded({ "com.beeper.message_send_retry": odd })).not.toHaveProperty("event.retryOf");
  });
});

describe("what is put into a room", () => {
  test("plain text mentions nobody, whatever it says", () => {
    expect(matrixEncoder.message(said("@room @alice:x"), undefined)).toEqual([
      { type: "m.room.message", content: { msgtype: "m.text", body: "@room @alice:x", "m.mentions": {} } },
    ]);
  });

  test("a remote text is never HTML", () => {
    const [event] = matrixEncoder.message(said("<b>&amp;</b>"), undefined);
    expect(event?.content).not.toHaveProperty("formatted_body");
    expect(event?.content["body"]).toBe("<b>&amp;</b>");
  });

  test("styled text has a formatted body with its text escaped", () => {
    const body = { text: "a <i>", spans: [{ start: 0, end: 1, style: { kind: "bold" } }] } as const;
    const [event] = matrixEncoder.message({ parts: [{ kind: "text", style: "text", body }] }, undefined);
    expect(event?.content).toMatchObject({
      format: "org.matrix.custom.html",
      formatted_body: "<strong>a</strong> &lt;i&gt;",
      "m.mentions": {},
    });
  });

  test("one event a part, and only the first is the reply", () => {
    const { parts } = said("a");
    const events = matrixEncoder.message({ parts: [...parts, ...parts] }, target);
    expect(events.map(({ content }) => content["m.relates_to"])).toEqual([
      { "m.in_reply_to": { event_id: "$t" } },
      undefined,
    ]);
  });

  test("a notice, alone or to something", () => {
    expect(matrixEncoder.notice("Hello")).toEqual({
      type: "m.room.message",
      content: { msgtype: "m.notice", body: "Hello", "m.mentions": {} },
    });
    expect(matrixEncoder.notice("No", target).content).toMatchObject({
      "m.relates_to": { "m.in_reply_to": { event_id: "$t" } },
    });
  });

  test("what is encoded is decoded to the same", () => {
    const raw = {
      event_id: "$e",
      room_id: "!r",
      sender: "@a:x",
      type: "m.room.message",
      origin_server_ts: 1,
    };
    const words = fc
      .string({ unit: "grapheme" })
      .filter((text) => text.trim() !== "" && !text.includes("\r"));
    fc.assert(
      fc.property(words, (text) => {
        const [event] = matrixEncoder.message(said(text), undefined);
        const decoded = decodeEvent({ ...raw, content: event?.content }, () => false);
        expect(decoded).toMatchObject({ event: { kind: "message", message: said(text) } });
      }),
    );
  });
});
