import { randomUUID } from "node:crypto";
import type { Clock, Random } from "../core/ports/clock.ts";

/** The longest wait that a timer of Node's takes; a longer one would end at once. */
const LONGEST = 2 ** 31 - 1;

export const processClock: Clock = {
  now: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
};

export const processRandom: Random = { uuid: () => randomUUID() };
