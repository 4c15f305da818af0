import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";
import type { MatrixEncoder } from "../ports/homeserver.ts";
import type { Store, Writes } from "../ports/store.ts";

/** Longer than any network lets people edit. */
const REMEMBERED = 30 * 86_400_000;

type Apart = Pick<MatrixEncoder, "wordsApart">;

const scope = ({ login }: Pick<PortalKey, "login">): string => `login/${login}/files`;
const name = ({ chat }: Pick<PortalKey, "chat">, id: MessageId): string => `${chat} ${id}`;

/**
 * Remembers that a message begins with a file, where the words of files are apart from them: an edit of its words, which
 * does not tell, must leave the file as it is. `now` in milliseconds since the epoch.
 */
export function rememberFile(
  { wordsApart }: Apart,
  key: PortalKey,
  { id, message }: Extract<RemoteEvent, { kind: "message" }>,
  now: number,
): (tx: Writes) => void {
  if (!wordsApart || message.parts[0]?.kind !== "media") return () => {};
  return (tx) => tx.records.set(scope(key), name(key, id), "file", now + REMEMBERED);
}

export async function beginsWithFile(
  { wordsApart }: Apart,
  store: Store,
  key: PortalKey,
  id: MessageId,
): Promise<boolean> {
  return wordsApart && (await store.records.get(scope(key), name(key, id))) !== undefined;
}
