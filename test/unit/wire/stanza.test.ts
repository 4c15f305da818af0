import { deflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { bytes, child, children, node, text } from "../../../src/networks/meta-interop/wire/node.ts";
import { decodeStanza } from "../../../src/networks/meta-interop/wire/stanza-decode.ts";
import { encodeStanza } from "../../../src/networks/meta-interop/wire/stanza-encode.ts";
import { arbitraryStanza } from "./arbitrary-stanza.ts";
import { reasonOf } from "./expect-wire-error.ts";

const hex = (encoded: Uint8Array): string => Buffer.from(encoded).toString("hex");
const fromHex = (text: string): Uint8Array => Buffer.from(text, "hex");

describe("stanzas in the compact binary form", () => {
  test("every stanza reads back as it was written", () => {
    fc.assert(
      fc.property(arbitraryStanza, (stanza) => {
        expect(decodeStanza(encodeStanza(stanza))).toEqual(stanza);
      }),
      { numRuns: 300 },
    );
  });

  test("a published example: an interop address of another device than 0", () => {
    const published = "00f803fc0465646765fc07696e7465726f70f5fc036162630009002afc07696e7465726f70";
    expect(decodeStanza(fromHex(published))).toEqual({ tag: "edge", attrs: { interop: "42-abc:9@interop" } });
  });

  test("the published markers are what is written", () => {
    const written = (value: string): string =>
      hex(encodeStanza(node("a", { b: value }))).slice("00f803fc0161fc0162".length);
    expect(written("12-105@interop")).toBe("f5ff82105f0000000cfc07696e7465726f70");
    expect(written("100:2@msgr")).toBe("f6ff82100f0002fc046d736772");
    expect(written("3161@s.whatsapp.net")).toBe(`faff023161fc0e${hex(Buffer.from("s.whatsapp.net"))}`);
    expect(written("1.2-3")).toBe("ff831b2a3f");
    expect(written("3EB0")).toBe("fb023eb0");
    expect(written("")).toBe("fc00");
    expect(written("é")).toBe("fc02c3a9");
    expect(hex(encodeStanza(node("a", {}, new Uint8Array(300)))).slice(0, 18)).toBe("00f802fc0161fd0001");
  });

  test("lists and contents of every width", () => {
    const many = node(
      "list",
      {},
      Array.from({ length: 300 }, (_, i) => node("key", { id: `${i}` })),
    );
    expect(decodeStanza(encodeStanza(many))).toEqual(many);
    for (const size of [0, 255, 256, 65_535, 65_536]) {
      const stanza = node("enc", {}, new Uint8Array(size).fill(7));
      expect(decodeStanza(encodeStanza(stanza))).toEqual(stanza);
    }
  });

  test("a deflated stanza is read", () => {
    const stanza = node("iq", { id: "1" }, "x".repeat(5000));
    const body = deflateSync(encodeStanza(stanza).subarray(1));
    expect(decodeStanza(Buffer.concat([Uint8Array.of(2), body]))).toEqual(stanza);
  });

  test("a stanza that no frame could take is refused", () => {
    expect(reasonOf(() => encodeStanza(node("a", {}, new Uint8Array(1024 * 1024))))).toBe("too-long");
    expect(reasonOf(() => encodeStanza(node("a", { b: "x".repeat(1024 * 1024 + 1) })))).toBe("too-long");
    expect(encodeStanza(node("a", {}, "still fine"))).toHaveLength(18);
  });

  test("looking into a node", () => {
    const stanza = node("iq", { id: "1", to: undefined }, [
      node("user", {}, "Zoë"),
      node("x"),
      node("user", {}, []),
    ]);
    expect(stanza.attrs).toEqual({ id: "1" });
    expect(children(stanza, "user")).toHaveLength(2);
    expect(children(stanza)).toHaveLength(3);
    expect(children(node("x", {}, "bytes"))).toEqual([]);
    expect(child(stanza, "y")).toBeUndefined();
    expect(text(child(stanza, "user") ?? stanza)).toBe("Zoë");
    expect(bytes(stanza)).toBeUndefined();
    expect(child(stanza, "x")?.content).toBeUndefined();
  });
});
