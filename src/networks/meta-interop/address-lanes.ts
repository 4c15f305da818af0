/** Consecutive jobs that may be done in one unit of work have the same `kind`. */
interface Job {
  readonly kind: string;
}

const BATCH = 32;

/**
 * One lane an address: a session's ratchet takes one step at a time. Jobs of one kind that wait together are done
 * together, so that they share a commit; addresses do not wait for one another.
 */
export class AddressLanes<J extends Job> {
  readonly #run: (address: string, jobs: readonly J[]) => Promise<void>;
  readonly #waiting = new Map<string, J[]>();
  readonly #running = new Set<Promise<void>>();

  /** `run` deals with its own failures. */
  constructor(run: (address: string, jobs: readonly J[]) => Promise<void>) {
    this.#run = run;
  }

  push(address: string, job: J): void {
    const queue = this.#waiting.get(address);
    if (queue) {
      queue.push(job);
      return;
    }
    this.#waiting.set(address, [job]);
    const drained = this.#drain(address).finally(() => this.#running.delete(drained));
    this.#running.add(drained);
  }

  /** Resolves when everything pushed so far is done. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #drain(address: string): Promise<void> {
    const queue = this.#waiting.get(address) ?? [];
    // Stanzas of one frame batch arrive in one turn; let them gather.
    await Promise.resolve();
    while (queue.length > 0) {
      const [first] = queue;
      let count = 1;
      while (count < BATCH && count < queue.length && queue[count]?.kind === first?.kind) count += 1;
      await this.#run(address, queue.splice(0, count));
    }
    this.#waiting.delete(address);
  }
}
