import type { FamilyKey } from "../../src/core/ports/family-store.ts";
import type { Guard } from "../../src/core/ports/guards.ts";
import type { Store, Writes } from "../../src/core/ports/store.ts";

type Table = Readonly<Record<string, (...args: readonly unknown[]) => void>>;

interface Call {
  readonly table: string | FamilyKey<unknown, unknown>;
  readonly write: string;
  readonly args: readonly unknown[];
}

/**
 * A store to which each record is sent as a list, as it would be to a database server: what cannot be copied cannot be
 * part of one. `overtake` may have another record committed right before the one that has a guard.
 */
export function postedStore(
  store: Store,
  overtake: (guard: Guard) => ((tx: Writes) => void) | undefined = () => undefined,
): Store {
  async function write(record: (tx: Writes) => void): Promise<void> {
    let sent: { readonly guards: readonly Guard[]; readonly calls: readonly Call[] } | undefined;
    let refusal: { readonly error: unknown } | undefined;
    // It is the store that knows which writes there are.
    const asked = store.write((tx) => {
      try {
        sent = listed(tx, record);
      } catch (error) {
        refusal = { error };
        throw error;
      }
    });
    if (refusal || !sent) return asked;
    const { guards, calls } = sent;
    const faster = guards.flatMap((guard) => overtake(guard) ?? []);
    await Promise.all([asked, ...faster.map((one) => store.write(one)), store.write((tx) => carryOut(tx))]);

    function carryOut(tx: Writes): void {
      for (const guard of guards) tx.guard(guard);
      for (const { table, write: name, args } of calls) {
        const from = typeof table === "string" ? tx[table as keyof Writes] : tx.family(table);
        (from as Table)[name]?.(...args);
      }
    }
  }

  return { ...store, write, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

function listed(tx: Writes, record: (tx: Writes) => void) {
  const guards: Guard[] = [];
  const calls: Call[] = [];
  let ended = false;
  const add = (table: Call["table"], write: string, args: readonly unknown[]): void => {
    if (ended) throw new TypeError("a write must be synchronous");
    calls.push({ table, write, args: structuredClone(args) });
  };
  const lister = (table: Call["table"], of: object): object =>
    Object.fromEntries(
      Object.keys(of).map((write) => [write, (...args: readonly unknown[]) => add(table, write, args)]),
    );
  const tables = Object.entries(tx).filter(([, table]) => typeof table === "object");
  const list = {
    ...Object.fromEntries(tables.map(([name, table]) => [name, lister(name, table)])),
    family: (key: FamilyKey<unknown, unknown>) => lister(key, tx.family(key) as object),
    guard: (guard: Guard) => void guards.push(structuredClone(guard)),
  };
  const returned: unknown = record(list as unknown as Writes);
  ended = true;
  if (returned instanceof Promise) throw new TypeError("a write must be synchronous");
  return { guards, calls };
}
