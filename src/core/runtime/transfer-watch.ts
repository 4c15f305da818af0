import { BridgeError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";

/** The slowest pace a transfer may have. */
export interface Pace {
  /** Milliseconds in which on average at least `least` bytes a second must pass. */
  readonly span: number;
  readonly least: number;
  /** Milliseconds for the whole transfer. */
  readonly most: number;
}

/** The pace of transfers that a chat waits for. */
export const PACE: Pace = { span: 20_000, least: 16 * 1024, most: 3_600_000 };

interface TransferWatchOptions {
  readonly clock: Pick<Clock, "after">;
  readonly pace?: Pace;
  /** When it aborts, the transfer ends with its reason. */
  readonly stopping?: AbortSignal | undefined;
  /** The words of the error of a transfer that is too slow. */
  readonly words: string;
}

/**
 * Aborts a transfer that is slower than its pace, with BridgeError `too-slow`, and every transfer when the bridge stops.
 * It uses timers, so that a jump of the clock does not matter.
 */
export class TransferWatch implements Disposable {
  readonly #clock: Pick<Clock, "after">;
  readonly #pace: Pace;
  readonly #abort = new AbortController();
  readonly #words: string;
  readonly #stopping: AbortSignal | undefined;
  readonly #stop = (): void => this.#abort.abort(this.#stopping?.reason);
  #count = 0;
  #cancelSpan = (): void => {};
  readonly #cancelWhole: () => void;

  constructor({ clock, pace = PACE, stopping, words }: TransferWatchOptions) {
    this.#clock = clock;
    this.#pace = pace;
    this.#words = words;
    this.#stopping = stopping;
    this.#cancelWhole = clock.after(pace.most, () => this.#giveUp());
    stopping?.addEventListener("abort", this.#stop, { once: true });
    if (stopping?.aborted) this.#stop();
  }

  /** Aborts when the transfer must end; its reason is the error to throw. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Begins to check the pace. */
  expectBytes(): void {
    this.#count = 0;
    this.#schedule(this.#pace.span, () => {
      if (this.#count * 1_000 < this.#pace.least * this.#pace.span) this.#giveUp();
      else this.expectBytes();
    });
  }

  count(bytes: number): void {
    this.#count += bytes;
  }

  /** Stops checking the pace; the rest must be over within `ms` milliseconds. */
  expectEndWithin(ms: number): void {
    this.#schedule(ms, () => this.#giveUp());
  }

  [Symbol.dispose](): void {
    this.#cancelSpan();
    this.#cancelWhole();
    this.#stopping?.removeEventListener("abort", this.#stop);
  }

  #schedule(ms: number, act: () => void): void {
    this.#cancelSpan();
    this.#cancelSpan = this.#clock.after(ms, act);
  }

  #giveUp(): void {
    this.#abort.abort(new BridgeError("too-slow", { words: this.#words, certain: false, retryAfter: 0 }));
  }
}

/** The chunks of a stream, counted by the watch. */
export async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  watch: TransferWatch,
): AsyncGenerator<Uint8Array> {
  watch.expectBytes();
  for await (const chunk of bytes) {
    watch.count(chunk.length);
    yield chunk;
  }
}
