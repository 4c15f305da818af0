import type { Message } from "../core/content.ts";
import type { EncodedEvent, MatrixEncoder } from "../core/homeserver.ts";
import type { EventId } from "../core/ids.ts";
import { encodeMessageText } from "../translate/message-text.ts";

const MESSAGE = "m.room.message";

/** A reply without the fallback quote, which the specification no longer has (MSC2781). */
const answering = (target: EventId | undefined): object =>
  target === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: target } } };

/** Content as any Matrix client shows it. Only the first part of a message carries the reply. */
export const matrixEncoder: MatrixEncoder = {
  message: ({ parts }: Message, replyTo) =>
    parts.map(
      (part, index): EncodedEvent => ({
        type: MESSAGE,
        content: { ...encodeMessageText(part), ...answering(index === 0 ? replyTo : undefined) },
      }),
    ),
  notice: (text, replyTo) => ({
    type: MESSAGE,
    content: { msgtype: "m.notice", body: text, "m.mentions": {}, ...answering(replyTo) },
  }),
};
