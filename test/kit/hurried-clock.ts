import type { Clock } from "../../src/core/clock.ts";

const began = Date.now();
const start = performance.now();

/** Time that passes a hundred times as fast, except for the time-outs of a request or an acknowledgement. */
export const hurriedClock: Clock = {
  // Finer than milliseconds, or what is left of ten seconds would often be ten seconds, as a time-out is.
  now: () => began + Math.floor((performance.now() - start) * 100),
  after(ms, act) {
    const timer = setTimeout(act, ms === 15_000 || ms === 10_000 ? ms : ms / 100);
    return () => clearTimeout(timer);
  },
};
