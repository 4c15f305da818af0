import type { Metrics } from "../ports/metrics.ts";
import type { DeadLetter } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";

/** The store, with a metric that counts every committed dead letter. */
export function countingStore(store: Store, metrics: Metrics): Store {
  let directions: DeadLetter["direction"][] = [];
  let watched: { readonly tx: Writes; readonly counting: Writes } | undefined;

  async function write(record: (tx: Writes) => void): Promise<void> {
    const mine: DeadLetter["direction"][] = [];
    await store.write((tx) => {
      directions = mine;
      if (watched?.tx !== tx) watched = { tx, counting: counting(tx, (letter) => directions.push(letter)) };
      return record(watched.counting);
    });
    for (const direction of mine) metrics.count("dead_letters", { direction });
  }

  return { ...store, write, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

function counting(tx: Writes, count: (direction: DeadLetter["direction"]) => void): Writes {
  return {
    ...tx,
    deadLetters: {
      add(letter) {
        count(letter.direction);
        tx.deadLetters.add(letter);
      },
    },
  };
}
