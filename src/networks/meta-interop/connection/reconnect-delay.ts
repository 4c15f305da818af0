import type { Random } from "../../../core/ports/clock.ts";

const FIRST = 250;
/**
 * The longest delay, in milliseconds, of the first tries, while the network may just be restarting; and of those after.
 */
const EARLY = { tries: 10, longest: 4_000 };
const LONGEST_LATER = 30_000;

/**
 * Milliseconds before connection attempt number `failures + 1`: doubling, with the upper half random so that many
 * logins do not come back at the same moment.
 */
export function reconnectDelay(failures: number, random: Random): number {
  const longest = failures < EARLY.tries ? EARLY.longest : LONGEST_LATER;
  const delay = Math.min(longest, FIRST * 2 ** Math.min(failures, 10));
  return delay / 2 + (delay / 2) * chance(random);
}

/** A number from 0 to 1, made of the bits of a random UUID. */
function chance(random: Random): number {
  return Number.parseInt(random.uuid().slice(0, 8), 16) / 2 ** 32;
}
