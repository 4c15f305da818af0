import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PersonId, UserId } from "../../../../src/core/model/ids.ts";
import type { RichText, Span } from "../../../../src/core/model/rich-text.ts";
import { readMentions, writeMentions } from "../../../../src/networks/signal/convert/mentions.ts";
import { readRanges } from "../../../../src/networks/signal/convert/read-ranges.ts";
import { writeRanges } from "../../../../src/networks/signal/convert/write-ranges.ts";
import type { BodyRange } from "../../../../src/networks/signal/wire/attachment.ts";
import { canonical } from "../../../../src/translate/canonical.ts";
import { anyRichText } from "../../translate/rich-text-samples.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001" as PersonId;
const own = "bbbbbbbb-0000-4000-8000-000000000002" as PersonId;
const number = "pni.cccccccc-0000-4000-8000-000000000003" as PersonId;
const us = { own, user: "@me:example.org" as UserId };
const readMention = readMentions(us, new Map([[ada, "Ada"]]));
const ghost = "@signal_ada:example.org" as UserId;
const writeMention = writeMentions(us, new Map([[ghost, ada]]));

const styles = ["bold", "italic", "spoiler", "strikethrough", "monospace"] as const;
type RangeStyle = (typeof styles)[number];
const KINDS = {
  bold: "bold",
  italic: "italic",
  spoiler: "spoiler",
  strikethrough: "strike",
  monospace: "code",
} as const;

const styled = (start: number, length: number, style: RangeStyle): BodyRange => ({
  start,
  length,
  mark: { style },
});
const mention = (start: number, length = 1, account: string = ada): BodyRange => ({
  start,
  length,
  mark: { mention: account },
});
const read = (body: string, ...ranges: readonly BodyRange[]) => readRanges(body, ranges, readMention);
const write = (rich: RichText) => writeRanges(rich, writeMention);
const span = (start: number, end: number, style: Span["style"]): Span => ({ start, end, style });

/** Letters, a character of two units, a combining mark, and line ends; nothing that stands for a mention. */
const texts = fc.string({
  unit: fc.constantFrom("a", "b", " ", "*", "\u{1f44d}", "e\u0301", "\n"),
  maxLength: 30,
});
const anyRange = fc.record({
  start: fc.oneof(fc.nat({ max: 35 }), fc.constantFrom(0xffff_ffff)),
  length: fc.oneof(fc.nat({ max: 35 }), fc.constantFrom(0xffff_ffff)),
  mark: fc.record({ style: fc.constantFrom(...styles) }),
});
const anyRanges = fc.array(anyRange, { maxLength: 6 });

/** The styles of each unit that is no line end, as the text is meant: a pair has what either half has. */
function stylesOfUnits(text: string, has: (at: number, style: RangeStyle) => boolean): string[] {
  return Array.from({ length: text.length }, (_, at) => {
    const pair = [at];
    if (/[\ud800-\udbff]/.test(text[at] ?? "")) pair.push(at + 1);
    if (/[\udc00-\udfff]/.test(text[at] ?? "")) pair.push(at - 1);
    return text[at] === "\n" ? "" : styles.filter((style) => pair.some((unit) => has(unit, style))).join(" ");
  });
}

describe("ranges of a body", () => {
  test("style exactly the characters they cover, whatever overlaps, cuts a pair or lies outside", () => {
    fc.assert(
      fc.property(texts, anyRanges, (body, ranges) => {
        const rich = read(body, ...ranges);
        expect(rich.text).toBe(body);
        const shown = stylesOfUnits(body, (at, style) =>
          rich.spans.some((each) => each.style.kind === KINDS[style] && each.start <= at && at < each.end),
        );
        const meant = stylesOfUnits(body, (at, style) =>
          ranges.some(
            ({ start, length, mark }) => mark.style === style && start <= at && at < start + length,
          ),
        );
        expect(shown).toEqual(meant);
        expect(rich).toEqual(canonical(rich));
      }),
      { numRuns: 500 },
    );
  });

  test("are written so that they are read back as they were", () => {
    const parts = fc.array(
      fc.oneof(
        texts.map((text) => ({ text, spans: [] })),
        fc.constant({ text: "@Ada", spans: [span(0, 4, { kind: "mentionPerson", person: ada })] }),
        fc.constant({ text: "@me", spans: [span(0, 3, { kind: "mentionUser", user: us.user })] }),
      ),
      { maxLength: 5 },
    );
    const inline = fc.constantFrom("bold", "italic", "spoiler", "strike", "code" as const);
    const spans = fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 60 }), inline), { maxLength: 6 });
    fc.assert(
      fc.property(parts, spans, (pieces, more) => {
        let offset = 0;
        const mentions = pieces.flatMap((piece) => {
          const moved = piece.spans.map((each) => ({
            ...each,
            start: each.start + offset,
            end: each.end + offset,
          }));
          offset += piece.text.length;
          return moved;
        });
        const text = pieces.map((piece) => piece.text).join("");
        const added = more.map(([start, length, kind]) => span(start, start + length, { kind }));
        const rich = canonical({ text, spans: [...mentions, ...added] });
        const { body, ranges } = write(rich);
        expect(read(body, ...ranges)).toEqual(rich);
      }),
      { numRuns: 500 },
    );
  });

  test("of any text at all are inside the body, and read back the same the second time", () => {
    fc.assert(
      fc.property(anyRichText, (rich) => {
        const { body, ranges } = write(rich);
        for (const { start, length } of ranges) {
          expect(length).toBeGreaterThan(0);
          expect(start + length).toBeLessThanOrEqual(body.length);
        }
        const shown = read(body, ...ranges);
        const again = write(shown);
        expect(read(again.body, ...again.ranges)).toEqual(shown);
      }),
      { numRuns: 500 },
    );
  });

  test("of one style on lines that follow one another are one range", () => {
    const bold = (start: number, end: number) => span(start, end, { kind: "bold" });
    expect(write({ text: "ab\ncd\n\nef", spans: [bold(0, 9)] }).ranges).toEqual([styled(0, 9, "bold")]);
    expect(write({ text: "ab cd", spans: [bold(0, 2), bold(3, 5)] }).ranges).toHaveLength(2);
  });
});

describe("mentions", () => {
  test("show names where the body has their sign, and styles move with them", () => {
    expect(read("Hi \ufffc, and \ufffc!", mention(3), mention(10, 1, own), styled(0, 5, "bold"))).toEqual({
      text: "Hi @Ada, and @me!",
      spans: [
        span(0, 8, { kind: "bold" }),
        span(3, 7, { kind: "mentionPerson", person: ada }),
        span(13, 16, { kind: "mentionUser", user: us.user }),
      ],
    });
  });

  test("of somebody without a name are shown too", () => {
    const other = "dddddddd-0000-4000-8000-000000000004";
    expect(read("\ufffc", mention(0, 1, other)).text).toBe("@somebody");
    expect(readMentions(us, new Map([[other as PersonId, "\u202eevil\n"]]))(other)?.label).toBe("@evil");
  });

  test("stand for one sign, whichever it is, and of more they hide nothing", () => {
    expect(read("X says", mention(0)).text).toBe("@Ada says");
    expect(read("Bob says", mention(0, 3))).toEqual({
      text: "Bob says",
      spans: [span(0, 3, { kind: "mentionPerson", person: ada })],
    });
    expect(read("\u{1f44d}", mention(0), mention(1)).text).toBe("\u{1f44d}");
    expect(read("ab", mention(2), mention(7), mention(0, 0)).text).toBe("ab");
  });

  test("at one place are one", () => {
    expect(read("\ufffc", mention(0), mention(0, 1, own), mention(0)).text).toBe("@Ada");
  });

  test("make no text of a thousand times its length", () => {
    const many = Array.from({ length: 2_000 }, (_, at) => mention(at));
    const name = "n".repeat(100);
    const { text } = readRanges("\ufffc".repeat(2_000), many, readMentions(us, new Map([[ada, name]])));
    expect(text.length).toBeLessThan(30_000);
    expect(text.startsWith(`@${name}@${name}`)).toBe(true);
  });

  test("are written for people with an account, by a ghost or our own person, and stay words for others", () => {
    const text = "@Ada @you @nr @room @x";
    const spans = [
      span(0, 4, { kind: "mentionUser", user: ghost }),
      span(5, 9, { kind: "mentionUser", user: us.user }),
      span(10, 13, { kind: "mentionPerson", person: number }),
      span(14, 19, { kind: "mentionRoom" }),
      span(20, 22, { kind: "mentionUser", user: "@x:example.org" as UserId }),
    ];
    expect(write({ text, spans })).toEqual({
      body: "\ufffc \ufffc @nr @room @x",
      ranges: [mention(0), mention(2, 1, own)],
    });
  });
});

describe("line ends", () => {
  test("become one sign, and styles stay where they were", () => {
    expect(read("a\r\nb\rc", styled(3, 1, "bold"), styled(5, 1, "italic"))).toEqual({
      text: "a\nb\nc",
      spans: [span(2, 3, { kind: "bold" }), span(4, 5, { kind: "italic" })],
    });
    expect(read("a\r\nb").text).toBe("a\nb");
  });
});

describe("what Signal has no style for", () => {
  test("becomes text as people write it there", () => {
    const text = "Title\none\ntwo\nsaid\ncode\nmore\nwords";
    const spans = [
      span(0, 5, { kind: "heading", level: 1 }),
      span(6, 9, { kind: "bulletItem" }),
      span(10, 13, { kind: "numberedItem", number: 2 }),
      span(14, 18, { kind: "quote" }),
      span(14, 18, { kind: "italic" }),
      span(19, 28, { kind: "codeBlock", language: "c" }),
      span(29, 34, { kind: "link", href: "https://example.org/" }),
      span(29, 34, { kind: "underline" }),
    ];
    const body = "Title\n- one\n2. two\n> said\ncode\nmore\nwords (https://example.org/)";
    expect(write({ text, spans })).toEqual({
      body,
      ranges: [styled(0, 5, "bold"), styled(21, 4, "italic"), styled(26, 9, "monospace")],
    });
  });

  test("nests: items below items, code in quotes", () => {
    const text = "one\ninner\nx";
    const spans = [
      span(0, 9, { kind: "bulletItem" }),
      span(4, 9, { kind: "bulletItem" }),
      span(10, 11, { kind: "quote" }),
      span(10, 11, { kind: "codeBlock" }),
    ];
    expect(write({ text, spans })).toEqual({
      body: "- one\n  - inner\n> x",
      ranges: [styled(18, 1, "monospace")],
    });
  });

  test("leaves an address alone that is its own link", () => {
    const text = "https://example.org";
    expect(write({ text, spans: [span(0, text.length, { kind: "link", href: text })] })).toEqual({
      body: text,
      ranges: [],
    });
  });
});
