import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, MessageId } from "../../../core/model/ids.ts";

/** What the account's storage says of a chat, of two or a group. */
interface StoredChat {
  readonly accepted: boolean;
  readonly markedUnread: boolean;
  readonly mutedUntil: number;
}

/** A chat before and after the storage was read; undefined where it has nothing about it. */
interface ChatChange {
  readonly chat: ChatId;
  readonly before: StoredChat | undefined;
  readonly after: StoredChat | undefined;
}

/** What our person did about a chat on their phone, as events. `version`: the manifest's, which makes their ids. */
export function* storedMarks(
  { chat, before, after }: ChatChange,
  version: bigint,
  now: number,
): Generator<RemoteEvent> {
  const head = (kind: string) =>
    ({ chat, id: `storage/${version}/${kind}` as MessageId, at: now, sender: undefined }) as const;
  if (after?.accepted === true && before?.accepted !== true)
    yield { kind: "request-answered", ...head("accepted"), accepted: true };
  const mutedUntil = after?.mutedUntil ?? 0;
  if (mutedUntil !== (before?.mutedUntil ?? 0)) {
    const muted = mutedUntil > now;
    yield { kind: "muted", ...head("muted"), muted, ...(muted && ends(mutedUntil) && { until: mutedUntil }) };
  }
  const unread = after?.markedUnread ?? false;
  if (unread !== (before?.markedUnread ?? false)) yield { kind: "marked-unread", ...head("unread"), unread };
}

/** Milliseconds since the epoch as a record has them: one beyond what JavaScript counts exactly stands for ever. */
export const storedTime = (until: bigint): number =>
  until > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(until);

/** JavaScript's last time, in milliseconds; Signal writes a later one for ever. */
const LATEST = 8.64e15;

const ends = (until: number): boolean => until <= LATEST;
