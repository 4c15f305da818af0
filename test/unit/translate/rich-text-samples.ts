import fc from "fast-check";
import type { PersonId, UserId } from "../../../src/core/model/ids.ts";
import type { RichText, Span, Style } from "../../../src/core/model/rich-text.ts";
import { canonical } from "../../../src/translate/canonical.ts";

/** Letters, marks, spaces, a pair, a combining mark, what HTML escapes, and line ends. */
const characters = fc.constantFrom(
  ...Array.from("aB9*_~`>-<&\"'@#:/.,()[]|!\\"),
  " ",
  " ",
  "\n",
  "\n",
  "\u2060",
  "\u00e9",
  "e\u0301",
  "\u{1f44d}",
  "\u4f60",
  "1. ",
  "> ",
  "- ",
  "```",
  "https://x.org/_a_",
  "&amp;",
  "<b>",
);

export const texts = fc.string({ unit: characters, maxLength: 40 });

const styles: fc.Arbitrary<Style> = fc.oneof(
  fc.constantFrom<Style>(
    { kind: "bold" },
    { kind: "italic" },
    { kind: "underline" },
    { kind: "strike" },
    { kind: "code" },
    { kind: "spoiler" },
    { kind: "quote" },
    { kind: "bulletItem" },
    { kind: "codeBlock" },
    { kind: "codeBlock", language: "c++" },
    { kind: "link", href: "https://e.org/?a=1&b=%22" },
    { kind: "link", href: "mailto:a@e.org" },
    { kind: "mentionUser", user: "@u=x/y:e.org:8448" as UserId },
    { kind: "mentionPerson", person: "p1" as PersonId },
  ),
  fc.integer({ min: 0, max: 12 }).map((number): Style => ({ kind: "numberedItem", number })),
  fc.constantFrom(1, 2, 3, 4, 5, 6).map((level): Style => ({ kind: "heading", level })),
);

/** Any text with any spans, not canonical, ends out of bounds included. */
export const anyRichText: fc.Arbitrary<RichText> = texts.chain((text) =>
  fc.record({ text: fc.constant(text), spans: fc.array(anySpan(text.length), { maxLength: 8 }) }),
);

function anySpan(length: number): fc.Arbitrary<Span> {
  const offset = fc.integer({ min: -1, max: length + 1 });
  return fc.record({ start: offset, end: offset, style: styles });
}

export const canonicalRichText: fc.Arbitrary<RichText> = anyRichText.map(canonical);
