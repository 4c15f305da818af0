import type { RemoteEvent } from "../../../core/model/events.ts";
import type { MessageId, PersonId } from "../../../core/model/ids.ts";
import { chatWith } from "../ids.ts";
import type { StoredContact } from "../records.ts";

/** What is to be compared: a contact before and after the account's storage was read. */
interface ContactChange {
  readonly person: PersonId;
  readonly before: StoredContact | undefined;
  /** Undefined where the storage has nothing about them any more. */
  readonly after: StoredContact | undefined;
  /** Whether there is a chat with them, or with their phone number, that these changes concern. */
  readonly hasChat: boolean;
  readonly hasNumberChat: boolean;
}

/** What our person did about a contact on their phone, as events. `version`: the manifest's, which makes their ids. */
export function* contactChanges(
  { person, before, after, hasChat, hasNumberChat }: ContactChange,
  version: bigint,
  now: number,
): Generator<RemoteEvent> {
  const chat = chatWith(person);
  const head = (kind: string) => ({ chat, id: `storage/${version}/${kind}` as MessageId, at: now });
  const own = { sender: undefined };
  const pni = after?.pni;
  if (pni !== undefined && pni !== person && hasNumberChat) {
    const was = { chat: chatWith(pni), person: pni };
    yield { kind: "joined", ...head("joined"), sender: person, was };
  }
  const blocked = after?.blocked ?? false;
  if (blocked !== (before?.blocked ?? false))
    yield { kind: "blocked", ...head("blocked"), ...own, person, blocked };
  if (!hasChat && !hasNumberChat) return;
  if (after?.accepted === true && before?.accepted !== true)
    yield { kind: "request-answered", ...head("accepted"), ...own, accepted: true };
  const mutedUntil = after?.mutedUntil ?? 0;
  if (mutedUntil !== (before?.mutedUntil ?? 0)) {
    const muted = mutedUntil > now;
    yield {
      kind: "muted",
      ...head("muted"),
      ...own,
      muted,
      ...(muted && ends(mutedUntil) && { until: mutedUntil }),
    };
  }
  const unread = after?.markedUnread ?? false;
  if (unread !== (before?.markedUnread ?? false))
    yield { kind: "marked-unread", ...head("unread"), ...own, unread };
}

/** JavaScript's last time, in milliseconds; Signal writes a later one for ever. */
const LATEST = 8.64e15;

const ends = (until: number): boolean => until <= LATEST;
