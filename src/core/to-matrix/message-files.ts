import type { PortalKey } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";
import type { EncodedEvent, MatrixEncoder } from "../ports/homeserver.ts";
import type { Store, Writes } from "../ports/store.ts";

/** Milliseconds for which it is remembered, longer than any network allows edits. */
const KEEP = 30 * 86_400_000;

const scope = ({ login }: Pick<PortalKey, "login">): string => `login/${login}/files`;
const name = ({ chat }: Pick<PortalKey, "chat">, id: MessageId): string => `${chat} ${id}`;

/** What is stored of a message whose first part alone is a file. */
const FIRST = "file";

/**
 * Remembers which parts of a message are files, where there are several, or captions are events of their own: an edit of
 * the words, which does not say so, must leave the files. `first`: the number of the first event's part; `now` in
 * milliseconds since the epoch.
 */
export function rememberFiles(
  { wordsApart }: Pick<MatrixEncoder, "wordsApart">,
  { events, first }: { readonly events: readonly EncodedEvent[]; readonly first: number },
  key: PortalKey,
  id: MessageId,
  now: number,
): (tx: Writes) => void {
  const files = events.flatMap(({ media }, index) => (media ? [first + index] : []));
  if (files.length === 0 || (files.length === 1 && !(wordsApart && files[0] === 0))) return () => {};
  const value = files.length === 1 ? FIRST : files.join(" ");
  return (tx) => tx.records.set(scope(key), name(key, id), value, now + KEEP);
}

/** The parts of a message that {@link rememberFiles} remembers. */
export async function filesOf(store: Store, key: PortalKey, id: MessageId): Promise<ReadonlySet<number>> {
  const value = await store.records.get(scope(key), name(key, id));
  if (value === undefined) return new Set();
  return new Set(value === FIRST ? [0] : value.split(" ").map(Number));
}
