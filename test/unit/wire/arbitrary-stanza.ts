import fc from "fast-check";
import { type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";

const word = fc.oneof(
  fc.constantFrom("message", "enc", "iq", "type", "id", "to"),
  fc.string({ minLength: 1, unit: "binary" }).filter((text) => text !== "__proto__"),
);
const digits = fc.stringMatching(/^[0-9.-]{0,300}$/);
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 256, maxLength: 400, unit: "grapheme" }),
  digits,
  fc.stringMatching(/^[0-9A-F]{1,300}$/),
  fc.constantFrom(
    "@",
    "@interop",
    "x@msgr",
    "1:0@msgr",
    "12-5:0@interop",
    "0-5@interop",
    "1@2@msgr",
    "a@b.example",
  ),
  fc
    .tuple(digits, fc.constantFrom("interop", "msgr", "s.whatsapp.net", "g.us"))
    .map((parts) => parts.join("@")),
);
const attrs = fc.dictionary(word, value, { maxKeys: 5, noNullPrototype: true });
const content = fc.uint8Array({ maxLength: 600 }).map((bytes) => new Uint8Array(bytes));

export const arbitraryStanza: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc
    .tuple(
      word,
      attrs,
      fc.option(
        fc.oneof({ maxDepth: 4, depthSize: "small" }, content, fc.array(tie("node"), { maxLength: 4 })),
      ),
    )
    .map(([tag, given, inside]) => node(tag, given, inside ?? undefined)),
})).node;
