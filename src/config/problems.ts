import type { z } from "zod";
import { keysAt, type Path, schemaAt, wordsOf } from "./field.ts";
import { nearest } from "./nearest.ts";

/** Something the person who runs the bridge must mend. */
export interface Problem {
  /** Where: `config.yaml:12`, or the environment variable. */
  readonly where: string;
  /** Order in the file. */
  readonly line: number;
  readonly words: string;
}

export interface Found {
  readonly path: Path;
  readonly words: string;
}

export const dotted = (path: Path): string => path.map(String).join(".");

/** Turns what the schema found into words that say what to do. Values are never repeated, they may be secret. */
export function explain(root: z.core.$ZodType, issue: z.core.$ZodIssue, value: unknown): readonly Found[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(root, [...path, key]));
  const given = valueAt(value, path);
  const words = wordsOf(schemaAt(root, path));
  if (given === undefined) return [{ path, words: missing(path, words) }];
  if (issue.code === "invalid_value" && typeof given === "string") {
    const meant = nearest(given, issue.values.map(String));
    return [{ path, words: `${expected(words?.what ?? issue.message, words?.example)}${hint(meant)}` }];
  }
  const what = words?.what ?? sectionWords(keysAt(root, path)) ?? issue.message;
  return [{ path, words: `${expected(what, words?.example)} ${found(given)}` }];
}

const sectionWords = (keys: readonly string[] | undefined): string | undefined =>
  keys === undefined ? undefined : `a section with: ${keys.join(", ")}`;

const hint = (meant: string | undefined): string => (meant === undefined ? "" : ` Did you mean "${meant}"?`);

const expected = (what: string, example: string | undefined): string =>
  `must be ${what}${example === undefined ? "" : `, for example ${example}`}.`;

function found(given: unknown): string {
  if (typeof given === "string") return given === "" ? "It is empty." : "What is written there is not one.";
  if (Array.isArray(given)) return "It is a list.";
  if (typeof given === "object") return "It is a section of its own.";
  return `It is a ${typeof given === "boolean" ? "yes/no value" : typeof given}.`;
}

function missing(path: Path, words: ReturnType<typeof wordsOf>): string {
  const key = String(path.at(-1) ?? "");
  const place = path.length > 1 ? `Under ${dotted(path.slice(0, -1))}: write` : "Write";
  const what = words === undefined ? "" : ` It is ${words.what}.`;
  return `is missing.${what} ${place} "${key}: ${words?.example ?? "…"}".`;
}

function unknownKey(root: z.core.$ZodType, path: Path): Found {
  const known = keysAt(root, path.slice(0, -1)) ?? [];
  const meant = nearest(String(path.at(-1)), known);
  const choice = known.length === 0 ? "This section has no keys." : `Known here: ${known.join(", ")}.`;
  return { path, words: `is not a known key.${hint(meant)} ${choice}` };
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** All problems on one screen, in the order of the file. */
export function listed(file: string, problems: readonly Problem[]): string {
  const sorted = [...problems].sort((a, b) => a.line - b.line);
  const count = sorted.length === 1 ? "one error" : `${sorted.length} errors`;
  return [`${file} has ${count}:`, ...sorted.map(({ where, words }) => `  ${where}: ${words}`)].join("\n");
}
