import type { Clock } from "../../src/core/ports/clock.ts";

const began = Date.now();
const start = performance.now();

/** Of an acknowledgement, a request or handshake, an enlistment, a login: hurried, a busy machine would miss them. */
const timeouts: ReadonlySet<number> = new Set([10_000, 15_000, 20_000, 25_000]);

/** Time that passes a hundred times as fast, except for time-outs. */
export const hurriedClock: Clock = {
  // Finer than milliseconds, or what is left of ten seconds would often be ten seconds, as a time-out is.
  now: () => began + Math.floor((performance.now() - start) * 100),
  after(ms, act) {
    const timer = setTimeout(act, timeouts.has(ms) ? ms : ms / 100);
    return () => clearTimeout(timer);
  },
};
