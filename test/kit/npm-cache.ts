import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Environment by which npm unpacks for a look, as it does with each tarball, in a folder of ours; what it has fetched or
 * fetches is in its usual cache.
 */
export function npmUnpackingIn(folder: string): Readonly<Record<string, string>> {
  const usual = execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).trim();
  const ours = join(folder, "_cacache");
  mkdirSync(ours, { recursive: true });
  for (const part of ["content-v2", "index-v5"]) {
    mkdirSync(join(usual, "_cacache", part), { recursive: true });
    symlinkSync(join(usual, "_cacache", part), join(ours, part));
  }
  return { npm_config_cache: folder };
}
