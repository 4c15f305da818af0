import { CONTENT_KEY, type EventToSend } from "../../core/ports/homeserver.ts";
import { editFallback } from "../events/edit-fallback.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";

type Content = EventToSend["content"];

/**
 * The content to send. A text that edits a file's event is its new caption: the edit then repeats the file, or clients
 * would show the text in its place (spec: Event replacements, MSC2530). `clear` decrypts the event.
 */
export async function withFile(
  requests: Requests,
  event: EventToSend,
  clear: (raw: unknown) => Promise<unknown>,
): Promise<Content> {
  const { content, room, sender } = event;
  const newContent = fieldOf(content, "m.new_content");
  const target = fieldOf(fieldOf(content, "m.relates_to"), "event_id");
  if (fieldOf(newContent, "msgtype") !== "m.text" || typeof target !== "string") return content;
  const path = route`/_matrix/client/v3/rooms/${room}/event/${target}`;
  const reply = await requests.ask({ method: "GET", path, as: sender });
  // A sender who is not in the room gets this error, joins again in EventSender, and tries again.
  if (reply.status !== 200 && !isAbsent(reply)) throw faultOfReply(reply);
  const original = fieldOf(await clear(reply.body), "content");
  const isFile =
    typeof fieldOf(original, "url") === "string" || typeof fieldOf(original, "file") === "object";
  if (!isFile) return content;
  return captioned(content, original as Content, newContent as Content);
}

function captioned(content: Content, original: Content, newContent: Content): Content {
  const {
    "m.relates_to": _relation,
    [CONTENT_KEY]: _row,
    formatted_body: _html,
    format: _format,
    ...file
  } = original;
  const filename = file["filename"] ?? file["body"];
  const { msgtype: _text, ...caption } = newContent;
  const body = fieldOf(newContent, "body") === "" ? filename : caption["body"];
  const whole = { ...file, filename, ...caption, body };
  return { ...content, ...editFallback(whole), "m.new_content": whole };
}
