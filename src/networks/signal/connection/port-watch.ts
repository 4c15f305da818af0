import { connect } from "node:net";
import type { Clock } from "../../../core/ports/clock.ts";

/** Milliseconds between two looks, and for which one waits for an answer. */
const BETWEEN = 500;
const LOOK_TIMEOUT = 4_000;

/** A host and port, of the chat server. */
export interface Port {
  readonly host: string;
  readonly port: number;
}

/**
 * Knows when a server that could not be reached can be again, for all logins that wait for it: one look at its port every
 * half second, however long that takes.
 */
export class PortWatch {
  readonly #port: Port;
  readonly #clock: Pick<Clock, "after">;
  #waiting: (() => void)[] = [];
  #isLooking = false;

  constructor(port: Port, clock: Pick<Clock, "after">) {
    this.#port = port;
    this.#clock = clock;
  }

  /** Whether a connection to the port can be made now. */
  isOpen(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const socket = connect({ ...this.#port, timeout: LOOK_TIMEOUT });
    socket.unref();
    socket.once("connect", () => resolve(true));
    socket.once("timeout", () => resolve(false));
    socket.once("error", () => resolve(false));
    return promise.finally(() => socket.destroy());
  }

  /** Calls back once, when the port is open; the returned function gives that up. */
  whenOpen(act: () => void): () => void {
    this.#waiting.push(act);
    if (!this.#isLooking) {
      this.#isLooking = true;
      void this.#look();
    }
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== act);
    };
  }

  async #look(): Promise<void> {
    const isOpen = this.#waiting.length > 0 && (await this.isOpen());
    if (isOpen) for (const act of this.#waiting.splice(0)) act();
    this.#isLooking = this.#waiting.length > 0;
    if (this.#isLooking) this.#clock.after(BETWEEN, () => void this.#look());
  }
}
