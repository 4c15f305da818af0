import { describe, expect, test } from "@jest/globals";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { TARGET } from "../../../src/core/ports/homeserver.ts";
import { matrixEncoder } from "../../../src/matrix/events/encode.ts";
import { fromMarkup } from "../../../src/translate/markup.ts";

describe("what is too large for one event", () => {
  const fits = (content: object): boolean => Buffer.byteLength(JSON.stringify(content)) < 60_000;

  test.each([
    ["plain words", "word ".repeat(20_000)],
    ["one long word", "x".repeat(100_000)],
    ["emoji", "👩‍👩‍👧".repeat(10_000)],
    ["control characters", "\u0001".repeat(30_000)],
  ])("%s are several events, and nothing is lost", (_name, text) => {
    const events = matrixEncoder.message(
      { parts: [{ kind: "text", style: "text", body: plainText(text) }] },
      undefined,
    );
    expect(events.length).toBeGreaterThan(1);
    expect(events.every(({ content }) => fits(content))).toBe(true);
    const shown = events.map(({ content }) => String(content["body"])).join("");
    expect(shown.replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
  });

  test.each([
    ["items", "* a\n"],
    ["numbers", "1. a\n"],
    ["bold words", "*a* "],
    ["styles in each other", "*_~a~_* "],
    ["fewer styles than are too many", `*a*${"b".repeat(60)} `],
    ["quotes of control characters", `> ${"\u0001".repeat(30)}\n\n`],
  ])("65,536 characters of %s are at most ten events, and every letter is there", (_name, unit) => {
    const text = unit.repeat(65_536 / unit.length);
    const body = fromMarkup(text);
    const events = matrixEncoder.message({ parts: [{ kind: "text", style: "text", body }] }, undefined);
    expect(events.length).toBeLessThanOrEqual(10);
    expect(events.every(({ content }) => fits(content))).toBe(true);
    const shown = events.map(({ content }) => String(content["body"])).join("");
    const letters = (said: string) => said.replaceAll(/[^ab\p{Cc}]|\s/gu, "");
    expect(letters(shown)).toBe(letters(text));
  });

  test.each(["漢", "\u0001", "😀", '"', "*a* ", "word "])(
    "an edit of 65,536 characters of %j loses none",
    (unit) => {
      const text = unit.repeat(Math.floor(65_536 / unit.length));
      const body = fromMarkup(text);
      const events = matrixEncoder.revised({ parts: [{ kind: "text", style: "text", body }] });
      expect(events.length).toBeLessThanOrEqual(24);
      expect(events.every((event) => fits(matrixEncoder.replacement(event, TARGET).content))).toBe(true);
      const shown = events.map(({ content }) => String(content["body"])).join("");
      expect(shown.replaceAll(/\s/g, "") === text.replaceAll(/\s/g, "")).toBe(true);
    },
  );

  test("styles that weigh more than the text are given up", () => {
    const href = `https://example.org/${"a".repeat(80_000)}`;
    const body = { text: "link", spans: [{ start: 0, end: 4, style: { kind: "link", href } }] } as const;
    const events = matrixEncoder.message({ parts: [{ kind: "text", style: "text", body }] }, undefined);
    expect(events.map(({ content }) => content["body"])).toEqual(["link"]);
  });

  test.each([
    ["plain words", "word ".repeat(5_000)],
    ["one long word", "x".repeat(100_000)],
    ["emoji", "👩‍👩‍👧".repeat(4_000)],
    ["quotes", '"'.repeat(25_000)],
  ])("%s in an edit fill several, each small enough to stand twice in an event", (_name, text) => {
    const body = plainText(text);
    const pieces = matrixEncoder.revised({ parts: [{ kind: "text", style: "text", body }] });
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.every((piece) => fits(matrixEncoder.replacement(piece, TARGET).content))).toBe(true);
    const shown = pieces.map(({ content }) => String(content["body"])).join("");
    expect(shown.replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
  });

  test("an edit fills no more than twenty-four events, and says so", () => {
    const body = plainText("\u0001word ".repeat(60_000));
    const pieces = matrixEncoder.revised({ parts: [{ kind: "text", style: "text", body }] });
    expect(pieces).toHaveLength(24);
    expect(pieces.every((piece) => fits(matrixEncoder.replacement(piece, TARGET).content))).toBe(true);
    expect(pieces.at(-1)?.content["body"]).toMatch(/too long to be shown whole\)$/);
  });

  test("styles that weigh more than the edit's text are given up", () => {
    const href = `https://example.org/${"a".repeat(30_000)}`;
    const body = { text: "link", spans: [{ start: 0, end: 4, style: { kind: "link", href } }] } as const;
    const pieces = matrixEncoder.revised({ parts: [{ kind: "text", style: "text", body }] });
    expect(pieces.map(({ content }) => content["body"])).toEqual(["link"]);
  });

  test("an edit that leaves nothing is still one", () => {
    expect(matrixEncoder.revised({ parts: [] }).map(({ content }) => content["body"])).toEqual([""]);
  });
});
