import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  encodeFrame,
  FrameDecoder,
  INTRO,
  MAX_FRAME,
} from "../../../src/networks/meta-interop/wire/noise/frames.ts";
import { onlyWireErrors, reasonOf } from "./expect-wire-error.ts";

const plain = (frames: readonly Uint8Array[]): number[][] => frames.map((frame) => [...frame]);

function cut(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return [...chunks, stream.subarray(at)];
}

describe("frames", () => {
  test("come out the same however the stream is cut", () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    fc.assert(
      fc.property(payloads, fc.array(fc.nat(40)), fc.boolean(), (sent, sizes, expectIntro) => {
        const stream = Buffer.concat([...(expectIntro ? [INTRO] : []), ...sent.map(encodeFrame)]);
        const decoder = new FrameDecoder({ expectIntro });
        const got = cut(stream, sizes).flatMap((chunk) => decoder.push(chunk));
        expect(plain(got)).toEqual(plain(sent));
      }),
    );
  });

  test("one byte at a time", () => {
    const decoder = new FrameDecoder({ expectIntro: true });
    const stream = [
      ...INTRO,
      ...encodeFrame(Uint8Array.of(1, 2, 3)),
      ...encodeFrame(new Uint8Array(0)),
      0,
      0,
    ];
    expect(plain(stream.flatMap((byte) => decoder.push(Uint8Array.of(byte))))).toEqual([[1, 2, 3], []]);
    expect(plain(decoder.push(Uint8Array.of(1, 9)))).toEqual([[9]]);
  });

  test("the longest passes, one byte more does not", () => {
    const longest = encodeFrame(new Uint8Array(MAX_FRAME));
    expect([...longest.subarray(0, 3)]).toEqual([0x10, 0, 0]);
    expect(new FrameDecoder({ expectIntro: false }).push(longest)[0]).toHaveLength(MAX_FRAME);
    expect(reasonOf(() => encodeFrame(new Uint8Array(MAX_FRAME + 1)))).toBe("too-long");
    const decoder = new FrameDecoder({ expectIntro: false });
    expect(reasonOf(() => decoder.push(Uint8Array.of(0x10, 0, 1)))).toBe("too-long");
    expect(reasonOf(() => decoder.push(Uint8Array.of(0, 0, 1, 1)))).toBe("too-long");
  });

  test("an intro of another protocol or version", () => {
    const decoder = new FrameDecoder({ expectIntro: true });
    expect(decoder.push(Buffer.from("WA"))).toEqual([]);
    expect(reasonOf(() => decoder.push(Uint8Array.of(6, 2)))).toBe("malformed");
    expect(reasonOf(() => new FrameDecoder({ expectIntro: true }).push(Buffer.from("GET / HTTP/1.1")))).toBe(
      "malformed",
    );
  });

  test("random streams never throw anything else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const decoder = new FrameDecoder({ expectIntro: false });
        for (const chunk of chunks) onlyWireErrors(() => decoder.push(chunk));
      }),
    );
  });
});
