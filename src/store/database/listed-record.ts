import type { AnswersNothing, FamilyKey } from "../../core/ports/family-store.ts";
import type { Guard } from "../../core/ports/guards.ts";
import type { Writes } from "../../core/ports/store.ts";

export type Tables = Omit<Writes, "guard">;

/** A record's guards and writes; the writes run in order if all guards hold. */
export interface Listed {
  readonly guards: readonly Guard[];
  readonly writes: readonly (() => void)[];
}

/** Makes the function that runs a record and lists its guards and writes; the writes are not carried out. */
export function recordLister(tables: Tables): (record: (tx: Writes) => void) => Listed {
  let listing: { readonly guards: Guard[]; readonly writes: (() => void)[] } | undefined;
  const current = () => {
    if (!listing) throw new TypeError("a write must be synchronous");
    return listing;
  };
  const list = (write: () => void): void => void current().writes.push(write);
  const { family, ...own } = tables;
  const ofFamilies = new Map<FamilyKey<unknown, unknown>, object>();
  const tx = {
    ...Object.fromEntries(Object.entries(own).map(([name, table]) => [name, listed(table, list)])),
    family<Reads, TheirWrites>(key: FamilyKey<Reads, TheirWrites>): AnswersNothing<TheirWrites> {
      const familyWrites = ofFamilies.get(key) ?? listed(family(key) as object, list);
      ofFamilies.set(key, familyWrites);
      return familyWrites as AnswersNothing<TheirWrites>;
    },
    guard: (condition: Guard) => void current().guards.push(condition),
  } as Writes;

  return (record) => {
    const outer = listing;
    const mine = { guards: [], writes: [] };
    listing = mine;
    try {
      // TypeScript accepts an async function here, but its writes after an `await` would miss the list.
      const returned: unknown = record(tx);
      if (returned instanceof Promise) {
        returned.catch(() => {});
        throw new TypeError("a write must be synchronous");
      }
      return mine;
    } finally {
      listing = outer;
    }
  };
}

type Write = (...args: readonly unknown[]) => void;

function listed(table: object, list: (write: () => void) => void): object {
  const members = Object.entries(table) as readonly (readonly [string, Write])[];
  return Object.fromEntries(
    members.map(([name, write]) => [name, (...args: readonly unknown[]) => list(() => write(...args))]),
  );
}
