import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { pad, unpad } from "../../../../src/networks/signal/wire/padding.ts";
import { onlyWireErrors, reasonOf } from "./expect-wire-error.ts";

describe("padding", () => {
  test("comes off again, and fills blocks of 80 but for libsignal's own byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (plaintext) => {
        const padded = pad(plaintext);
        expect((padded.length + 1) % 80).toBe(0);
        expect(padded.length - plaintext.length).toBeLessThanOrEqual(80);
        expect([...unpad(padded)]).toEqual([...plaintext]);
      }),
    );
  });

  test("needs no zeros, as others send it", () => {
    expect([...unpad(Uint8Array.of(1, 0x80))]).toEqual([1]);
    expect([...unpad(Uint8Array.of(0x80))]).toEqual([]);
    expect([...unpad(Uint8Array.of(1, 0x80, 0, 0x80, 0, 0))]).toEqual([1, 0x80, 0]);
  });

  test.each([[[]], [[0]], [[0, 0]], [[1]], [[0x80, 1]], [[0x80, 1, 0]]])("%j is refused", (padded) => {
    expect(reasonOf(() => unpad(Uint8Array.from(padded)))).toBe("malformed");
  });

  test("random bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (noise) => onlyWireErrors(() => unpad(noise))));
  });
});
