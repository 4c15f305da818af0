import type { Random } from "../ports/clock.ts";

const FIRST = 500;
const LONGEST = 60_000;

/** Milliseconds before try number `attempts + 1`: doubling from half a second up to a minute. */
export function backOff(attempts: number): number {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(attempts, 10));
}

/** The wait with jitter, shorter by up to a half, so that not all who wait for the same thing ask for it at once. */
export function jittered(wait: number, random: Random): number {
  const chance = Number.parseInt(random.uuid().slice(0, 8), 16) / 2 ** 32;
  return Math.round(wait * (1 - chance / 2));
}
