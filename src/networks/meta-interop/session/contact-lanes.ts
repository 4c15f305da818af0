/** Consecutive jobs of the same `kind` may be done in one unit of work. */
interface LaneJob {
  readonly kind: string;
  /** The size of the job's data in bytes, where it may be large. */
  readonly size?: number;
}

const MAX_BATCH = 32;
/** The most bytes of one unit of work, so that none takes long. */
const MAX_BATCH_BYTES = 65_536;

/**
 * One lane for each address, because a session's ratchet takes one step at a time. Waiting jobs of one kind are done
 * together, so that they share a commit; lanes run independently.
 */
export class ContactLanes<J extends LaneJob> {
  readonly #run: (address: string, jobs: readonly J[]) => Promise<void>;
  readonly #waiting = new Map<string, J[]>();
  readonly #running = new Set<Promise<void>>();

  /** `run` must not reject. */
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

  /** Resolves when all pushed jobs are done. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #drain(address: string): Promise<void> {
    const queue = this.#waiting.get(address) ?? [];
    // Stanzas of one batch of frames arrive in one turn; this lets them gather.
    await Promise.resolve();
    while (queue.length > 0) {
      await this.#run(address, queue.splice(0, batchLength(queue)));
    }
    this.#waiting.delete(address);
  }
}

/** How many of the first jobs are done in one unit of work. */
function batchLength(queue: readonly LaneJob[]): number {
  let size = 0;
  let count = 0;
  for (const job of queue) {
    size += job.size ?? 0;
    if (count > 0 && (count >= MAX_BATCH || size > MAX_BATCH_BYTES || job.kind !== queue[0]?.kind)) break;
    count += 1;
  }
  return count;
}
