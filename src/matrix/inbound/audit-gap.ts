import type { Clock } from "../../core/ports/clock.ts";
import type { HomeserverSink } from "../../core/ports/homeserver-sink.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";
import type { Metrics } from "../../core/ports/metrics.ts";

/** Milliseconds, from the homeserver's first answer, that lanes wait for the audit stream to catch up. */
const LONGEST_WAIT = 10_000;

type GapReason = "start" | "break";

interface AuditGapParts {
  readonly sink: HomeserverSink;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A gap: the time in which the homeserver may have lost pushes, and rooms' lanes wait for the audit stream. */
export class AuditGap {
  readonly #parts: AuditGapParts;
  #open: { readonly why: GapReason; readonly since: number } | undefined;
  /** The lanes were released before the stream caught up, and the homeserver has answered ever since. */
  #givenUp = false;
  #cancel: (() => void) | undefined;

  constructor(parts: AuditGapParts) {
    this.#parts = parts;
  }

  /** Opens a gap. `away`: the homeserver does not answer at all, not even with errors. */
  open(why: GapReason, away: boolean): void {
    if (away) this.#givenUp = false;
    if (this.#open !== undefined || this.#givenUp) return;
    const { sink, clock, metrics } = this.#parts;
    this.#open = { why, since: clock.now() };
    metrics.count("gaps", { reason: why });
    sink.gapOpened();
  }

  /** To be called when the homeserver answers: from now on the lanes wait for a limited time. */
  answered(): void {
    if (this.#open === undefined || this.#cancel !== undefined) return;
    this.#cancel = this.#parts.clock.after(LONGEST_WAIT, () => {
      this.#cancel = undefined;
      void this.#release();
    });
  }

  async caughtUp(): Promise<void> {
    this.#givenUp = false;
    await this.#close();
  }

  [Symbol.dispose](): void {
    this.#cancel?.();
  }

  async #release(): Promise<void> {
    const { log } = this.#parts;
    log.warn("the audit stream did not catch up in time; waiting chats go on without it", {
      waited: LONGEST_WAIT,
    });
    try {
      await this.#close();
      this.#givenUp = true;
    } catch (error) {
      log.error("waiting chats could not be released", faultOf(error));
      this.answered();
    }
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    const { sink, clock, metrics, log } = this.#parts;
    await sink.gapClosed();
    this.#cancel?.();
    this.#cancel = undefined;
    this.#open = undefined;
    const seconds = Math.max(0, clock.now() - open.since) / 1000;
    metrics.count("gap_seconds", { reason: open.why }, seconds);
    log.info("the audit stream is whole", { why: open.why, seconds });
  }
}
