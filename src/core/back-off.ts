const FIRST = 500;
const LONGEST = 60_000;

/** Milliseconds before try number `attempts + 1`: doubling from half a second up to a minute. */
export function backOff(attempts: number): number {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(attempts, 10));
}
