/** The only source of time and chance in the core, so that tests can play days in milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. It may jump; use it for stamps, never for waiting. */
  now(): number;
  /** Runs `act` once after `ms`; the returned function cancels it. */
  after(ms: number, act: () => void): () => void;
}

const TWO_DAYS = 2 * 86_400_000;

/**
 * Whether old data may be deleted at the time `now`: only where `now` is near the time of the last such deletion. After
 * a jump of the clock, or days off, the next deletion is put off to the one after.
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
