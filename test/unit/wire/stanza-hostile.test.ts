import { deflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { decodeStanza } from "../../../src/networks/meta-interop/wire/stanza-decode.ts";
import { encodeStanza } from "../../../src/networks/meta-interop/wire/stanza-encode.ts";
import { runs } from "../../kit/random-runs.ts";
import { arbitraryStanza } from "./arbitrary-stanza.ts";
import { flipped, onlyWireErrors, reasonOf } from "./expect-wire-error.ts";

const refused = (...parts: readonly (number | Uint8Array)[]): string =>
  reasonOf(() =>
    decodeStanza(Buffer.concat(parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : part)))),
  );
const bytes = (text: string): Uint8Array => Buffer.from(text, "hex");
const mebibyte = 1024 * 1024;

describe("hostile stanzas", () => {
  test("random bytes are a stanza or a WireError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => onlyWireErrors(() => decodeStanza(noise))),
      { numRuns: runs(2000) },
    );
  });

  test("random bytes of the format's own markers too", () => {
    const likely = fc.oneof(
      fc.constantFrom(0, 1, 2, 3, 245, 246, 248, 249, 250, 251, 252, 253, 254, 255),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.array(likely, { maxLength: 60 }), (noise) =>
        onlyWireErrors(() => decodeStanza(Uint8Array.from([0, 248, ...noise]))),
      ),
      { numRuns: runs(3000) },
    );
  });

  test("a flipped bit and a cut end never end in anything but a stanza or a WireError", () => {
    fc.assert(
      fc.property(arbitraryStanza, fc.nat(), fc.nat(), (stanza, bit, cut) => {
        const encoded = encodeStanza(stanza);
        onlyWireErrors(() => decodeStanza(flipped(encoded, bit)));
        expect(reasonOf(() => decodeStanza(encoded.subarray(0, cut % encoded.length)))).toBe("malformed");
      }),
      { numRuns: 500 },
    );
  });

  test("an end that is missing, and one that is too much", () => {
    expect(refused(new Uint8Array(0))).toBe("malformed");
    expect(refused(0)).toBe("malformed");
    expect(refused(encodeStanza(node("a")), 0)).toBe("malformed");
  });

  test("a list that says it is longer than what is left", () => {
    expect(refused(bytes("00f9ffff"), new Uint8Array(100).fill(0))).toBe("malformed");
    expect(refused(bytes("00f802fc0161f9fffff801fc0161"))).toBe("malformed");
  });

  test("a content or a text that says it is longer than what is left", () => {
    expect(refused(bytes("00f802fc0161feffffffff61"))).toBe("malformed");
    expect(refused(bytes("00f801feffffffff61"))).toBe("malformed");
    expect(refused(bytes("00f801ff7f11"))).toBe("malformed");
  });

  test("nesting without end, read and written", () => {
    const open = bytes("f802fc0161f801");
    expect(refused(0, ...Array.from({ length: 10_000 }, () => open), bytes("f801fc0161"))).toBe("malformed");
    let deep: Node = node("a");
    for (let i = 0; i < 40; i += 1) deep = node("a", {}, [deep]);
    expect(reasonOf(() => encodeStanza(deep))).toBe("malformed");
    expect(refused(bytes("00f801"), new Uint8Array(500_000).fill(250), bytes("fc0161"))).toBe("malformed");
  });

  test("more nodes than a stanza may have", () => {
    const leaf = bytes("f801fc0161");
    const list = Buffer.concat([bytes("f802fc0161f9ffff"), ...Array.from({ length: 65_535 }, () => leaf)]);
    expect(list.length).toBeLessThan(mebibyte);
    expect(refused(0, list)).toBe("malformed");
  });

  test("a zlib bomb is stopped at 1 MiB", () => {
    const bomb = deflateSync(new Uint8Array(64 * mebibyte), { level: 9 });
    const before = process.memoryUsage().rss;
    expect(refused(2, bomb)).toBe("too-long");
    expect(process.memoryUsage().rss - before).toBeLessThan(16 * mebibyte);
  });

  test("zlib garbage and unknown flags", () => {
    expect(refused(2, bytes("0011223344"))).toBe("malformed");
    expect(refused(2)).toBe("malformed");
    expect(refused(2, deflateSync(encodeStanza(node("a", { b: "c" })).subarray(1)).subarray(0, 6))).toBe(
      "malformed",
    );
    expect(refused(4, bytes("f801fc0161"))).toBe("malformed");
  });

  test.each([
    ["a dictionary token", "00f80105"],
    ["an empty tag", "00f801fc00"],
    ["an empty list for a node", "0000"],
    ["a text where a list is due", "00fc0161"],
    ["an attribute twice", "00f805fc0161fc0162fc0163fc0162fc0163"],
    ["an attribute named __proto__", `00f803fc0161fc09${Buffer.from("__proto__").toString("hex")}fc0163`],
    ["bytes that are not UTF-8 in a text", "00f801fc02c328"],
    ["an overlong UTF-8 form", "00f801fc02c0af"],
    ["an address in an address", "00f803fc0161fc0162fafafc0161fc0162fc0163"],
    ["an interop address of another server", "00f803fc0161fc0162f5fc013100000001fc046d736772"],
    ["a packed digit that does not exist", "00f801ff01cc"],
    ["a packed text of minus one character", "00f803fc0161fc0162ff80"],
    ["an odd packed text that does not end empty", "00f801ff8111"],
  ])("%s", (_, hex) => {
    expect(refused(bytes(hex))).toBe("malformed");
  });

  test("a stanza over 1 MiB", () => {
    expect(refused(new Uint8Array(mebibyte + 2))).toBe("too-long");
  });
});
