import type { UserId } from "../model/ids.ts";
import type { Store, Writes } from "../ports/store.ts";

/** Scope of the records that hold it, by person: the newest words, and how many came before them. */
const SCOPE = "untold";

const MOST_KEPT = 50;

/** What could not be said to a person for want of a room, in order. */
export interface PendingNotices {
  readonly words: readonly string[];
  /** Earlier ones, of which only the number is known. */
  readonly dropped: number;
}

export async function pendingNoticesOf(store: Store, user: UserId): Promise<PendingNotices> {
  const kept: unknown = JSON.parse((await store.records.get(SCOPE, user)) ?? "[]");
  return Array.isArray(kept) ? { words: kept as readonly string[], dropped: 0 } : (kept as PendingNotices);
}

export const withWords = ({ words, dropped }: PendingNotices, more: readonly string[]): PendingNotices => ({
  words: [...words, ...more],
  dropped,
});

export function keepPendingNotices(tx: Writes, user: UserId, { words, dropped }: PendingNotices): void {
  const over = Math.max(0, words.length - MOST_KEPT);
  const kept: PendingNotices = { words: words.slice(over), dropped: dropped + over };
  tx.records.set(SCOPE, user, JSON.stringify(kept));
}

export function forgetPendingNotices(tx: Writes, user: UserId): void {
  tx.records.remove(SCOPE, user);
}

/** What is said of it when there is a room, one notice each. */
export function linesOf({ words, dropped }: PendingNotices): readonly string[] {
  if (dropped === 0) return words;
  const lost = `${dropped} earlier answers and notices of mine are not repeated here: there were too many for want of a room. Write “status” to see how your networks are.`;
  return [lost, ...words];
}
