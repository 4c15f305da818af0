import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { BridgeError } from "../core/model/errors.ts";
import { isMissing, whyUnread } from "../core/model/unread-file.ts";
import { isSection, readDocument } from "./document.ts";
import { contentOf, type Environment, readOverrides, unreadable } from "./environment.ts";
import { bare, type Path, schemaAt } from "./field.ts";
import { dotted, explain, listed, type Problem } from "./problems.ts";
import { remarksOn } from "./remarks.ts";
import { type Config, configSchema, contradictions, type NetworksConfig } from "./schema.ts";
import { written } from "./written.ts";

interface Source<Networks extends z.ZodObject> {
  readonly file: string;
  readonly networks: NetworksConfig<Networks>;
  readonly environment: Environment;
}

/** A configuration the bridge can start with. */
export interface Loaded<Networks extends z.ZodObject> {
  /** Frozen. */
  readonly config: Config<Networks>;
  /** What cannot be meant, though it is well formed. */
  readonly remarks: readonly Problem[];
  /** What is written where it was written earlier, and still counts: what to write instead. */
  readonly outdated: readonly Problem[];
}

/** Reads and checks the file. Throws BridgeError with every problem in its words. */
export function loadConfig<Networks extends z.ZodObject>(source: Source<Networks>): Loaded<Networks> {
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

export function parseConfig<Networks extends z.ZodObject>(
  text: string,
  source: Source<Networks>,
): Config<Networks> {
  return readConfig(text, source).config;
}

function readConfig<Networks extends z.ZodObject>(
  text: string,
  { file, networks, environment }: Source<Networks>,
): Loaded<Networks> {
  const folder = dirname(resolve(file));
  const schema = configSchema(networks.schema);
  const { moved } = networks;
  const document = readDocument(text);
  const overrides = readOverrides(environment, schema, moved);
  const { value, nameOf, at, ...sources } = written({ file, document, overrides: overrides.taken, moved });
  const problems: Problem[] = [
    ...document.problems.map(({ line, words }) => ({ where: `${file}:${line}`, line, words })),
    ...overrides.problems.map(({ variable, words }) => ({ where: variable, line: 0, words })),
    ...sources.problems,
  ];
  // What the schema would say about a file that cannot be read as YAML, or says one thing twice, is noise.
  if (document.problems.length + sources.problems.length > 0) throw refusal(file, problems);

  const unread = overrides.problems.flatMap(({ path }) => (path === undefined ? [] : [dotted(path)]));
  const filled = withFiles(value, {
    schema,
    folder,
    missing: (path, named, why) => {
      unread.push(dotted(path));
      problems.push(at({ path, words: unreadable(named, why) }));
    },
  });
  const result = schema.safeParse(filled);
  if (!result.success) {
    const explaining = { root: schema, moved, value: filled, nameOf };
    const found = result.error.issues.flatMap((issue) => explain(issue, explaining));
    // What stands in place of a file that was not read is not what the person wrote.
    problems.push(...found.filter(({ path }) => !unread.includes(dotted(path))).map(at));
    throw refusal(file, problems);
  }
  const { database, logging, media, double_puppet: puppets, ...rest } = result.data;
  const paths = {
    database: resolve(folder, database),
    media: { ...media, folder: resolve(folder, media.folder) },
    ...(puppets ? { double_puppet: { registration: resolve(folder, puppets.registration) } } : {}),
    logging: logging.file === undefined ? logging : { ...logging, file: resolve(folder, logging.file) },
  };
  const config = freeze({ ...rest, ...paths }) as Config<Networks>;
  const context = { serverName: config.homeserver.server_name, nameOf };
  problems.push(
    ...contradictions(config, nameOf).map(at),
    ...networks.contradictions(config.networks, context).map(at),
  );
  if (problems.length > 0) throw refusal(file, problems);
  return { config, remarks: remarksOn(config, networks.schema).map(at), outdated: sources.outdated };
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
