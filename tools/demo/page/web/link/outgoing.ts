import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";

import { textContent } from "../../model/text-content.ts";

type Content = Readonly<Record<string, unknown>>;

export const replyTo = (event: MatrixEvent | undefined): Content =>
  event === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: event.getId() } } };

export function editContent(of: MatrixEvent, text: string): Content {
  const now = textContent(text);
  return {
    ...now,
    body: `* ${text}`,
    "m.new_content": now,
    "m.relates_to": { rel_type: "m.replace", event_id: of.getId() },
  };
}

export const reactionContent = (to: MatrixEvent, emoji: string): Content => ({
  "m.relates_to": { rel_type: "m.annotation", event_id: to.getId(), key: emoji },
});

/** Sends it; the event stands in the timeline at once and says how far it is. */
export const sent = (client: MatrixClient, room: string, type: string, content: Content): Promise<unknown> =>
  client.sendEvent(room, type as never, content as never);
