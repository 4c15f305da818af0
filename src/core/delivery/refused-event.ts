import type { MatrixEvent } from "../model/events.ts";
import type { EventId } from "../model/ids.ts";
import type { whyOf } from "../model/message-status.ts";

/** The parts of a person's event that a refusal needs. */
export type RefusedEvent = Pick<MatrixEvent, "room" | "id" | "sender"> & {
  readonly kind?: MatrixEvent["kind"];
  readonly target?: EventId;
  readonly unseen?: boolean;
  /** It is one that failed, which is not sent again. */
  readonly hasRow?: boolean;
  /** What was not done, a sentence, where the event is no message. */
  readonly lead?: string;
};

export function whyRefused({ kind }: RefusedEvent): ReturnType<typeof whyOf> | undefined {
  if (kind === "unsupported") return "unsupported";
  return kind === "encrypted" || kind === "encryption-enabled" ? "unreadable" : undefined;
}

/** The event that gets the mark; undefined for one that nobody sees. */
export function markedOn({ kind, id, target, unseen }: RefusedEvent): EventId | undefined {
  if (kind === "edit" || kind === "reaction") return target;
  const isSeen = kind !== "redaction" && kind !== "encryption-enabled" && kind !== "block";
  return isSeen && unseen !== true ? id : undefined;
}
