import type { Part } from "../../../core/model/content.ts";
import { cutText } from "../../../core/model/cut-text.ts";
import { plainText, type RichText } from "../../../core/model/rich-text.ts";
import { concat } from "../../../translate/rich-text.ts";

type MediaPart = Extract<Part, { kind: "media" }>;

/** The length, in UTF-16 units, that is shown of a text whose whole is in a file. */
const SHOWN_LENGTH = 4_000;

interface LongText {
  /** What is shown in the room. */
  readonly shown: RichText;
  /** A file with the whole text, where not all of it is shown. */
  readonly file: readonly MediaPart[];
}

/**
 * Reads a text in the network's markup with `read`. No app writes one longer than `longest` (UTF-16 units): of such a
 * text the beginning is shown, and the whole follows as a file called `name`.
 */
export function longText(
  text: string,
  longest: number,
  name: string,
  read: (text: string) => RichText,
): LongText {
  if (text.length <= longest) return { shown: read(text), file: [] };
  const count = text.length.toLocaleString("en");
  const rest = plainText(`\n… (It has ${count} characters; all of it is in the file “${name}”.)`);
  return {
    shown: concat([read(cutText(text, SHOWN_LENGTH)), rest]),
    file: [textFile(name, "text/plain", text)],
  };
}

export function textFile(name: string, mimetype: string, text: string): MediaPart {
  const bytes = Buffer.from(text);
  const source = { at: "inline", base64: bytes.toString("base64") } as const;
  return { kind: "media", media: { kind: "file", source, mimetype, name, size: bytes.length } };
}
