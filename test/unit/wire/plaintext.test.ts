import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  decodePlaintext,
  encodePlaintext,
  encodeText,
} from "../../../src/networks/meta-interop/wire/plaintext.ts";
import type { Plaintext } from "../../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import { arbitraryPlaintext } from "./arbitrary-plaintext.ts";
import { flipped, onlyWireErrors, reasonOf } from "./expect-wire-error.ts";
import { messageOf } from "./protobuf-fields.ts";

const formats = ["whatsapp", "messenger"] as const;

describe.each(formats)("plaintexts of %s", (format) => {
  test("every kind reads back as it was written", () => {
    fc.assert(
      fc.property(arbitraryPlaintext, (plaintext) => {
        expect(decodePlaintext(format, encodePlaintext(format, plaintext))).toEqual(plaintext);
      }),
      { numRuns: 400 },
    );
  });

  test("random, cut and changed bytes are a plaintext or a WireError", () => {
    fc.assert(
      fc.property(
        arbitraryPlaintext,
        fc.nat(),
        fc.nat(),
        fc.uint8Array({ maxLength: 100 }),
        (plaintext, bit, cut, junk) => {
          const encoded = encodePlaintext(format, plaintext);
          onlyWireErrors(() => decodePlaintext(format, flipped(encoded, bit)));
          onlyWireErrors(() => decodePlaintext(format, encoded.subarray(0, cut % (encoded.length + 1))));
          onlyWireErrors(() => decodePlaintext(format, junk));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("an empty text, and one of a megabyte", () => {
    for (const text of ["", "x".repeat(1_000_000)]) {
      expect(decodePlaintext(format, encodeText(format, { text }))).toEqual({ kind: "text", text });
    }
  });

  test("a quote within a quote is left out", () => {
    const inner: Plaintext = {
      kind: "text",
      text: "b",
      quoted: { id: "A", content: { kind: "text", text: "a" } },
    };
    const outer: Plaintext = { kind: "text", text: "c", quoted: { id: "B", content: inner } };
    expect(decodePlaintext(format, encodePlaintext(format, outer))).toEqual({
      kind: "text",
      text: "c",
      quoted: { id: "B", content: { kind: "text", text: "b" } },
    });
  });

  test("a target, a place or a file that cannot be right is refused", () => {
    const media = { url: "https://a/b", mimetype: "", fileLength: 1, ...hashes(32) };
    const bad: readonly Plaintext[] = [
      { kind: "reaction", target: { id: "", fromMe: false }, emoji: "👍" },
      { kind: "edit", target: { id: "", fromMe: true }, text: "x" },
      { kind: "revoke", target: { id: "", fromMe: true } },
      { kind: "location", latitude: 91, longitude: 0, live: false },
      { kind: "location", latitude: Number.NaN, longitude: 0, live: true },
      { kind: "image", media: { ...media, mediaKey: new Uint8Array(31) } },
      { kind: "audio", voice: true, media: { ...media, fileEncSha256: new Uint8Array(0) } },
      { kind: "document", media: { ...media, url: "" } },
    ];
    for (const plaintext of bad) {
      expect(reasonOf(() => decodePlaintext(format, encodePlaintext(format, plaintext)))).toBe("protobuf");
    }
  });
});

const hashes = (length: number) => ({
  fileSha256: new Uint8Array(length),
  mediaKey: new Uint8Array(length),
  fileEncSha256: new Uint8Array(length),
});

describe("plaintexts without bounds", () => {
  test("messages quoted in messages, ten thousand deep", () => {
    let deep: Uint8Array = messageOf([1, "end"]);
    for (let i = 0; i < 200; i += 1)
      deep = messageOf([6, messageOf([1, "x"], [17, messageOf([1, "id"], [3, deep])])]);
    expect(reasonOf(() => decodePlaintext("whatsapp", deep))).toBe("protobuf");
    let wrapped: Uint8Array = messageOf([1, "end"]);
    for (let i = 0; i < 200; i += 1) wrapped = messageOf([40, messageOf([1, wrapped])]);
    expect(reasonOf(() => decodePlaintext("whatsapp", wrapped))).toBe("protobuf");
  });

  test("a megabyte of empty contacts stays small", () => {
    const cards = Uint8Array.from({ length: 1_000_000 }, (_, at) => (at % 2 === 0 ? 0x12 : 0));
    const before = process.memoryUsage().heapUsed;
    expect(reasonOf(() => decodePlaintext("whatsapp", messageOf([13, cards])))).toBe("protobuf");
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
  });

  test("a length that says more than there is", () => {
    for (const format of formats) {
      expect(
        reasonOf(() => decodePlaintext(format, Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07, 1))),
      ).toBe("protobuf");
    }
  });
});
