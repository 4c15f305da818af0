import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeContent } from "../../../../src/networks/signal/wire/decode-content.ts";
import { encodeContent } from "../../../../src/networks/signal/wire/encode-content.ts";
import { content } from "./arbitrary-content.ts";
import { contentBytes, signalservice, unknownIn } from "./mock-protos.ts";

describe("content", () => {
  test("what we encode is read by Signal's parser whole, and comes back through its encoder as it was", () => {
    fc.assert(
      fc.property(content, (sent) => {
        const read = signalservice.Content.decode(encodeContent(sent));
        expect(unknownIn(read)).toEqual([]);
        expect(decodeContent(signalservice.Content.encode(read))).toEqual(sent);
      }),
      { numRuns: 500 },
    );
  });

  test("of kinds that the bridge only reads", () => {
    const read = (content: Parameters<typeof contentBytes>[0]) => decodeContent(contentBytes(content)).body;
    expect(read({ content: { callMessage: { offer: { id: 1n, type: 1 } } } })).toEqual({
      kind: "call",
      call: "video",
    });
    expect(read({ content: { callMessage: { busy: { id: 1n } } } })).toEqual({ kind: "call", call: "other" });
    expect(read({ content: { storyMessage: {} } })).toEqual({ kind: "story" });
    expect(read({ content: { decryptionErrorMessage: Uint8Array.of(1) } })).toEqual({
      kind: "decryptionError",
      error: Uint8Array.of(1),
    });
    expect(read({})).toEqual({ kind: "nothing" });
  });
});
