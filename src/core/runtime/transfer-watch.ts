import { BridgeError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";

/** How slow a transfer may be. */
export interface Pace {
  /** Milliseconds in each of which together at least `least` bytes a second must pass. */
  readonly span: number;
  readonly least: number;
  /** Milliseconds for the whole. */
  readonly most: number;
}

/** Of what a chat waits for. */
export const PACE: Pace = { span: 20_000, least: 16 * 1024, most: 3_600_000 };

interface TransferWatchOptions {
  readonly clock: Pick<Clock, "after">;
  readonly pace?: Pace;
  /** Ends it, with its reason. */
  readonly stopping?: AbortSignal | undefined;
  /** What whoever waits for it reads when it is given up. */
  readonly words: string;
}

/**
 * Ends a transfer that stands still, drips, or takes too long, with BridgeError `too-slow`; and every transfer at the stop.
 * Spans are counted, so that no jump of the clock ends or spares one.
 */
export class TransferWatch implements Disposable {
  readonly #clock: Pick<Clock, "after">;
  readonly #pace: Pace;
  readonly #abort = new AbortController();
  readonly #words: string;
  readonly #stopping: AbortSignal | undefined;
  readonly #stop = (): void => this.#abort.abort(this.#stopping?.reason);
  #passed = 0;
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

  /** Aborts at the end of it; the reason is the error to be thrown. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on bytes are to pass. */
  flows(): void {
    this.#passed = 0;
    this.#next(this.#pace.span, () => {
      if (this.#passed * 1_000 < this.#pace.least * this.#pace.span) this.#giveUp();
      else this.flows();
    });
  }

  passed(bytes: number): void {
    this.#passed += bytes;
  }

  /** What is left needs no bytes to pass, and is to be over in so many milliseconds. */
  within(ms: number): void {
    this.#next(ms, () => this.#giveUp());
  }

  [Symbol.dispose](): void {
    this.#cancelSpan();
    this.#cancelWhole();
    this.#stopping?.removeEventListener("abort", this.#stop);
  }

  #next(ms: number, act: () => void): void {
    this.#cancelSpan();
    this.#cancelSpan = this.#clock.after(ms, act);
  }

  #giveUp(): void {
    this.#abort.abort(new BridgeError("too-slow", { words: this.#words, certain: false, retryAfter: 0 }));
  }
}

/** What a stream brings, watched while it comes. */
export async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  watch: TransferWatch,
): AsyncGenerator<Uint8Array> {
  watch.flows();
  for await (const chunk of bytes) {
    watch.passed(chunk.length);
    yield chunk;
  }
}
