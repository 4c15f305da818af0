import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { whyUnread } from "../core/model/unread-file.ts";
import { allPaths, innermost, type Path, schemaAt } from "./field.ts";
import { type MovedKey, type Place, withEarlierPlaces } from "./moved-keys.ts";
import { nearest } from "./nearest.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Override extends Place {
  readonly variable: string;
  /** What the variable would be called by the present place of what it sets. */
  readonly presently: string;
  readonly value: unknown;
}

interface Overrides {
  readonly taken: readonly Override[];
  readonly problems: readonly {
    readonly variable: string;
    readonly words: string;
    /** What it would have set. */
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
  const places = new Map(
    withEarlierPlaces(allPaths(root), moved).map((place) => [variableOf(place.written), place]),
  );
  const taken: Override[] = [];
  const problems: { variable: string; words: string; path?: Path }[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || text === undefined) continue;
    const direct = places.get(variable);
    const fromFile =
      direct === undefined && variable.endsWith("_FILE") ? places.get(variable.slice(0, -5)) : undefined;
    const place = direct ?? fromFile;
    if (place === undefined) {
      const meant = nearest(variable, [...places.keys()]);
      // A lone BRIDGE_SOMETHING may belong to another program; with the double underscore it is meant for us.
      if (meant === undefined && !variable.includes("__")) continue;
      const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
      problems.push({ variable, words: `sets nothing the configuration has.${hint}` });
      continue;
    }
    const { path } = place;
    const content = fromFile === undefined ? text : contentOf(text);
    if (typeof content !== "string") {
      problems.push({ variable, path, words: unreadable(resolve(text), content.why) });
      continue;
    }
    const presently = `${variableOf(path)}${fromFile === undefined ? "" : "_FILE"}`;
    taken.push({ ...place, variable, presently, value: valueFor(schemaAt(root, path), content) });
  }
  return { taken, problems };
}

/** A file's text without the line end editors add, or why it cannot be read. */
export function contentOf(file: string): string | { readonly why: string } {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    return { why: whyUnread(cause) };
  }
}

/** Words about a file that was named in place of a value. */
export const unreadable = (file: string, why: string): string =>
  `names the file ${file}, which cannot be read. ${why}`;

/** Text stays text; numbers, yes/no values and whole sections are written as YAML. */
function valueFor(schema: z.core.$ZodType | undefined, text: string): unknown {
  const plain = schema === undefined ? undefined : innermost(schema);
  if (plain instanceof z.ZodString || plain instanceof z.ZodEnum || plain instanceof z.ZodURL) return text;
  try {
    return parse(text);
  } catch {
    return text;
  }
}
