import type { FileHandle } from "node:fs/promises";
import { type Box, boxesIn } from "./boxes.ts";
import { bytesAt } from "./bytes-at.ts";
import { elementAt } from "./clusters.ts";

/** The name by which ffmpeg's libraries sign files; it states nothing about a person. */
const SIGNED = /^Lav[fc][\d. a-z0-9]*\0*$/;
const LONGEST = 64 * 1024;
const LONGEST_SIGNATURE = 1024;

/** Whether a movie's user data is only that signature, so that the file need not be changed. */
export async function isSignature(
  handle: FileHandle,
  box: Pick<Box, "type" | "body" | "end">,
): Promise<boolean> {
  if (box.end - box.body > LONGEST_SIGNATURE) return false;
  if (box.type === "udta") return every(handle, box.body, box.end);
  if (box.type === "meta") return every(handle, box.body + 4, box.end);
  if (box.type === "ilst" || box.type === "\u00a9too") return every(handle, box.body, box.end);
  if (box.type === "hdlr" || box.type === "free") return true;
  const skipped = box.type === "data" ? 8 : box.type === "\u00a9swr" ? 4 : undefined;
  if (skipped === undefined || box.end - box.body > 256) return false;
  return SIGNED.test(
    (await bytesAt(handle, box.body + skipped, box.end - box.body - skipped)).toString("latin1"),
  );
}

async function every(handle: FileHandle, from: number, to: number): Promise<boolean> {
  let end = from;
  for await (const box of boxesIn(handle, from, to)) {
    if (!(await isSignature(handle, box))) return false;
    end = box.end;
  }
  // QuickTime ends a list with four zeros.
  return to - end <= 4;
}

/** Matroska's elements for lists of tags, tags and their parts, and for a part's name (RFC 9559). */
const LISTS: ReadonlySet<number> = new Set([0x1254c367, 0x7373, 0x67c8]);
const NAME = 0x45a3;
const SIGNATURES: ReadonlySet<string> = new Set(["ENCODER", "DURATION"]);

/** Whether a Matroska file's tags are only an encoder's signature. */
export async function areSignatures(handle: FileHandle, from: number, to: number): Promise<boolean> {
  if (to - from > LONGEST) return false;
  let at = from;
  while (at < to) {
    const element = await elementAt(handle, at);
    if (!element) return false;
    const { id, body, length } = element;
    if (
      id === NAME &&
      !SIGNATURES.has((await bytesAt(handle, body, Math.min(length, 64))).toString("latin1"))
    )
      return false;
    at = LISTS.has(id) ? body : body + length;
  }
  return at === to;
}
