import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LockedPackages, machines } from "./lock-file.ts";

/** The fields of package.json that hold in the package too. */
const SAME = [
  "name",
  "version",
  "description",
  "license",
  "private",
  "type",
  "engines",
  "bin",
  "files",
] as const;

const places = (root: string) => ({
  file: join(root, "package.json"),
  /** package.json as it was, while the package is being made. */
  kept: join(root, ".package.json"),
});

/**
 * Puts the package's own package.json in the place of ours, as npm packs the file that is there. What every machine
 * needs is inside the package; what differs by machine, Node above all, is left to npm.
 */
export function putManifest(root: string, { byMachine }: LockedPackages): void {
  const { file, kept } = places(root);
  const ours: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(file, "utf8"));
  const same = Object.fromEntries(SAME.flatMap((name) => (name in ours ? [[name, ours[name]]] : [])));
  const packed = { ...same, ...machines, optionalDependencies: byMachine };
  renameSync(file, kept);
  writeFileSync(file, `${JSON.stringify(packed, null, 2)}\n`);
}

/** Puts ours back. Without effect where it is in its place. */
export function restoreManifest(root: string): void {
  const { file, kept } = places(root);
  if (existsSync(kept)) renameSync(kept, file);
}
