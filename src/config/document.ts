import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Path } from "./field.ts";

/** A YAML file as plain values, with the lines of its keys. */
export interface SourceDocument {
  /** Keys whose value is empty are left out, as if they were not written. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The line of the key, or of the nearest section around it. */
  lineOf(path: Path): number;
  /** Whether the key is written, with nothing behind it. */
  isEmpty(path: readonly string[]): boolean;
  readonly problems: readonly { readonly line: number; readonly words: string }[];
}

/** The largest file in bytes that is read; a configuration is a page or two. */
const longest = 1024 * 1024;

export function readDocument(text: string): SourceDocument {
  if (text.length > longest) return broken(1, "The file is larger than 1 MiB, so it is not a configuration.");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const lineAt = (offset: number | undefined) => Math.max(1, lines.linePos(offset ?? 0).line);
  const problems = document.errors.map((error) => ({
    line: lineAt(error.pos[0]),
    words: `The YAML cannot be read here: ${error.message.split("\n")[0] ?? ""}`,
  }));
  if (problems.length > 0) return { value: {}, lineOf: () => 1, isEmpty: () => false, problems };
  let value: unknown;
  try {
    value = withoutEmpty(document.toJS({ maxAliasCount: 100 }));
  } catch {
    return broken(1, "The YAML uses more aliases (*name) than a configuration needs.");
  }
  if (value !== undefined && !isSection(value))
    return broken(1, "The file must be a list of sections, each with a name and a colon.");
  return {
    value: value ?? {},
    lineOf: (path) => lineAt(offsetOf(document, path)),
    isEmpty: (path) => document.hasIn(path) && document.getIn(path) === null,
    problems,
  };
}

const broken = (line: number, words: string): SourceDocument => ({
  value: {},
  lineOf: () => line,
  isEmpty: () => false,
  problems: [{ line, words }],
});

export function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path through sections and lists. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** A copy of the values with one put at the path; it replaces whatever stands in a section's place on the way. */
export function withValue(
  value: Readonly<Record<string, unknown>>,
  [key, ...rest]: readonly string[],
  put: unknown,
): Readonly<Record<string, unknown>> {
  if (key === undefined) return value;
  const inside = value[key];
  return { ...value, [key]: rest.length === 0 ? put : withValue(isSection(inside) ? inside : {}, rest, put) };
}

/** A copy of the values without the one at the path. */
export function without(
  value: Readonly<Record<string, unknown>>,
  [key = "", ...rest]: readonly string[],
): Readonly<Record<string, unknown>> {
  const { [key]: inside, ...others } = value;
  if (rest.length === 0) return others;
  return isSection(inside) ? { ...value, [key]: without(inside, rest) } : value;
}

function withoutEmpty(value: unknown): unknown {
  if (value === null) return undefined;
  if (!isSection(value)) return value;
  const kept = Object.entries(value).map(([key, inside]) => [key, withoutEmpty(inside)] as const);
  return Object.fromEntries(kept.filter(([, inside]) => inside !== undefined));
}

function offsetOf(document: Document, path: Path): number | undefined {
  let at: unknown = document.contents;
  let offset: number | undefined;
  for (const key of path) {
    if (!isMap(at)) break;
    const pair = at.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (pair === undefined) break;
    offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
    at = pair.value;
  }
  return offset;
}
