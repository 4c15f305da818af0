import type { Part } from "../../../core/model/content.ts";
import { cutText } from "../../../core/model/cut-text.ts";
import type { Media } from "../../../core/model/media.ts";
import { plainText, type RichText } from "../../../core/model/rich-text.ts";
import { concat } from "../../../translate/rich-text.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";
import type { DataPayload } from "../wire/data-message.ts";
import { attachedFile } from "./remote-media.ts";

/** Of the file that has the whole of a long text; its beginning is the message's body. */
export const LONG_TEXT = "text/x-signal-plain";
/** Bytes of UTF-8 that a body has at most in Signal's apps; a longer one goes as a file beside its beginning. */
const LONGEST_BODY = 2_048;
/** UTF-16 units of a text that is shown whole; Signal's apps write no longer one. */
export const LONGEST_TEXT = 65_536;
/** Of a longer one this much is shown. */
const SHOWN = 4_000;
const NAME = "Message.txt";

/** The file with the whole text of a message; undefined where the body is whole. */
export function longTextOf(payload: DataPayload): AttachmentPointer | undefined {
  return payload.kind === "message" ? payload.attachments.find(isLongText) : undefined;
}

export const isLongText = ({ contentType }: AttachmentPointer): boolean => contentType === LONG_TEXT;

/** The beginning that goes as body: whole characters of at most {@link LONGEST_BODY} bytes. */
export function beginningOf(text: string): string {
  if (Buffer.byteLength(text) <= LONGEST_BODY) return text;
  let [low, high] = [0, LONGEST_BODY];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (Buffer.byteLength(text.slice(0, middle)) <= LONGEST_BODY) low = middle;
    else high = middle - 1;
  }
  return cutText(text, low);
}

/** The beginning of a text of which the file could not be had yet: it follows as a file. */
export function withRestBehind(beginning: RichText, file: AttachmentPointer): readonly Part[] {
  const part = attachedFile({ ...file, contentType: "text/plain", fileName: NAME });
  return [continued(beginning, part.kind === "media" ? IN_FILE : "… (The rest is missing.)"), part];
}

/** The beginning of a text that is longer than any of Signal's apps: all of it follows as a file. */
export function withWholeBehind(text: string): readonly Part[] {
  const bytes = Buffer.from(text);
  const source = { at: "inline", base64: bytes.toString("base64") } as const;
  const media: Media = { kind: "file", source, mimetype: "text/plain", name: NAME, size: bytes.length };
  return [continued(plainText(cutText(text, SHOWN)), IN_FILE), { kind: "media", media }];
}

const IN_FILE = `… (All of it is in the file “${NAME}”.)`;

const continued = (beginning: RichText, words: string): Part => ({
  kind: "text",
  style: "text",
  body: concat([beginning, plainText(`\n${words}`)]),
});
