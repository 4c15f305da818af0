import type { MatrixEvent } from "matrix-js-sdk";
import { withoutMarks } from "../../model/text-content.ts";
import { words } from "../words.ts";

const kinds: Readonly<Record<string, string>> = {
  "m.image": words.media.picture,
  "m.video": words.media.video,
  "m.file": words.media.file,
  "m.location": words.media.place,
};

/** The text of a message, without what it repeats of the message it answers. */
export function bodyOf(event: MatrixEvent): string {
  const { body } = event.getContent();
  if (typeof body !== "string") return "";
  return event.replyEventId === undefined ? body : body.replace(/^(?:> [^\n]*\n)+\n?/, "");
}

/** A caption is there where the file has a name of its own beside the words. */
export function captionOf(event: MatrixEvent): string | undefined {
  const { body, filename } = event.getContent();
  return typeof filename === "string" && typeof body === "string" && body !== filename ? body : undefined;
}

/** A message in a line. */
export function summaryOf(event: MatrixEvent): string {
  if (event.isRedacted()) return words.chat.deleted;
  const type = event.getType();
  if (type === "m.sticker") return words.media.sticker;
  if (type === "m.room.encrypted") return words.chat.encrypted;
  if (type === "m.room.tombstone") return words.chat.moved;
  const content = event.getContent();
  const { msgtype } = content;
  const isVoice = content["org.matrix.msc3245.voice"] !== undefined;
  const kind =
    msgtype === "m.audio" ? (isVoice ? words.media.voice : words.media.sound) : kinds[String(msgtype)];
  if (kind === undefined) {
    const line = bodyOf(event).replaceAll(/\s+/g, " ");
    // Without HTML the signs are what somebody meant to write.
    return content["formatted_body"] === undefined ? line : withoutMarks(line);
  }
  return captionOf(event) ?? kind;
}
