/** A key that was moved: a value under the earlier key counts as if it were under the present one. */
export interface MovedKey {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** A value's path in the configuration, and the path by which a person may have written it. */
export interface KeyPlace {
  readonly path: readonly string[];
  /** Equal to `path`, or an earlier path of the same value. */
  readonly writtenPath: readonly string[];
}

export const startsWith = (path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean =>
  start.length <= path.length && start.every((key, index) => key === path[index]);

/** Each path with itself, and with every earlier path it had. */
export function withEarlierPlaces(
  paths: readonly (readonly string[])[],
  moved: readonly MovedKey[],
): readonly KeyPlace[] {
  return paths.flatMap((path) => [
    { path, writtenPath: path },
    ...moved
      .filter(({ to }) => startsWith(path, to))
      .map(({ from, to }) => ({ path, writtenPath: [...from, ...path.slice(to.length)] })),
  ]);
}
