import type { Clock } from "../../src/core/ports/clock.ts";

const began = Date.now();
const start = performance.now();

/** The time-outs of acknowledgements, requests, handshakes, enlistments and logins, which a busy machine would miss if shortened. */
const timeouts: ReadonlySet<number> = new Set([10_000, 15_000, 20_000, 25_000]);

/** A clock that runs a hundred times as fast, except for time-outs. */
export const hurriedClock: Clock = {
  // With fractions of milliseconds, so that the rest of a pause is seldom as long as a time-out.
  now: () => began + Math.floor((performance.now() - start) * 100),
  after(ms, act) {
    const timer = setTimeout(act, timeouts.has(ms) ? ms : ms / 100);
    return () => clearTimeout(timer);
  },
};
