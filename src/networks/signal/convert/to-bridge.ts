import type { Message } from "../../../core/model/content.ts";
import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import { messageIdOf, personOf } from "../ids.ts";
import type { ContentBody } from "../wire/content.ts";
import type { DataMessage, DataPayload } from "../wire/data-message.ts";
import {
  aboutMessage,
  editedText,
  pollMessage,
  type ReadContext,
  shownMessage,
  textPart,
  voteMessage,
} from "./remote-parts.ts";

/** Where a message stands, and who wrote it. */
interface MessagePlace {
  readonly chat: ChatId;
  readonly author: PersonId;
  /** By the author's clock, from outside the encrypted message: the message's name. */
  readonly timestamp: number;
  /** Milliseconds since the epoch, the server's clock. */
  readonly at: number;
  /** Of our own message that disappears: since when it does; milliseconds since the epoch. */
  readonly expiresFrom?: number | undefined;
}

type DataBody = Extract<ContentBody, { readonly kind: "data" | "edit" }>;

interface EventHead {
  readonly chat: ChatId;
  readonly sender: PersonId | undefined;
  readonly id: MessageId;
  readonly at: number;
}

/** What a message to a chat is in the room; undefined where it shows nothing. */
export function toBridge(place: MessagePlace, body: DataBody, context: ReadContext): RemoteEvent | undefined {
  const { chat, author, timestamp, at } = place;
  const { data } = body;
  const sender = author === context.own ? undefined : author;
  const head = { chat, sender, id: messageIdOf({ author, timestamp }), at };
  // Of our person's own devices there is nothing to doubt.
  if (data.timestamp !== timestamp && sender !== undefined)
    return { kind: "unsupported", ...head, what: "a message that contradicts its envelope" };
  if (body.kind === "data") return dataEvent(place, head, data, context);
  const target = messageIdOf({ author, timestamp: body.target });
  const { payload } = data;
  if (payload.kind === "message")
    return { kind: "edit", ...head, target, message: editedText(payload, context) };
  return { kind: "unsupported", ...head, what: "a change of a message into another kind" };
}

function dataEvent(
  place: MessagePlace,
  head: EventHead,
  data: DataMessage,
  context: ReadContext,
): RemoteEvent | undefined {
  const { payload } = data;
  const said = (message: Message): RemoteEvent => ({
    kind: "message",
    ...head,
    message: { ...message, ...expiryOf(data, place) },
  });
  switch (payload.kind) {
    case "message":
    case "sticker":
    case "contacts":
      return said(shownMessage(payload, context));
    case "poll":
      return said(pollMessage(payload));
    case "pollVote":
      return said(voteMessage(payload, context));
    case "pollEnd": {
      const target = { author: place.author, timestamp: payload.target };
      return said(aboutMessage("ended the poll.", target, context));
    }
    case "pin":
      return said(aboutMessage(`${payload.pinned ? "" : "un"}pinned this message.`, payload.target, context));
    case "storyReply":
      return said({ parts: [textPart(storyWords(payload, place, context))] });
    case "reaction":
      return reactionEvent(payload, head, context);
    case "delete":
      return {
        kind: "delete",
        ...head,
        target: messageIdOf({ author: place.author, timestamp: payload.target }),
      };
    case "timer":
      return data.group ? undefined : { kind: "timer", ...head, seconds: data.timer.seconds };
    case "adminDelete":
      return data.group && deletedByAdmin(payload, head);
    case "viewOnce":
      return { kind: "excluded", ...head, what: "view-once" };
    case "payment":
      return { kind: "unsupported", ...head, what: "a payment, or a word about one" };
    case "gift":
      return { kind: "unsupported", ...head, what: "a badge as a gift" };
    case "unknown":
      return {
        kind: "unsupported",
        ...head,
        what: "a message of a kind that is newer than this bridge",
      };
    case "profileKey":
    case "endSession":
    // Of groups alone.
    case "groupCall":
    case "nothing":
      return undefined;
  }
}

function reactionEvent(
  { emoji, remove, target }: Extract<DataPayload, { readonly kind: "reaction" }>,
  head: EventHead,
  { own }: ReadContext,
): RemoteEvent | undefined {
  const about = personOf(target.author);
  const shown = remove ? "" : emoji.trim();
  if (about === undefined || (shown === "" && !remove)) return undefined;
  return {
    kind: "reaction",
    ...head,
    target: messageIdOf({ author: about, timestamp: target.timestamp }),
    own: about === own,
    emoji: shown,
  };
}

function deletedByAdmin(
  { target: { author: name, timestamp } }: Extract<DataPayload, { readonly kind: "adminDelete" }>,
  head: EventHead,
): RemoteEvent | undefined {
  const author = personOf(name);
  return author && { kind: "delete", ...head, target: messageIdOf({ author, timestamp }) };
}

function storyWords(
  { body }: Extract<DataPayload, { readonly kind: "storyReply" }>,
  { author }: MessagePlace,
  { own }: ReadContext,
): string {
  return `(An answer to ${author === own ? "their" : "your"} story, which is not shown here:)\n${body}`;
}

function expiryOf({ timer }: DataMessage, { expiresFrom }: MessagePlace): Pick<Message, "expires"> {
  if (timer.seconds === 0) return {};
  const started = expiresFrom === undefined ? {} : { startedAt: expiresFrom };
  return { expires: { seconds: timer.seconds, ...started } };
}
