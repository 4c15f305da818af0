/** A key that has two places: what stands at the earlier one counts as if it stood at the present one. */
export interface MovedKey {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** A place in the configuration, and the name a person may know it by. */
export interface Place {
  readonly path: readonly string[];
  /** The same as `path`, but at an earlier place. */
  readonly written: readonly string[];
}

export const startsWith = (path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean =>
  start.length <= path.length && start.every((key, index) => key === path[index]);

/** Each path as itself, and under every earlier place it had. */
export function withEarlierPlaces(
  paths: readonly (readonly string[])[],
  moved: readonly MovedKey[],
): readonly Place[] {
  return paths.flatMap((path) => [
    { path, written: path },
    ...moved
      .filter(({ to }) => startsWith(path, to))
      .map(({ from, to }) => ({ path, written: [...from, ...path.slice(to.length)] })),
  ]);
}
