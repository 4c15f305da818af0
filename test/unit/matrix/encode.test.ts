import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Message } from "../../../src/core/model/content.ts";
import type { EventId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";
import { matrixEncoder } from "../../../src/matrix/events/encode.ts";

const target = "$t" as EventId;
const said = (text: string): Message => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] });

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
