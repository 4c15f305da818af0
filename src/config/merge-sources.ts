import { isSection, type SourceDocument, valueAt, without, withValue } from "./document.ts";
import type { Override } from "./environment.ts";
import type { Path } from "./field.ts";
import { type KeyPlace, type MovedKey, startsWith } from "./moved-keys.ts";
import { dotted, type Found, type NameOf, type Problem } from "./problems.ts";

/** The values of the file and the environment together. */
export interface MergedSources {
  /** The values under their present keys, wherever they were written. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly nameOf: NameOf;
  /** The problem of a value, with the place where the value was written. */
  readonly at: (found: Found) => Problem;
  /** Problems of values that are written at two places. */
  readonly problems: readonly Problem[];
  /** Problems of values under earlier keys, each with what to write instead. */
  readonly outdated: readonly Problem[];
}

interface Sources {
  readonly file: string;
  readonly document: SourceDocument;
  readonly overrides: readonly Override[];
  readonly moved: readonly MovedKey[];
}

interface Assignment extends KeyPlace {
  readonly value: unknown;
  /** The override, where the value comes from the environment. */
  readonly environment?: Override;
}

/** Merges the file and the environment; a value of the environment replaces the file's. */
export function mergeSources({ file, document, overrides, moved }: Sources): MergedSources {
  const fromFile = moved.flatMap(({ from, to }): readonly Assignment[] => {
    const value = valueAt(document.value, from);
    return value === undefined ? [] : [{ path: to, writtenPath: from, value }];
  });
  const fromEnvironment = overrides.map((one): Assignment => ({ ...one, environment: one }));
  // A section is assigned before the values in it, so that these replace its own.
  const assignments = [...fromFile, ...fromEnvironment].sort((a, b) => a.path.length - b.path.length);
  const duplicates = new Map<Assignment, string>();
  const value = assignments.reduce(
    (all, assignment) => {
      const other = alsoPresent(assignment, all, overrides);
      if (other !== undefined) duplicates.set(assignment, other);
      return assignment.environment === undefined && isBlocked(assignment, all)
        ? all
        : withValue(all, assignment.path, assignment.value);
    },
    moved.reduce((all, { from }) => without(all, from), document.value),
  );

  const lastAssignment = (path: Path): Assignment | undefined =>
    assignments.findLast((assignment) => startsWith(path, assignment.path));
  const pathAsWritten = (path: Path): Path => {
    const assignment = lastAssignment(path);
    return assignment === undefined
      ? path
      : [...assignment.writtenPath, ...path.slice(assignment.path.length)];
  };
  const nameOf = (path: Path): string => dotted(pathAsWritten(path));
  const at = ({ path, words }: Found): Problem => {
    const line = document.lineOf(pathAsWritten(path));
    const where = lastAssignment(path)?.environment?.variable ?? `${file}:${line}`;
    return { where, line, words: `${nameOf(path)} ${words}` };
  };
  const problemOf = (
    { writtenPath: from, environment }: Assignment,
    key: string,
    variable: string,
  ): Problem => {
    const line = document.lineOf(from);
    if (environment !== undefined) return { where: environment.variable, line, words: variable };
    return { where: `${file}:${line}`, line, words: `${dotted(from)} ${key}` };
  };
  const problems = [...duplicates].map(([assignment, other]) =>
    problemOf(
      assignment,
      `is written as ${other} too. Keep that one and take this one out.`,
      `sets what ${other} sets too. Keep that one and take this one out.`,
    ),
  );
  const outdated = assignments
    .filter((assignment) => isEarlier(assignment) && !duplicates.has(assignment))
    .map((assignment) =>
      problemOf(
        assignment,
        moveTo(assignment),
        `has another name: call it ${assignment.environment?.presentName}. Until then it counts as it is.`,
      ),
    );
  return { value, nameOf, at, problems, outdated };
}

const isEarlier = ({ path, writtenPath: from }: KeyPlace): boolean => dotted(path) !== dotted(from);

/** The name of what sets the same value under its present key, both in the file or both in the environment. */
function alsoPresent(
  assignment: Assignment,
  before: unknown,
  overrides: readonly Override[],
): string | undefined {
  if (!isEarlier(assignment)) return undefined;
  if (assignment.environment === undefined)
    return valueAt(before, assignment.path) === undefined ? undefined : dotted(assignment.path);
  return overrides.find(
    (other) =>
      !isEarlier(other) &&
      (startsWith(other.path, assignment.path) || startsWith(assignment.path, other.path)),
  )?.variable;
}

/** Whether a value stands where a section is needed; the schema reports that. */
function isBlocked({ path }: Assignment, value: unknown): boolean {
  return path.some((_, depth) => {
    const parent = valueAt(value, path.slice(0, depth));
    return parent !== undefined && !isSection(parent);
  });
}

function moveTo({ path, writtenPath: from }: Assignment): string {
  const parent = path
    .slice(0, -1)
    .map((key) => `"${key}:"`)
    .toReversed()
    .join(" under ");
  return `has another place: write it as ${dotted(path)}, that is "${from.at(-1)}:" with all its lines under ${parent}. Until then it counts as it is.`;
}
