import type { RemoteEvent } from "../../../core/model/events.ts";
import type { MessageId, PersonId } from "../../../core/model/ids.ts";
import { chatWith } from "../ids.ts";
import type { StoredContact } from "../records.ts";
import { storedMarks } from "../storage/stored-marks.ts";

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
  yield* storedMarks({ chat, before, after }, version, now);
}
