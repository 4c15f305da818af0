import { expect } from "@jest/globals";

/** Findings as `doctor --json` tells them. */
export const good = (what: string | RegExp) => [{ status: "good", what: expect.stringMatching(what) }];
export const bad = (file: string, line: number | null, what: string | RegExp, cure: string | RegExp) => [
  { status: "bad", file, line, what: expect.stringMatching(what), cure: expect.stringMatching(cure) },
];
export const untried = (what: string) => [{ status: "untried", what: expect.stringContaining(what) }];
