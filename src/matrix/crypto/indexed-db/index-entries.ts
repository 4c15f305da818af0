import type { IndexEntry, IndexSchema } from "../crypto-records.ts";
import { encodeKey } from "./keys.ts";

/** Where indexes have a value: nowhere in one whose key path leads to no key in it. */
export function indexEntries(indexes: readonly IndexSchema[], value: unknown): readonly IndexEntry[] {
  return indexes.flatMap(({ name, keyPath }) => {
    const key = typeof keyPath === "string" ? at(value, keyPath) : keyPath.map((path) => at(value, path));
    try {
      return [{ index: name, value: encodeKey(key) }];
    } catch (error) {
      if (error instanceof DOMException && error.name === "DataError") return [];
      throw error;
    }
  });
}

/** What a key path leads to: names of members, with points between. */
function at(value: unknown, path: string): unknown {
  if (path === "") return value;
  let found = value;
  for (const name of path.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}
