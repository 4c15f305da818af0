import type { Store, Writes } from "./store.ts";

/**
 * Commits what a batch has gathered, and empties it. False where `holds` says, inside the same commit, that what it
 * was made for is another thing now: then nothing was recorded.
 */
export async function flush(
  store: Pick<Store, "write">,
  records: ((tx: Writes) => void)[],
  holds: (tx: Writes) => boolean = () => true,
): Promise<boolean> {
  const batch = records.splice(0);
  if (batch.length === 0) return true;
  let held = false;
  await store.write((tx) => {
    held = holds(tx);
    if (held) for (const record of batch) record(tx);
  });
  return held;
}
