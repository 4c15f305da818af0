import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { whyUnread } from "../core/model/unread-file.ts";
import { allPaths, innermost, type Path, schemaAt } from "./field.ts";
import { type KeyPlace, type MovedKey, withEarlierPlaces } from "./moved-keys.ts";
import { nearest } from "./nearest.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Override extends KeyPlace {
  readonly variable: string;
  /** The variable's name by the present key of its value. */
  readonly presentName: string;
  readonly value: unknown;
}

interface Overrides {
  readonly applied: readonly Override[];
  readonly problems: readonly {
    readonly variable: string;
    readonly words: string;
    /** The value that it would have set. */
    readonly path?: Path;
  }[];
}

const prefix = "BRIDGE_";

/** `homeserver.url` is set by `BRIDGE_HOMESERVER__URL`, and from a file by `BRIDGE_HOMESERVER__URL_FILE`. */
const variableOf = (path: Path): string => prefix + path.map((key) => String(key).toUpperCase()).join("__");

export function readOverrides(
  environment: Environment,
  root: z.core.$ZodType,
  moved: readonly MovedKey[],
): Overrides {
  const variables = new Map(
    withEarlierPlaces(allPaths(root), moved).map((place) => [variableOf(place.writtenPath), place]),
  );
  const applied: Override[] = [];
  const problems: { variable: string; words: string; path?: Path }[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || text === undefined) continue;
    const exact = variables.get(variable);
    const fromFile =
      exact === undefined && variable.endsWith("_FILE") ? variables.get(variable.slice(0, -5)) : undefined;
    const place = exact ?? fromFile;
    if (place === undefined) {
      const similar = nearest(variable, [...variables.keys()]);
      // A BRIDGE_ variable without a double underscore may belong to another program.
      if (similar === undefined && !variable.includes("__")) continue;
      const hint = similar === undefined ? "" : ` Did you mean ${similar}?`;
      problems.push({ variable, words: `sets nothing the configuration has.${hint}` });
      continue;
    }
    const { path } = place;
    const content = fromFile === undefined ? text : readContent(text);
    if (typeof content !== "string") {
      problems.push({ variable, path, words: unreadableWords(resolve(text), content.why) });
      continue;
    }
    const presentName = `${variableOf(path)}${fromFile === undefined ? "" : "_FILE"}`;
    applied.push({ ...place, variable, presentName, value: valueFor(schemaAt(root, path), content) });
  }
  return { applied, problems };
}

/** A file's text without leading and trailing white space, or why it cannot be read. */
export function readContent(file: string): string | { readonly why: string } {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    return { why: whyUnread(cause) };
  }
}

/** The words about an unreadable file that was named in place of a value. */
export const unreadableWords = (file: string, why: string): string =>
  `names the file ${file}, which cannot be read. ${why}`;

/** Text for a field of text; for others the variable is read as YAML. */
function valueFor(schema: z.core.$ZodType | undefined, text: string): unknown {
  const plain = schema === undefined ? undefined : innermost(schema);
  if (plain instanceof z.ZodString || plain instanceof z.ZodEnum || plain instanceof z.ZodURL) return text;
  try {
    return parse(text);
  } catch {
    return text;
  }
}
