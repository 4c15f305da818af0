import type { Part } from "../../../core/model/content.ts";
import { cutText } from "../../../core/model/cut-text.ts";
import { plainText, type RichText } from "../../../core/model/rich-text.ts";
import { concat } from "../../../translate/rich-text.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";
import type { DataPayload } from "../wire/data-message.ts";
import { attachedFile } from "./remote-media.ts";

/** Of the file that has the whole of a long text; its beginning is the message's body. */
export const LONG_TEXT = "text/x-signal-plain";
/** Bytes of UTF-8 that a body has at most in Signal's apps; a longer one goes as a file beside its beginning. */
const LONGEST_BODY = 2_048;
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
  const words =
    part.kind === "media" ? `… (All of it is in the file “${NAME}”.)` : "… (The rest is missing.)";
  return [{ kind: "text", style: "text", body: concat([beginning, plainText(`\n${words}`)]) }, part];
}
