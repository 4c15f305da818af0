import type { FamilyKey } from "../../src/core/ports/family-store.ts";
import type { Store } from "../../src/core/ports/store.ts";

/** The store, with one family's reads replaced. */
export function withFamilyReads<Reads, Writes>(
  store: Store,
  of: FamilyKey<Reads, Writes>,
  reads: Reads,
): Store {
  const isIt = (key: unknown): boolean => key === of;
  return { ...store, family: (key) => (isIt(key) ? (reads as never) : store.family(key)) };
}
