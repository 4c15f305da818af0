/** The only source of time and chance in the core, so that tests can play days in milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. It may jump; use it for stamps, never for waiting. */
  now(): number;
  /** Runs `act` once after `ms`; the returned function cancels it. */
  after(ms: number, act: () => void): () => void;
}

const TWO_DAYS = 2 * 86_400_000;

/**
 * Whether what is old may be deleted by the time `now`: only where it is near the time of the turn before. A clock
 * that jumped, and a bridge that was off for days, are seen through a turn later.
 */
export function isSteady(now: number, before: number | undefined): boolean {
  return before !== undefined && Math.abs(now - before) < TWO_DAYS;
}

export interface Random {
  /** 128 random bits as a lower-case UUID. */
  uuid(): string;
}

/** Seconds since a time in milliseconds; none where the clock was set back meanwhile. */
export const secondsSince = (at: number, clock: Pick<Clock, "now">): number =>
  Math.max(0, clock.now() - at) / 1_000;
