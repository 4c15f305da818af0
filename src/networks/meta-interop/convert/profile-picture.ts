import { wholeNumber } from "../wire/attributes.ts";
import { child, type Node } from "../wire/node.ts";
import { readMediaRef } from "./media-ref.ts";

const LONGEST_FILE = 100 * 1024 * 1024;

/**
 * What `<user>` and `<profile>` say of somebody's picture, for `openMedia`: empty where they have none, undefined where
 * nothing usable is said.
 */
export function pictureIn(about: Node): string | undefined {
  const attrs = child(about, "picture")?.attrs;
  if (!attrs) return undefined;
  const { direct_path: path, key, sha256: plain, enc_sha256: encrypted } = attrs;
  if (path === undefined) return "";
  const ref = {
    path,
    use: "image",
    key,
    plain,
    encrypted,
    length: wholeNumber(attrs["length"], LONGEST_FILE),
  };
  const json = JSON.stringify(ref);
  try {
    readMediaRef(json);
    return json;
  } catch {
    return undefined;
  }
}
