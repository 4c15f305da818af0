/** Consecutive jobs that may be done in one unit of work have the same `kind`. */
interface Job {
  readonly kind: string;
  /** Bytes to work on, where they are many. */
  readonly size?: number;
}

const BATCH = 32;
/** Bytes of one unit of work, so that none takes long. */
const LARGEST = 65_536;

/**
 * One lane an address: a session's ratchet takes one step at a time. Jobs of one kind that wait together are done
 * together, so that they share a commit; addresses do not wait for one another.
 */
export class ContactLanes<J extends Job> {
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
      await this.#run(address, queue.splice(0, together(queue)));
    }
    this.#waiting.delete(address);
  }
}

/** How many of the first jobs are done in one unit of work. */
function together(queue: readonly Job[]): number {
  let size = 0;
  let count = 0;
  for (const job of queue) {
    size += job.size ?? 0;
    if (count > 0 && (count >= BATCH || size > LARGEST || job.kind !== queue[0]?.kind)) break;
    count += 1;
  }
  return count;
}
