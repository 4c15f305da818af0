/** Before any network or homeserver existed. */
const EARLIEST = Date.UTC(2009, 0, 1);
/** How far another's clock may be ahead, in milliseconds. */
const AHEAD = 86_400_000;

/** A time that somebody else gave, in whole milliseconds since the epoch; `now` where it cannot be. */
export function saneTime(at: number, now: number): number {
  return at >= EARLIEST && at <= now + AHEAD ? Math.floor(at) : now;
}
