import { ByteWriter } from "./byte-writer.ts";
import { malformed, WireError } from "./errors.ts";
import { formatJid, parseJid } from "./jid.ts";
import type { Node } from "./node.ts";
import { limits, marker } from "./stanza-format.ts";

const digits = /^[0-9.-]+$/;
const hexDigits = /^[0-9A-F]+$/;
/**
 * The character code of "F": digits, dash, dot and hex letters are not above it, and few tags and attributes begin
 * below.
 */
const lastPackable = 0x46;
const servers: ReadonlySet<string> = new Set([
  "s.whatsapp.net",
  "interop",
  "msgr",
  "g.us",
  "lid",
  "broadcast",
  "call",
]);
const writer = new ByteWriter(limits.stanza + 1);

/** The compact binary form behind its flag byte. Throws `too-long` over 1 MiB, `malformed` for what has no such form. */
export function encodeStanza(stanza: Node): Uint8Array<ArrayBuffer> {
  writer.start();
  writer.byte(0);
  writeNode(stanza, 1);
  return writer.finish();
}

function writeNode({ tag, attrs, content }: Node, depth: number): void {
  if (depth > limits.depth) throw malformed("a stanza nests too deep");
  if (tag === "") throw malformed("a node without a tag");
  const hasContent = content !== undefined && (content instanceof Uint8Array || content.length > 0);
  let size = hasContent ? 2 : 1;
  for (const _ in attrs) size += 2;
  writeListHead(size);
  writeText(tag);
  for (const key in attrs) {
    if (key === "") throw malformed("an attribute without a name");
    writeText(key);
    writeValue(attrs[key] ?? "");
  }
  if (!hasContent) return;
  if (content instanceof Uint8Array) {
    writeLength(content.length);
    writer.bytes(content);
    return;
  }
  writeListHead(content.length);
  for (const one of content) writeNode(one, depth + 1);
}

function writeListHead(size: number): void {
  if (size > 0xffff) throw new WireError("too-long", `a list of ${size} items`);
  if (size < 256) writer.bytes2(marker.list8, size);
  else {
    writer.byte(marker.list16);
    writer.uint16(size);
  }
}

function writeValue(value: string): void {
  if (value.includes("@") && writeJid(value)) return;
  writeText(value);
}

/** Writes an address as a JID; false where another form is due, because reading must give the same text back. */
function writeJid(value: string): boolean {
  const at = value.indexOf("@");
  const server = value.slice(at + 1);
  if (at < 1 || !servers.has(server)) return false;
  if (server === "interop" || server === "msgr") return writeTuple(value, server);
  writer.byte(marker.jidPair);
  writeText(value.slice(0, at));
  writeText(server);
  return true;
}

function writeTuple(value: string, server: "interop" | "msgr"): boolean {
  const jid = parseJid(value);
  if (jid === undefined || formatJid(jid) !== value) return false;
  writer.byte(jid.kind === "interop" ? marker.interopJid : marker.fbJid);
  writeText(jid.user);
  writer.uint16(jid.device);
  if (jid.kind === "interop") writer.uint16(jid.integrator);
  writeText(server);
  return true;
}

function writeText(value: string): void {
  if (value.length <= limits.packed && value.charCodeAt(0) <= lastPackable) {
    if (digits.test(value)) return writePacked(marker.nibble8, value);
    if (hexDigits.test(value)) return writePacked(marker.hex8, value);
  }
  if (value.length > limits.stanza) throw new WireError("too-long", "a text over 1 MiB");
  const size = Buffer.byteLength(value);
  writeLength(size);
  writer.text(value, size);
}

/** Two characters a byte; the high bit of the length says that the last half is empty. */
function writePacked(kind: number, value: string): void {
  const odd = value.length % 2;
  writer.bytes2(kind, ((value.length + 1) >>> 1) | (odd === 1 ? 0x80 : 0));
  for (let at = 0; at < value.length; at += 2) {
    const low = at + 1 < value.length ? packed(value.charCodeAt(at + 1)) : 15;
    writer.byte((packed(value.charCodeAt(at)) << 4) | low);
  }
}

/** `-` is 10 and `.` is 11 among digits; `A` to `F` are 10 to 15 among hex digits. */
function packed(code: number): number {
  if (code >= 0x41) return code - 0x37;
  if (code >= 0x30) return code - 0x30;
  return code === 0x2d ? 10 : 11;
}

function writeLength(size: number): void {
  if (size < 0x100) writer.bytes2(marker.binary8, size);
  else if (size < 0x10_0000) {
    writer.bytes2(marker.binary20, size >>> 16);
    writer.uint16(size & 0xffff);
  } else {
    writer.byte(marker.binary32);
    writer.uint32(size);
  }
}
