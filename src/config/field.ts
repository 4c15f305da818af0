import { z } from "zod";

/** What a person needs to write a value: what it is, in words, and an example. */
export interface FieldWords {
  readonly what: string;
  readonly example: string;
}

/** Gives a value its words. They are found on the schema by {@link wordsOf}, also from a network's own section. */
export function field<Schema extends z.ZodType>(schema: Schema, what: string, example: string): Schema {
  return schema.meta({ what, example });
}

/** An empty section, so that its schema names each missing value. */
export const empty = (): never => ({}) as never;

/** The schema and those inside it where it is optional, has a default or transforms; outermost first. */
function* layers(schema: z.core.$ZodType): Generator<z.core.$ZodType> {
  for (let at: z.core.$ZodType | undefined = schema; at !== undefined; at = inner(at)) yield at;
}

function inner(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  ) {
    return schema.def.innerType;
  }
  return schema instanceof z.ZodPipe ? schema.def.in : undefined;
}

export function wordsOf(schema: z.core.$ZodType | undefined): FieldWords | undefined {
  if (schema === undefined) return undefined;
  for (const layer of layers(schema)) {
    const meta = z.globalRegistry.get(layer);
    const what = meta?.["what"];
    const example = meta?.["example"];
    if (typeof what === "string" && typeof example === "string") return { what, example };
  }
  return undefined;
}

/** The innermost schema: of a section, a record, or a scalar. */
export function innermost(schema: z.core.$ZodType): z.core.$ZodType {
  let last = schema;
  for (const layer of layers(schema)) last = layer;
  return last;
}

export type Path = readonly PropertyKey[];

/** What may be inside a value: the schema itself, or the section among the choices of what may be written otherwise too. */
function openable(schema: z.core.$ZodType): z.core.$ZodType {
  const plain = innermost(schema);
  if (!(plain instanceof z.ZodUnion)) return plain;
  return plain.options.map(innermost).find((option) => option instanceof z.ZodObject) ?? plain;
}

/** The keys of the section at a path; undefined where there is no section. */
export function keysAt(root: z.core.$ZodType, path: Path): readonly string[] | undefined {
  const schema = schemaAt(root, path);
  const plain = schema === undefined ? undefined : openable(schema);
  return plain instanceof z.ZodObject ? Object.keys(plain.shape) : undefined;
}

export function schemaAt(root: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = root;
  for (const key of path) {
    const plain: z.core.$ZodType | undefined = at === undefined ? undefined : openable(at);
    if (plain instanceof z.ZodObject)
      at = Object.hasOwn(plain.shape, key) ? plain.shape[String(key)] : undefined;
    else at = plain instanceof z.ZodRecord ? plain.def.valueType : undefined;
  }
  return at;
}

/**
 * The path of every key of the schema, sections included; a record counts as one key, and so does what may be written as
 * a word or as a section.
 */
export function allPaths(
  root: z.core.$ZodType,
  path: readonly string[] = [],
): readonly (readonly string[])[] {
  const schema = schemaAt(root, path);
  const plain = schema === undefined ? undefined : innermost(schema);
  const keys = plain instanceof z.ZodObject ? Object.keys(plain.shape) : [];
  return keys.flatMap((key) => {
    const here = [...path, key];
    return [here, ...allPaths(root, here)];
  });
}
