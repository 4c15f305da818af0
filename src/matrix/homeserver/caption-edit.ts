import { CONTENT_KEY, type EventToSend } from "../../core/ports/homeserver.ts";
import { fallback } from "../events/edit-fallback.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";

type Content = EventToSend["content"];

/**
 * The content as it must be sent: a text that edits a file is its new caption, and the edit must repeat the file,
 * or clients would show the text in its place (spec: Event replacements, MSC2530).
 */
export async function withFile(requests: Requests, event: EventToSend): Promise<Content> {
  const { content, room, sender } = event;
  const fresh = fieldOf(content, "m.new_content");
  const target = fieldOf(fieldOf(content, "m.relates_to"), "event_id");
  if (fieldOf(fresh, "msgtype") !== "m.text" || typeof target !== "string") return content;
  const path = route`/_matrix/client/v3/rooms/${room}/event/${target}`;
  const reply = await requests.ask({ method: "GET", path, as: sender });
  // Who is no longer in the room is brought back by the send that follows, and not without the file.
  if (reply.status !== 200 && !isAbsent(reply)) throw faultOfReply(reply);
  const original = fieldOf(reply.body, "content");
  if (typeof fieldOf(original, "url") !== "string") return content;
  return captioned(content, original as Content, fresh as Content);
}

function captioned(content: Content, original: Content, fresh: Content): Content {
  const {
    "m.relates_to": _relation,
    [CONTENT_KEY]: _row,
    formatted_body: _html,
    format: _format,
    ...file
  } = original;
  const filename = file["filename"] ?? file["body"];
  const { msgtype: _text, ...caption } = fresh;
  const body = fieldOf(fresh, "body") === "" ? filename : caption["body"];
  const whole = { ...file, filename, ...caption, body };
  return { ...content, ...fallback(whole), "m.new_content": whole };
}
