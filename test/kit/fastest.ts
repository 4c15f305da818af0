const TRIES = 3;

/**
 * The shortest time of a few tries, the last of which is the first under `enough` milliseconds: a busy machine tells
 * nothing of the bridge.
 */
export async function fastest(measured: () => Promise<number>, enough = 1_000): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && shortest >= enough; tries += 1)
    shortest = Math.min(shortest, await measured());
  return shortest;
}
