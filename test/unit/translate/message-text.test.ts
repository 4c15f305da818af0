import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PersonId, UserId } from "../../../src/core/model/ids.ts";
import type { RichText } from "../../../src/core/model/rich-text.ts";
import { fromMarkup } from "../../../src/translate/markup.ts";
import { decodeMessageText, encodeMessageText } from "../../../src/translate/message-text.ts";
import { runs } from "../../kit/random-runs.ts";
import { canonicalRichText } from "./rich-text-samples.ts";

const ghost = "@ghost_p1:e.org" as UserId;
const person = { kind: "mentionPerson", person: "p1" as PersonId } as const;
const encode = (body: RichText) => encodeMessageText({ style: "text", body }, () => ghost);
const mentionOf = (user: UserId) => (user === ghost ? person : ({ kind: "mentionUser", user } as const));

describe("text content of m.room.message", () => {
  test("is read back as it was written", () => {
    fc.assert(
      fc.property(canonicalRichText, (body) => {
        fc.pre(body.text.trim() !== "");
        expect(decodeMessageText({ ...encode(body) }, mentionOf)).toEqual({
          kind: "text",
          style: "text",
          body,
        });
      }),
      { numRuns: runs(1000) },
    );
  });

  test("plain text has no formatted_body, and always m.mentions", () => {
    expect(encode(fromMarkup("hi @room @u:e.org"))).toEqual({
      msgtype: "m.text",
      body: "hi @room @u:e.org",
      "m.mentions": {},
    });
    expect(encodeMessageText({ style: "emote", body: fromMarkup("*waves*") })).toEqual({
      msgtype: "m.emote",
      body: "waves",
      format: "org.matrix.custom.html",
      formatted_body: "<strong>waves</strong>",
      "m.mentions": {},
    });
  });

  test("who is called is in m.mentions", () => {
    const spans = [
      { start: 0, end: 3, style: person },
      { start: 4, end: 7, style: { kind: "mentionUser", user: "@u:e.org" as UserId } },
      { start: 8, end: 13, style: { kind: "mentionRoom" } },
    ] as const;
    const content = encode({ text: "Ana Udo @room", spans });
    expect(content["m.mentions"]).toEqual({ user_ids: [ghost, "@u:e.org"], room: true });
    expect(decodeMessageText({ ...content }, mentionOf)?.body.spans).toEqual(spans);
  });

  test("the sender's m.mentions says which pills are mentions", () => {
    const pill = '<a href="https://matrix.to/#/@u:e.org">Udo</a>';
    const content = {
      msgtype: "m.text",
      body: "Udo",
      format: "org.matrix.custom.html",
      formatted_body: pill,
    };
    const style = { kind: "mentionUser", user: "@u:e.org" };
    expect(decodeMessageText(content)?.body.spans).toEqual([{ start: 0, end: 3, style }]);
    expect(decodeMessageText({ ...content, "m.mentions": {} })?.body.spans).toEqual([]);
    const listed = { "m.mentions": { user_ids: ["@u:e.org"] } };
    expect(decodeMessageText({ ...content, ...listed })?.body.spans).toEqual([{ start: 0, end: 3, style }]);
    expect(decodeMessageText({ msgtype: "m.text", body: "hi @u:e.org!", ...listed })?.body.spans).toEqual([
      { start: 3, end: 11, style },
    ]);
  });

  test("a reply's fallback is left out, and only a reply's", () => {
    const body = "> <@a:e.org> old\n\nnew";
    const relates = { "m.relates_to": { "m.in_reply_to": { event_id: "$a" } } };
    expect(decodeMessageText({ msgtype: "m.text", body, ...relates })?.body.text).toBe("new");
    expect(decodeMessageText({ msgtype: "m.text", body })?.body.text).toBe(body);
  });

  test("HTML without any text falls back to the body", () => {
    const content = {
      msgtype: "m.text",
      body: "text",
      format: "org.matrix.custom.html",
      formatted_body: "<mx-reply>x",
    };
    expect(decodeMessageText(content)?.body).toEqual({ text: "text", spans: [] });
  });

  test("events of odd shapes never throw", () => {
    expect(decodeMessageText({ msgtype: "m.image", body: "x" })).toBeUndefined();
    expect(decodeMessageText({ msgtype: "m.text", body: 5 })).toBeUndefined();
    const odd = fc.dictionary(
      fc.constantFrom("body", "format", "formatted_body", "m.mentions", "m.relates_to"),
      fc.oneof(
        fc.jsonValue(),
        fc.constant("org.matrix.custom.html"),
        fc.constant({ user_ids: [null, "@", 1], room: "yes" }),
      ),
    );
    fc.assert(
      fc.property(odd, (content) => {
        const read = decodeMessageText({ ...content, msgtype: "m.text" });
        expect(read === undefined).toBe(typeof content["body"] !== "string");
      }),
    );
  });
});
