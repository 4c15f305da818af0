import type { Socket } from "node:net";
import { Waits } from "../../tools/matrix/waits.ts";

/** Requests of `/sync` that wait for something to happen. */
export class FakePolls {
  readonly #polls = new Set<() => void>();
  readonly #parked = new Waits<void>();
  #waking = false;

  /** Wakes them, after what happens in this turn. */
  wake(): void {
    if (this.#polls.size === 0 || this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      this.#polls.forEach((poll) => poll());
    });
  }

  /** Resolves when one waits. */
  polled(): Promise<true> {
    return this.#parked.until("a long poll", () => this.#polls.size > 0);
  }

  /** Resolves when they are woken, the time is over or the client is gone. */
  news(ms: number, client: Socket): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#polls.delete(wake);
        client.off("close", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#polls.add(wake);
      this.#parked.offer();
      client.once("close", wake);
    });
  }
}
