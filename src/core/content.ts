import type { MessageId } from "./ids.ts";
import type { RichText } from "./rich-text.ts";

/** One piece of a message. A new kind of piece is added here, and the compiler lists the places to teach. */
export type Part = {
  readonly kind: "text";
  readonly style: "text" | "emote" | "notice";
  readonly body: RichText;
};

/** What one person says at once, in no network's format. */
export interface Message {
  readonly parts: readonly Part[];
  /** The network's id of the message this one answers. */
  readonly replyTo?: MessageId;
}
