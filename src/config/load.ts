import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { BridgeError } from "../core/model/errors.ts";
import { isMissing, whyUnread } from "../core/model/unread-file.ts";
import { isSection, readDocument } from "./document.ts";
import { contentOf, type Environment, readOverrides, unreadable, withValue } from "./environment.ts";
import { bare, type Path, schemaAt } from "./field.ts";
import { dotted, explain, listed, type Problem } from "./problems.ts";
import { remarksOn } from "./remarks.ts";
import { type Config, configSchema, contradictions, type NetworkSections } from "./schema.ts";

interface Source<Sections extends NetworkSections> {
  readonly file: string;
  readonly sections: Sections;
  readonly environment: Environment;
}

/** A configuration the bridge can start with. */
export interface Loaded<Sections extends NetworkSections> {
  /** Frozen. */
  readonly config: Config<Sections>;
  /** What cannot be meant, though it is well formed. */
  readonly remarks: readonly Problem[];
}

/** Reads and checks the file. Throws BridgeError with every problem in its words. */
export function loadConfig<Sections extends NetworkSections>(source: Source<Sections>): Loaded<Sections> {
  return readConfig(textOf(source.file), source);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const words = isMissing(cause)
      ? `There is no file ${file}. Copy config/config.sample.yaml there and edit it, or name another with -c.`
      : `The file ${file} cannot be read. ${whyUnread(cause)}`;
    throw new BridgeError("bad-input", { words, certain: true, cause });
  }
}

export function parseConfig<Sections extends NetworkSections>(
  text: string,
  source: Source<Sections>,
): Config<Sections> {
  return readConfig(text, source).config;
}

function readConfig<Sections extends NetworkSections>(
  text: string,
  { file, sections, environment }: Source<Sections>,
): Loaded<Sections> {
  const folder = dirname(resolve(file));
  const schema = configSchema(sections);
  const document = readDocument(text);
  const overrides = readOverrides(environment, schema);
  const origin = new Map(overrides.taken.map(({ path, variable }) => [dotted(path), variable]));

  const at = (path: Path, words: string): Problem => {
    const variable = path
      .map((_, index) => origin.get(dotted(path.slice(0, index + 1))))
      .find((name) => name !== undefined);
    const line = document.lineOf(path);
    return { where: variable ?? `${file}:${line}`, line, words: `${dotted(path)} ${words}` };
  };
  const problems: Problem[] = [
    ...document.problems.map(({ line, words }) => ({ where: `${file}:${line}`, line, words })),
    ...overrides.problems.map(({ variable, words }) => ({
      where: variable,
      line: 0,
      words: words,
    })),
  ];
  // What the schema would say about a file that cannot be read as YAML is noise.
  if (document.problems.length > 0) throw refusal(file, problems);

  const overridden = overrides.taken.reduce(
    (value, { path, value: put }) => withValue(value, path, put),
    document.value,
  );
  const unread = overrides.problems.flatMap(({ path }) => (path === undefined ? [] : [dotted(path)]));
  const filled = withFiles(overridden, {
    schema,
    folder,
    missing: (path, named, why) => {
      unread.push(dotted(path));
      problems.push(at(path, unreadable(named, why)));
    },
  });
  const result = schema.safeParse(filled);
  if (!result.success) {
    const found = result.error.issues.flatMap((issue) => explain(schema, issue, filled));
    // What stands in place of a file that was not read is not what the person wrote.
    const told = found.filter(({ path }) => !unread.includes(dotted(path)));
    problems.push(...told.map(({ path, words }) => at(path, words)));
    throw refusal(file, problems);
  }
  const { database, logging, media, double_puppet: puppets, ...rest } = result.data;
  const paths = {
    database: resolve(folder, database),
    media: { ...media, folder: resolve(folder, media.folder) },
    ...(puppets ? { double_puppet: { registration: resolve(folder, puppets.registration) } } : {}),
    logging: logging.file === undefined ? logging : { ...logging, file: resolve(folder, logging.file) },
  };
  const config = freeze({ ...rest, ...paths }) as Config<Sections>;
  problems.push(...contradictions(config).map(({ path, words }) => at(path, words)));
  if (problems.length > 0) throw refusal(file, problems);
  return { config, remarks: remarksOn(config).map(({ path, words }) => at(path, words)) };
}

const refusal = (file: string, problems: readonly Problem[]): BridgeError =>
  new BridgeError("bad-input", { words: listed(file, problems), certain: true });

interface Filling {
  readonly schema: z.core.$ZodType;
  readonly folder: string;
  /** A file that was named and cannot be read. */
  missing(path: Path, named: string, why: string): void;
}

/** Puts a file's content where a single value is written as `{ file: path }`. */
function withFiles(value: unknown, filling: Filling, path: Path = []): unknown {
  if (!isSection(value)) return value;
  const schema = schemaAt(filling.schema, path);
  const plain = schema === undefined ? undefined : bare(schema);
  const named = value["file"];
  const single = plain !== undefined && !(plain instanceof z.ZodObject) && !(plain instanceof z.ZodRecord);
  if (single && typeof named === "string" && Object.keys(value).length === 1) {
    const file = resolve(filling.folder, named);
    const content = contentOf(file);
    if (typeof content === "string") return content;
    filling.missing(path, file, content.why);
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => [key, withFiles(inside, filling, [...path, key])]),
  );
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const inside of Object.values(value)) freeze(inside);
    Object.freeze(value);
  }
  return value;
}
