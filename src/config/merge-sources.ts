import { isSection, type SourceDocument, valueAt, without, withValue } from "./document.ts";
import type { Override } from "./environment.ts";
import type { Path } from "./field.ts";
import { type MovedKey, type Place, startsWith } from "./moved-keys.ts";
import { dotted, type Found, type NameOf, type Problem } from "./problems.ts";

/** What the file and the environment say together. */
export interface Written {
  /** Under the present keys, wherever it was written. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly nameOf: NameOf;
  /** Words about a value, with where it was written. */
  readonly at: (found: Found) => Problem;
  /** What is written at two places at once. */
  readonly problems: readonly Problem[];
  /** What is written at an earlier place, each with what to write instead. */
  readonly outdated: readonly Problem[];
}

interface Sources {
  readonly file: string;
  readonly document: SourceDocument;
  readonly overrides: readonly Override[];
  readonly moved: readonly MovedKey[];
}

interface Put extends Place {
  readonly value: unknown;
  /** Where it comes from the environment. */
  readonly environment?: Override;
}

/** Puts together what the file and the environment say; of one value the environment's counts. */
export function written({ file, document, overrides, moved }: Sources): Written {
  const fromFile = moved.flatMap(({ from, to }): readonly Put[] => {
    const value = valueAt(document.value, from);
    return value === undefined ? [] : [{ path: to, written: from, value }];
  });
  const fromEnvironment = overrides.map((one): Put => ({ ...one, environment: one }));
  // A section comes before what is in it, and so gives way to it.
  const puts = [...fromFile, ...fromEnvironment].sort((a, b) => a.path.length - b.path.length);
  const twice = new Map<Put, string>();
  const value = puts.reduce(
    (all, put) => {
      const other = alsoPresent(put, all, overrides);
      if (other !== undefined) twice.set(put, other);
      return put.environment === undefined && isBlocked(put, all) ? all : withValue(all, put.path, put.value);
    },
    moved.reduce((all, { from }) => without(all, from), document.value),
  );

  const deepest = (path: Path): Put | undefined => puts.findLast((put) => startsWith(path, put.path));
  const asWritten = (path: Path): Path => {
    const put = deepest(path);
    return put === undefined ? path : [...put.written, ...path.slice(put.path.length)];
  };
  const nameOf = (path: Path): string => dotted(asWritten(path));
  const at = ({ path, words }: Found): Problem => {
    const line = document.lineOf(asWritten(path));
    const where = deepest(path)?.environment?.variable ?? `${file}:${line}`;
    return { where, line, words: `${nameOf(path)} ${words}` };
  };
  const about = ({ written: from, environment }: Put, key: string, variable: string): Problem => {
    const line = document.lineOf(from);
    if (environment !== undefined) return { where: environment.variable, line, words: variable };
    return { where: `${file}:${line}`, line, words: `${dotted(from)} ${key}` };
  };
  const problems = [...twice].map(([put, other]) =>
    about(
      put,
      `is written as ${other} too. Keep that one and take this one out.`,
      `sets what ${other} sets too. Keep that one and take this one out.`,
    ),
  );
  const outdated = puts
    .filter((put) => isEarlier(put) && !twice.has(put))
    .map((put) =>
      about(
        put,
        moveTo(put),
        `has another name: call it ${put.environment?.presently}. Until then it counts as it is.`,
      ),
    );
  return { value, nameOf, at, problems, outdated };
}

const isEarlier = ({ path, written: from }: Place): boolean => dotted(path) !== dotted(from);

/** What sets at its present place what is set at the earlier one, both in the file or both in the environment. */
function alsoPresent(put: Put, before: unknown, overrides: readonly Override[]): string | undefined {
  if (!isEarlier(put)) return undefined;
  if (put.environment === undefined)
    return valueAt(before, put.path) === undefined ? undefined : dotted(put.path);
  return overrides.find(
    (other) => !isEarlier(other) && (startsWith(other.path, put.path) || startsWith(put.path, other.path)),
  )?.variable;
}

/** Something that is no section stands where one is needed; that is told of by itself. */
function isBlocked({ path }: Put, value: unknown): boolean {
  return path.some((_, depth) => {
    const around = valueAt(value, path.slice(0, depth));
    return around !== undefined && !isSection(around);
  });
}

function moveTo({ path, written: from }: Put): string {
  const around = path
    .slice(0, -1)
    .map((key) => `"${key}:"`)
    .toReversed()
    .join(" under ");
  return `has another place: write it as ${dotted(path)}, that is "${from.at(-1)}:" with all its lines under ${around}. Until then it counts as it is.`;
}
