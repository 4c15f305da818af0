/** Server times in microseconds, each later than the one before even when the clock steps back. */
export function serverTime(now: () => number = Date.now): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, now() * 1000);
    return last;
  };
}

/** The `t` attribute: whole seconds since 1970. */
export const seconds = (microseconds: number): string => String(Math.floor(microseconds / 1_000_000));
