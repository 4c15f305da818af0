import { Document, isMap, isScalar } from "yaml";
import { z } from "zod";
import { allPaths, innermost, schemaAt, wordsOf } from "./field.ts";

/** A value that somebody has to fill in, or that has an example that serves. */
interface Needed {
  readonly path: readonly string[];
  readonly example: string;
  readonly what: string;
}

/** The values without which a section is not whole, in the order of the schema. */
export function neededIn(section: z.ZodType): readonly Needed[] {
  return allPaths(section).flatMap((path) => {
    const schema = schemaAt(section, path);
    const words = wordsOf(schema);
    if (schema === undefined || words === undefined || innermost(schema) instanceof z.ZodObject) return [];
    if (z.safeParse(schema, undefined).success) return [];
    return [{ path, ...words }];
  });
}

/** Values as YAML, each with its words above where `about` has some for its path. */
export function commentedYaml(
  value: Readonly<Record<string, unknown>>,
  heading: string,
  about: readonly { readonly path: readonly string[]; readonly what: string }[],
): string {
  const document = new Document(value);
  document.commentBefore = ` ${heading}`;
  for (const { path, what } of about) {
    const around = document.getIn(path.slice(0, -1), true);
    const pair = isMap(around) ? around.items.find(({ key }) => String(key) === path.at(-1)) : undefined;
    if (isScalar(pair?.key)) pair.key.commentBefore = ` ${what}`;
  }
  return document.toString({ lineWidth: 0 });
}
