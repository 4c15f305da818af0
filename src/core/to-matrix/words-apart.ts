import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";
import type { MatrixEncoder } from "../ports/homeserver.ts";
import type { Store, Writes } from "../ports/store.ts";

/** Milliseconds for which it is remembered, longer than any network allows edits. */
const KEEP = 30 * 86_400_000;

type CaptionEncoder = Pick<MatrixEncoder, "wordsApart">;

const scope = ({ login }: Pick<PortalKey, "login">): string => `login/${login}/files`;
const name = ({ chat }: Pick<PortalKey, "chat">, id: MessageId): string => `${chat} ${id}`;

/**
 * Remembers that a message begins with a file, where captions are events of their own: an edit of the caption, which
 * does not say so, must leave the file. `now` in milliseconds since the epoch.
 */
export function rememberFile(
  { wordsApart }: CaptionEncoder,
  key: PortalKey,
  { id, message }: Extract<RemoteEvent, { kind: "message" }>,
  now: number,
): (tx: Writes) => void {
  if (!wordsApart || message.parts[0]?.kind !== "media") return () => {};
  return (tx) => tx.records.set(scope(key), name(key, id), "file", now + KEEP);
}

export async function beginsWithFile(
  { wordsApart }: CaptionEncoder,
  store: Store,
  key: PortalKey,
  id: MessageId,
): Promise<boolean> {
  return wordsApart && (await store.records.get(scope(key), name(key, id))) !== undefined;
}
