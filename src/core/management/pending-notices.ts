import type { UserId } from "../model/ids.ts";
import type { Store, Writes } from "../ports/store.ts";

/** The scope of the records of pending notices, by person. */
const SCOPE = "untold";

const MOST_KEPT = 50;

/** Notices that wait, in order, until the person has a management room. */
export interface PendingNotices {
  readonly words: readonly string[];
  /** The number of earlier notices that were dropped. */
  readonly dropped: number;
}

export async function pendingNoticesOf(store: Store, user: UserId): Promise<PendingNotices> {
  const stored: unknown = JSON.parse((await store.records.get(SCOPE, user)) ?? "[]");
  return Array.isArray(stored)
    ? { words: stored as readonly string[], dropped: 0 }
    : (stored as PendingNotices);
}

export const withWords = ({ words, dropped }: PendingNotices, more: readonly string[]): PendingNotices => ({
  words: [...words, ...more],
  dropped,
});

export function keepPendingNotices(tx: Writes, user: UserId, { words, dropped }: PendingNotices): void {
  const over = Math.max(0, words.length - MOST_KEPT);
  const stored: PendingNotices = { words: words.slice(over), dropped: dropped + over };
  tx.records.set(SCOPE, user, JSON.stringify(stored));
}

export function forgetPendingNotices(tx: Writes, user: UserId): void {
  tx.records.remove(SCOPE, user);
}

/** The notices to send when there is a room. */
export function linesOf({ words, dropped }: PendingNotices): readonly string[] {
  if (dropped === 0) return words;
  const lost = `${dropped} earlier answers and notices of mine are not repeated here: there were too many for want of a room. Write “status” to see how your networks are.`;
  return [lost, ...words];
}
