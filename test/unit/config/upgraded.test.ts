import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { unifiedDiff } from "../../../src/config/line-diff.ts";
import { upgradedText } from "../../../src/config/upgraded.ts";

const moved = [
  { from: ["partner"], to: ["networks", "family", "partner"] },
  { from: ["old", "name"], to: ["names", "contact"] },
];

describe("a configuration's text with its keys at their present places", () => {
  test("is the same where none has moved, whatever its form", () => {
    const text = "a:    1   # one\n\n\nb: { c: [1,2] }\n";
    expect(upgradedText(text, moved)).toBe(text);
  });

  test("keeps comments, quotes and order, and takes away a section that is empty then", () => {
    const text = `# The head.
homeserver: { url: "http://127.0.0.1:8008" } # here

# Who we are.
partner:
  # Reached from outside.
  url: 'https://chats.home.test'
old:
  name: "{name}" # as it is
networks:
  # The first.
  whatsapp:
    url: https://w.test
`;
    expect(upgradedText(text, moved)).toBe(`# The head.
homeserver: { url: "http://127.0.0.1:8008" } # here

networks:
  # The first.
  whatsapp:
    url: https://w.test
  family:
    # Who we are.
    partner:
      # Reached from outside.
      url: 'https://chats.home.test'
names:
  contact: "{name}" # as it is
`);
  });

  test("joins a section that is there already, and one whose value is empty", () => {
    expect(upgradedText("partner: 1\nnetworks:\n  family: { other: 2 }\n", moved)).toBe(
      "networks:\n  family: { other: 2, partner: 1 }\n",
    );
    expect(upgradedText("partner: 1\nnetworks:\n", moved)).toBe("networks:\n  family:\n    partner: 1\n");
  });
});

describe("a difference of two texts", () => {
  test("is shown with three lines around each change, and nothing where there is none", () => {
    const before = Array.from({ length: 20 }, (_, line) => `line ${line}`);
    const after = before.toSpliced(4, 1, "other").toSpliced(18, 1);
    expect(unifiedDiff("f", before.join("\n"), before.join("\n"))).toEqual([]);
    expect(unifiedDiff("f", before.join("\n"), after.join("\n")).join("\n")).toBe(`--- f
+++ f
@@ -2,7 +2,7 @@
 line 1
 line 2
 line 3
-line 4
+other
 line 5
 line 6
 line 7
@@ -16,5 +16,4 @@
 line 15
 line 16
 line 17
-line 18
 line 19`);
  });

  test("makes the one text of the other, whatever they are", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c: 1", ""), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = unifiedDiff("f", before.join("\n"), after.join("\n"));
        expect(applied(before, diff)).toEqual(after);
      }),
    );
  });
});

/** The lines that a difference makes of these, checked against each line that it takes to be there. */
function applied(before: readonly string[], diff: readonly string[]): readonly string[] {
  const after: string[] = [];
  let at = 0;
  for (const line of diff.slice(2)) {
    const start = /^@@ -(\d+),\d+ \+\d+,\d+ @@$/.exec(line)?.[1];
    if (start !== undefined) {
      after.push(...before.slice(at, Number(start) - 1));
      at = Number(start) - 1;
      continue;
    }
    const [mark, text] = [line.slice(0, 1), line.slice(1)];
    if (mark !== "+") expect(before[at++]).toBe(text);
    if (mark !== "-") after.push(text);
  }
  return [...after, ...before.slice(at)];
}
