import { constants, inflateSync } from "node:zlib";
import { ByteReader } from "./byte-reader.ts";
import { malformed, WireError } from "./errors.ts";
import { formatJid } from "./jid.ts";
import type { Node } from "./node.ts";
import { deflated, hexAlphabet, limits, marker, nibbleAlphabet } from "./stanza-format.ts";

/**
 * Reads one stanza with its flag byte. Bytes in it are views of the input. Throws `malformed`, or `too-long` when it is, or
 * inflates to, more than 1 MiB. Dictionary tokens are refused: this profile's peers write every word out.
 */
export function decodeStanza(bytes: Uint8Array): Node {
  if (bytes.length > limits.stanza + 1) throw tooLong();
  const flags = bytes[0];
  if (flags === undefined) throw malformed("an empty stanza");
  if ((flags & ~deflated) !== 0) throw malformed("a flag that this profile does not know");
  const reader =
    (flags & deflated) === 0 ? new ByteReader(bytes, 1) : new ByteReader(inflate(bytes.subarray(1)), 0);
  const root = new StanzaReader(reader).node(1);
  if (reader.left > 0) throw malformed("bytes after the stanza");
  return root;
}

/** Of a deflated stanza, the bytes of which its head is read. */
const HEAD = 512;

/** Tag and attributes of a stanza that {@link decodeStanza} does not read, as it is too long for instance. */
export function stanzaHead(bytes: Uint8Array): Node | undefined {
  try {
    const isDeflated = ((bytes[0] ?? 0) & deflated) !== 0;
    const head = isDeflated ? inflate(bytes.subarray(1, 1 + HEAD)) : bytes.subarray(1);
    return new StanzaReader(new ByteReader(head, 0)).head();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

const tooLong = (): WireError => new WireError("too-long", `a stanza over ${limits.stanza} bytes`);

function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: limits.stanza, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLong();
    throw malformed("a deflated stanza does not inflate", { cause });
  }
}

class StanzaReader {
  readonly #in: ByteReader;
  #nodes = 0;

  constructor(input: ByteReader) {
    this.#in = input;
  }

  node(depth: number): Node {
    if (depth > limits.depth) throw malformed("a stanza nests too deep");
    this.#nodes += 1;
    if (this.#nodes > limits.nodes) throw malformed("a stanza of too many nodes");
    const { tag, attrs, hasContent } = this.head();
    return hasContent ? this.#withContent(tag, attrs, depth) : { tag, attrs };
  }

  head(): { readonly tag: string; readonly attrs: Record<string, string>; readonly hasContent: boolean } {
    const size = this.#listSize(this.#in.byte());
    if (size < 1) throw malformed("a node without a tag");
    const tag = this.#word();
    const attrs: Record<string, string> = {};
    for (let pair = 1; pair + 1 < size; pair += 2) {
      const key = this.#word();
      if (key === "__proto__" || Object.hasOwn(attrs, key)) throw malformed("an attribute's name is taken");
      attrs[key] = this.#value(this.#in.byte());
    }
    return { tag, attrs, hasContent: size % 2 === 0 };
  }

  #withContent(tag: string, attrs: Record<string, string>, depth: number): Node {
    const mark = this.#in.byte();
    if (isBinary(mark)) return { tag, attrs, content: this.#in.bytes(this.#binarySize(mark)) };
    if (!isList(mark)) return { tag, attrs, content: Buffer.from(this.#value(mark)) };
    const count = this.#listSize(mark);
    if (count === 0) return { tag, attrs };
    const content: Node[] = [];
    for (let i = 0; i < count; i += 1) content.push(this.node(depth + 1));
    return { tag, attrs, content };
  }

  /** A node takes 3 bytes and an attribute's value 1, so no list is longer than the bytes left. */
  #listSize(mark: number): number {
    const size = mark === marker.list8 ? this.#in.byte() : mark === marker.list16 ? this.#in.uint16() : 0;
    if (!isList(mark)) throw malformed("a list was expected");
    if (size > this.#in.left) throw malformed("a list is longer than the stanza");
    return size;
  }

  #word(): string {
    const word = this.#value(this.#in.byte());
    if (word === "") throw malformed("a tag or an attribute without a name");
    return word;
  }

  #value(mark: number): string {
    if (isBinary(mark)) return this.#in.text(this.#binarySize(mark));
    switch (mark) {
      case marker.nibble8:
        return this.#packed(nibbleAlphabet);
      case marker.hex8:
        return this.#packed(hexAlphabet);
      case marker.jidPair:
        return this.#pair();
      case marker.interopJid:
        return this.#interopJid();
      case marker.fbJid:
        return this.#fbJid();
      default:
        throw malformed(`a text cannot start with byte ${mark}`);
    }
  }

  #binarySize(mark: number): number {
    if (mark === marker.binary8) return this.#in.byte();
    if (mark === marker.binary32) return this.#in.uint32();
    return (this.#in.byte() & 0x0f) * 0x1_0000 + this.#in.uint16();
  }

  #packed(alphabet: string): string {
    const head = this.#in.byte();
    const bytes = this.#in.bytes(head & 0x7f);
    const odd = head >= 0x80;
    if (odd && bytes.length === 0) throw malformed("a packed text of minus one character");
    let text = "";
    for (let at = 0; at < bytes.length; at += 1) {
      const pair = bytes[at] ?? 0;
      text += letter(alphabet, pair >>> 4);
      if (!odd || at + 1 < bytes.length) text += letter(alphabet, pair & 15);
      else if ((pair & 15) !== 15) throw malformed("a packed text does not end empty");
    }
    return text;
  }

  #pair(): string {
    const mark = this.#in.byte();
    const user = mark === marker.emptyList ? "" : this.#plain(mark);
    const server = this.#plain(this.#in.byte());
    return user === "" ? server : `${user}@${server}`;
  }

  #interopJid(): string {
    const user = this.#plain(this.#in.byte());
    const device = this.#in.uint16();
    const integrator = this.#in.uint16();
    if (this.#plain(this.#in.byte()) !== "interop") throw malformed("an interop address of another server");
    return formatJid({ kind: "interop", integrator, user, device });
  }

  #fbJid(): string {
    const user = this.#plain(this.#in.byte());
    const device = this.#in.uint16();
    return formatJid({ kind: "user", user, device, server: this.#plain(this.#in.byte()) });
  }

  /** A text that is no address, so that addresses cannot nest. */
  #plain(mark: number): string {
    if (mark === marker.jidPair || mark === marker.interopJid || mark === marker.fbJid) {
      throw malformed("an address inside an address");
    }
    return this.#value(mark);
  }
}

const isBinary = (mark: number): boolean =>
  mark === marker.binary8 || mark === marker.binary20 || mark === marker.binary32;
const isList = (mark: number): boolean =>
  mark === marker.emptyList || mark === marker.list8 || mark === marker.list16;

function letter(alphabet: string, digit: number): string {
  const found = alphabet[digit];
  if (found === undefined) throw malformed("a digit that a packed text does not know");
  return found;
}
