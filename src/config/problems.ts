import type { z } from "zod";
import { valueAt } from "./document.ts";
import { allPaths, keysAt, type Path, schemaAt, wordsOf } from "./field.ts";
import { type MovedKey, startsWith } from "./moved-keys.ts";
import { nearest } from "./nearest.ts";

/** Something that the person who runs the bridge must correct. */
export interface Problem {
  /** `config.yaml:12`, or the environment variable. */
  readonly where: string;
  /** The line in the file, by which problems are ordered. */
  readonly line: number;
  readonly words: string;
}

export interface Found {
  readonly path: Path;
  readonly words: string;
}

export const dotted = (path: Path): string => path.map(String).join(".");

/** A value's dotted name as the person wrote it. */
export type NameOf = (path: Path) => string;

/** What {@link explain} needs to put an issue into words. */
interface ExplainContext {
  readonly root: z.core.$ZodType;
  readonly moved: readonly MovedKey[];
  /** The values that were checked. */
  readonly value: unknown;
  readonly nameOf: NameOf;
}

/** Turns a schema's issue into words that say what to do. Values are not repeated, as they may be secret. */
export function explain(issue: z.core.$ZodIssue, context: ExplainContext): readonly Found[] {
  const { path } = issue;
  const { root, value, nameOf } = context;
  const inside = issue.code === "invalid_union" ? insideSection(issue) : [];
  if (inside.length > 0) return inside.flatMap((each) => explain(each, context));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key], context));
  const given = valueAt(value, path);
  const words = wordsOf(schemaAt(root, path));
  if (given === undefined) return [{ path, words: missing(path, words, nameOf) }];
  if (issue.code === "invalid_value" && typeof given === "string") {
    const meant = nearest(given, issue.values.map(String));
    return [{ path, words: `${expected(words?.what ?? issue.message, words?.example)}${hint(meant)}` }];
  }
  const what = words?.what ?? sectionWords(keysAt(root, path)) ?? issue.message;
  return [{ path, words: `${expected(what, words?.example)} ${found(given)}` }];
}

/** What is wrong inside the section that was written where a word may stand too; nothing where none was. */
function insideSection({ path, errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] {
  const inside = errors.find((option) =>
    option.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
  return (inside ?? []).map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

const sectionWords = (keys: readonly string[] | undefined): string | undefined =>
  keys === undefined ? undefined : `a section with: ${keys.join(", ")}`;

const hint = (meant: string | undefined): string => (meant ? ` Did you mean "${meant}"?` : "");

const expected = (what: string, example: string | undefined): string =>
  `must be ${what}${example === undefined ? "" : `, for example ${example}`}.`;

function found(given: unknown): string {
  if (typeof given === "string") return given === "" ? "It is empty." : "What is written there is not one.";
  if (Array.isArray(given)) return "It is a list.";
  if (typeof given === "object") return "It is a section of its own.";
  return `It is a ${typeof given === "boolean" ? "yes/no value" : typeof given}.`;
}

function missing(path: Path, words: ReturnType<typeof wordsOf>, nameOf: NameOf): string {
  const key = String(path.at(-1) ?? "");
  const place = path.length > 1 ? `Under ${nameOf(path.slice(0, -1))}: write` : "Write";
  const what = words === undefined ? "" : ` It is ${words.what}.`;
  return `is missing.${what} ${place} "${key}: ${words?.example ?? "…"}".`;
}

function unknownKey(path: Path, { root, moved }: ExplainContext): Found {
  const around = path.slice(0, -1);
  const keys = keysAt(root, around) ?? [];
  const earlier = new Map(
    moved
      .filter(({ from }) => from.length === path.length && startsWith(from, around))
      .map(({ from, to }) => [String(from.at(-1)), dotted(to)]),
  );
  const key = String(path.at(-1));
  const near = nearest(key, [...keys, ...earlier.keys()]) ?? "";
  // A name that is right was more likely indented wrongly than mistyped.
  const meant = elsewhere(root, key) ?? earlier.get(near) ?? near;
  const choice = keys.length === 0 ? "This section has no keys." : `Known here: ${keys.join(", ")}.`;
  return {
    path,
    words: `is not a known key.${hint(meant)} ${choice}`,
  };
}

/** The one place that has a key of this name, as where it was indented too little or too much. */
function elsewhere(root: z.core.$ZodType, key: string): string | undefined {
  const [place, ...others] = allPaths(root).filter((path) => path.at(-1) === key);
  return place === undefined || others.length > 0 ? undefined : dotted(place);
}

/** All problems on one screen, in the order of the file. */
export function listed(file: string, problems: readonly Problem[]): string {
  const sorted = [...problems].sort((a, b) => a.line - b.line);
  const count = sorted.length === 1 ? "one error" : `${sorted.length} errors`;
  return [`${file} has ${count}:`, ...sorted.map(({ where, words }) => `  ${where}: ${words}`)].join("\n");
}
