import type { Part } from "../../../core/model/content.ts";
import { cutText } from "../../../core/model/cut-text.ts";
import { plainText, type RichText } from "../../../core/model/rich-text.ts";
import { concat } from "../../../translate/rich-text.ts";

type MediaPart = Extract<Part, { kind: "media" }>;

/** UTF-16 units that are shown of a text whose whole is in a file. */
const BEGINNING = 4_000;

interface Words {
  /** What can be shown of it in the room. */
  readonly shown: RichText;
  /** The whole, where that is more. */
  readonly file: readonly MediaPart[];
}

/**
 * A text as the network's own apps write it, read with `read`. What is longer than `most` (UTF-16 units) no app wrote: of
 * it the beginning is shown, and all of it follows as a file called `name`.
 */
export function wordsOf(text: string, most: number, name: string, read: (text: string) => RichText): Words {
  if (text.length <= most) return { shown: read(text), file: [] };
  const count = text.length.toLocaleString("en");
  const rest = plainText(`\n… (It has ${count} characters; all of it is in the file “${name}”.)`);
  return {
    shown: concat([read(cutText(text, BEGINNING)), rest]),
    file: [textFile(name, "text/plain", text)],
  };
}

export function textFile(name: string, mimetype: string, text: string): MediaPart {
  const bytes = Buffer.from(text);
  const source = { at: "inline", base64: bytes.toString("base64") } as const;
  return { kind: "media", media: { kind: "file", source, mimetype, name, size: bytes.length } };
}
