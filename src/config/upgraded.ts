import { type Document, isMap, isScalar, type Pair, parseDocument, YAMLMap } from "yaml";
import type { MovedKey } from "./moved-keys.ts";

/**
 * The text of a configuration with each key at its present place, comments and all; the same text where none has moved.
 * It must be YAML without errors.
 */
export function upgradedText(text: string, moved: readonly MovedKey[]): string {
  const document = parseDocument(text, { stringKeys: true });
  const taken = moved.flatMap(({ from, to }) => {
    const pair = take(document.contents, from);
    return pair === undefined ? [] : [{ pair, to }];
  });
  if (taken.length === 0) return text;
  for (const { pair, to } of taken) put(document, to, pair);
  return document.toString({ lineWidth: 0 });
}

const at = (map: YAMLMap, key: string): number =>
  map.items.findIndex((item) => isScalar(item.key) && String(item.key.value) === key);

/** Removes the pair at a path, and sections that are empty then; undefined where there is none. */
function take(node: unknown, [key = "", ...rest]: readonly string[]): Pair | undefined {
  if (!isMap(node)) return undefined;
  const index = at(node, key);
  const pair = node.items[index];
  if (pair === undefined) return undefined;
  if (rest.length === 0) return remove(node, index);
  const inside = take(pair.value, rest);
  if (inside !== undefined && isMap(pair.value) && pair.value.items.length === 0) remove(node, index);
  return inside;
}

/** Takes a pair out; an empty line before it stays, before what follows. */
function remove(map: YAMLMap, index: number): Pair | undefined {
  const [pair] = map.items.splice(index, 1);
  if (!isScalar(pair?.key) || pair.key.spaceBefore !== true) return pair;
  pair.key.spaceBefore = false;
  const next = map.items[index]?.key;
  if (isScalar(next)) next.spaceBefore = true;
  return pair;
}

/** Puts the pair at a path, into sections that are made where they are missing. */
function put(document: Document, path: readonly string[], pair: Pair): void {
  let map: unknown = document.contents;
  for (const key of path.slice(0, -1)) {
    if (!isMap(map)) return;
    const found = map.items[at(map, key)];
    if (isMap(found?.value)) {
      map = found.value;
      continue;
    }
    const made = new YAMLMap(document.schema);
    if (found === undefined) map.items.push(document.createPair(key, made));
    else found.value = made;
    map = made;
  }
  if (!isMap(map)) return;
  const name = path.at(-1) ?? "";
  if (isScalar(pair.key)) pair.key.value = name;
  map.items.push(pair);
}
