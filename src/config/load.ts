import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { BridgeError } from "../core/model/errors.ts";
import { isMissing, whyUnread } from "../core/model/unread-file.ts";
import { called } from "./called.ts";
import { isSection, readDocument, type SourceDocument, valueAt, withValue } from "./document.ts";
import { type Environment, readContent, readOverrides, unreadableWords } from "./environment.ts";
import { innermost, type Path, schemaAt } from "./field.ts";
import { keptNowhere } from "./kernels-path.ts";
import { mergeSources } from "./merge-sources.ts";
import { dotted, explain, type Found, listed, type Problem } from "./problems.ts";
import { remarksOn } from "./remarks.ts";
import { type Config, configSchema, contradictions, type NetworksConfig } from "./schema.ts";

interface Source<Networks extends z.ZodObject> {
  readonly file: string;
  readonly networks: NetworksConfig<Networks>;
  readonly environment: Environment;
}

/** A configuration the bridge can start with. */
export interface LoadedConfig<Networks extends z.ZodObject> {
  /** Frozen. */
  readonly config: Config<Networks>;
  /** Values that are well formed but cannot be meant. */
  readonly remarks: readonly (Problem & Pick<Found, "path">)[];
  /** Values under earlier keys, which still count, each with what to write instead. */
  readonly outdated: readonly Problem[];
  /** Words about a value, with where it is written. */
  readonly at: (found: Found) => Problem;
}

/** Reads and checks the file. Throws BridgeError with every problem in its words. */
export function loadConfig<Networks extends z.ZodObject>(source: Source<Networks>): LoadedConfig<Networks> {
  return readConfig(textOf(source.file), source);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const words = isMissing(cause)
      ? `There is no file ${file}. Write one with “${called.bridge} init”, or copy config/config.sample.yaml there and edit it, or name another with -c.`
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

/** As {@link loadConfig}, of a text that is or may become the file's. */
export function readConfig<Networks extends z.ZodObject>(
  text: string,
  { file, networks, environment }: Source<Networks>,
): LoadedConfig<Networks> {
  const folder = dirname(resolve(file));
  const schema = configSchema(networks.schema);
  const { moved } = networks;
  const document = readDocument(text);
  const overrides = readOverrides(environment, schema, moved);
  const {
    value: merged,
    nameOf,
    at,
    ...sources
  } = mergeSources({
    file,
    document,
    overrides: overrides.applied,
    moved,
  });
  const value = withEmptyNetworks(merged, document, networks.schema);
  const problems: Problem[] = [
    ...document.problems.map(({ line, words }) => ({ where: `${file}:${line}`, line, words })),
    ...overrides.problems.map(({ variable, words }) => ({ where: variable, line: 0, words })),
    ...sources.problems,
  ];
  // The schema is not applied to a file that is not YAML or that sets a value twice: its findings would only confuse.
  if (document.problems.length + sources.problems.length > 0) throw refusal(file, problems);

  const unread = overrides.problems.flatMap(({ path }) => (path === undefined ? [] : [dotted(path)]));
  const filled = withFiles(value, {
    schema,
    folder,
    missing: (path, named, why) => {
      unread.push(dotted(path));
      problems.push(at({ path, words: unreadableWords(named, why) }));
    },
  });
  const result = schema.safeParse(filled);
  if (!result.success) {
    const context = { root: schema, moved, value: filled, nameOf };
    const found = result.error.issues.flatMap((issue) => explain(issue, context));
    // No words about the placeholder of a file that could not be read: the person did not write it.
    problems.push(...found.filter(({ path }) => !unread.includes(dotted(path))).map(at));
    throw refusal(file, problems);
  }
  const { database, database_key_file: key, backups, logging, media, ...others } = result.data;
  const { double_puppet: puppets, ...rest } = others;
  const paths = {
    database: resolve(folder, database),
    ...(key === undefined ? {} : { database_key_file: resolve(folder, key) }),
    backups: { ...backups, folder: resolve(folder, backups.folder) },
    media: { ...media, folder: resolve(folder, media.folder) },
    ...(puppets ? { double_puppet: { registration: resolve(folder, puppets.registration) } } : {}),
    logging: logging.file === undefined ? logging : { ...logging, file: resolve(folder, logging.file) },
  };
  const config = freeze({ ...rest, ...paths }) as Config<Networks>;
  const context = { serverName: config.homeserver.server_name, nameOf };
  problems.push(
    ...contradictions(config, nameOf).map(at),
    ...keptNowhere(config).map(at),
    ...networks.contradictions(config.networks, context).map(at),
  );
  if (problems.length > 0) throw refusal(file, problems);
  const remarks = remarksOn(config, networks.schema).map((found) => ({ ...at(found), path: found.path }));
  return { config, remarks, outdated: sources.outdated, at };
}

/** A network that needs no value is turned on by its name alone, as by an empty section. */
function withEmptyNetworks(
  value: Readonly<Record<string, unknown>>,
  document: SourceDocument,
  { shape }: z.ZodObject,
): Readonly<Record<string, unknown>> {
  const isOn = ([id, section]: readonly [string, z.core.$ZodType]): boolean =>
    document.isEmpty(["networks", id]) &&
    valueAt(value, ["networks", id]) === undefined &&
    z.safeParse(section, {}).success;
  return Object.entries(shape)
    .filter(isOn)
    .reduce((all, [id]) => withValue(all, ["networks", id], {}), value);
}

const refusal = (file: string, problems: readonly Problem[]): BridgeError =>
  new BridgeError("bad-input", { words: listed(file, problems), certain: true });

interface FileValues {
  readonly schema: z.core.$ZodType;
  readonly folder: string;
  /** Called for a named file that cannot be read. */
  missing(path: Path, named: string, why: string): void;
}

/** The values, with a file's content for each single value that is written as `{ file: path }`. */
function withFiles(value: unknown, fileValues: FileValues, path: Path = []): unknown {
  if (!isSection(value)) return value;
  const schema = schemaAt(fileValues.schema, path);
  const plain = schema === undefined ? undefined : innermost(schema);
  const named = value["file"];
  const single = plain !== undefined && !(plain instanceof z.ZodObject) && !(plain instanceof z.ZodRecord);
  if (single && typeof named === "string" && Object.keys(value).length === 1) {
    const file = resolve(fileValues.folder, named);
    const content = readContent(file);
    if (typeof content === "string") return content;
    fileValues.missing(path, file, content.why);
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => [key, withFiles(inside, fileValues, [...path, key])]),
  );
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const inside of Object.values(value)) freeze(inside);
    Object.freeze(value);
  }
  return value;
}
