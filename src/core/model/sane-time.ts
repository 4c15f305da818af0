/** Before any network or homeserver of ours was. */
const EARLIEST = Date.UTC(2009, 0, 1);
/** How far another's clock may be ahead. */
const AHEAD = 86_400_000;

/** A time that somebody else named, in whole milliseconds since the epoch; ours where theirs cannot be. */
export function saneTime(at: number, now: number): number {
  return at >= EARLIEST && at <= now + AHEAD ? Math.floor(at) : now;
}
