/** Server times in microseconds, each later than the last even when the clock steps back; `since` is the last one of an earlier process. */
export function serverTime(now: () => number = Date.now, since = 0): () => number {
  let last = since;
  return () => {
    last = Math.max(last + 1, now() * 1000);
    return last;
  };
}

/** The `t` attribute: whole seconds since 1970. */
export const seconds = (microseconds: number): string => String(Math.floor(microseconds / 1_000_000));
