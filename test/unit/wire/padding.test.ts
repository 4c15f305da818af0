import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { pad, unpad } from "../../../src/networks/meta-interop/wire/padding.ts";
import { onlyWireErrors, reasonOf } from "./expect-wire-error.ts";

describe("padding", () => {
  test("comes off again, and is 1 to 15 bytes of its own count", () => {
    const counts = new Set<number>();
    fc.assert(
      fc.property(fc.uint8Array(), (plaintext) => {
        const padded = pad(plaintext);
        const count = padded.length - plaintext.length;
        counts.add(count);
        expect([...padded.subarray(plaintext.length)]).toEqual(Array.from({ length: count }, () => count));
        expect([...unpad(padded)]).toEqual([...plaintext]);
      }),
      { numRuns: 500 },
    );
    expect(Math.min(...counts)).toBe(1);
    expect(Math.max(...counts)).toBe(15);
  });

  test.each([[[]], [[0]], [[16]], [Array.from({ length: 16 }, () => 16)], [[2]], [[1, 3, 2, 3]], [[255]]])(
    "%j is refused",
    (padded) => {
      expect(reasonOf(() => unpad(Uint8Array.from(padded)))).toBe("malformed");
    },
  );

  test("random bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (noise) => onlyWireErrors(() => unpad(noise))));
  });
});
