import type { Random } from "../../../core/ports/clock.ts";

const FIRST = 250;
/** While the other end may just be restarting, and after that. */
const SOON = { tries: 10, longest: 4_000 };
const LATER = 30_000;

/**
 * Milliseconds before connection attempt number `failures + 1`: doubling, with the upper half left to chance so that
 * many logins do not come back at the same moment.
 */
export function reconnectDelay(failures: number, random: Random): number {
  const longest = failures < SOON.tries ? SOON.longest : LATER;
  const full = Math.min(longest, FIRST * 2 ** Math.min(failures, 10));
  return full / 2 + (full / 2) * chance(random);
}

/** 0 to 1, from the bits of a random UUID. */
function chance(random: Random): number {
  return Number.parseInt(random.uuid().slice(0, 8), 16) / 2 ** 32;
}
