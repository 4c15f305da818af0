import type { Message, Part } from "../../core/model/content.ts";
import { plainText } from "../../core/model/rich-text.ts";
import type { EncodedEvent, Relation } from "../../core/ports/homeserver.ts";
import { editFallback } from "./edit-fallback.ts";
import { contactContent, locationContent } from "./encode-place.ts";
import { EDIT, textContents } from "./encode-text.ts";
import { withPreviews } from "./link-previews.ts";

type Content = EncodedEvent["content"];

const MESSAGE = "m.room.message";
const NOTHING_SAID: Content = { msgtype: "m.text", body: "", "m.mentions": {} };

/**
 * The events of an edited message, each small enough to be sent as an edit. Of a file only the caption changes;
 * caption-edit.ts adds the file when the edit is sent.
 */
export function revised({ parts }: Message): readonly EncodedEvent[] {
  const [first = { type: MESSAGE, content: NOTHING_SAID }, ...rest] = parts.flatMap(eventsOf);
  return [first, ...rest];
}

/** The edit that replaces the content of another event. */
export function replacement({ content }: EncodedEvent, target: Relation): EncodedEvent {
  const relation = { "m.relates_to": { rel_type: "m.replace", event_id: target } };
  return { type: MESSAGE, content: { ...editFallback(content), "m.new_content": content, ...relation } };
}

function eventsOf(part: Part): readonly EncodedEvent[] {
  const events = contentsOf(part).map((content) => ({ type: MESSAGE, content }));
  return part.kind === "text" ? withPreviews(events, part, EDIT.content) : events;
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
