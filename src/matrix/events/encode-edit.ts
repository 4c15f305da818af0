import type { Message, Part } from "../../core/model/content.ts";
import { plainText } from "../../core/model/rich-text.ts";
import type { EncodedEvent, Relation } from "../../core/ports/homeserver.ts";
import { fallback } from "./edit-fallback.ts";
import { contactContent, locationContent } from "./encode-place.ts";
import { EDIT, textContents } from "./encode-text.ts";

type Content = EncodedEvent["content"];

const MESSAGE = "m.room.message";
const NOTHING_SAID: Content = { msgtype: "m.text", body: "", "m.mentions": {} };

/**
 * What a message is after an edit, in contents of which each is small enough for one. Of a file only the caption
 * changes; that the file stays is seen to when the edit is sent.
 */
export function revised({ parts }: Message): readonly EncodedEvent[] {
  const [first = NOTHING_SAID, ...rest] = parts.flatMap(contentsOf);
  return [first, ...rest].map((content) => ({ type: MESSAGE, content }));
}

/** The event that puts new content in the place of another event's. */
export function replacement({ content }: EncodedEvent, target: Relation): EncodedEvent {
  const relation = { "m.relates_to": { rel_type: "m.replace", event_id: target } };
  return { type: MESSAGE, content: { ...fallback(content), "m.new_content": content, ...relation } };
}

function contentsOf(part: Part): readonly Content[] {
  switch (part.kind) {
    case "text":
      return textContents(part, EDIT);
    case "media":
      return textContents({ style: "text", body: part.caption ?? plainText("") }, EDIT);
    case "location":
      return [locationContent(part)];
    case "contact":
      return [contactContent(part)];
  }
}
