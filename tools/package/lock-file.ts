import { readFileSync } from "node:fs";
import { z } from "zod";

const oneOrMore = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      dev: z.boolean().default(false),
      optional: z.boolean().default(false),
      /** The folder of a package that is a link into this project. */
      link: z.boolean().default(false),
      resolved: z.string().optional(),
      os: oneOrMore.default([]),
      cpu: oneOrMore.default([]),
      libc: oneOrMore.default(["glibc"]),
    }),
  ),
});

export interface LockedPackages {
  /** What every machine needs: its place under node_modules, and the folder to take it from. */
  readonly everywhere: readonly { readonly place: string; readonly folder: string }[];
  /** What some machines need, of those the bridge runs on: exact versions by name. */
  readonly byMachine: Readonly<Record<string, string>>;
}

/** The machines the package is for. Node for Linux is built against glibc. */
export const machines = { os: ["linux"], cpu: ["x64", "arm64"], libc: ["glibc"] } as const;

/** The packages that package-lock.json names for running the bridge. */
export function lockedPackages(file: string): LockedPackages {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const needed = Object.entries(packages).filter(([path, { dev }]) => path.startsWith(ROOT) && !dev);
  return {
    everywhere: needed
      .filter(([, { optional }]) => !optional)
      .map(([path, { link, resolved }]) => ({
        place: path.slice(ROOT.length),
        folder: link && resolved !== undefined ? resolved : path,
      })),
    byMachine: Object.fromEntries(
      needed
        .filter(
          ([, { optional, os, cpu, libc }]) =>
            optional &&
            machines.os.some((one) => os.includes(one)) &&
            machines.cpu.some((one) => cpu.includes(one)) &&
            machines.libc.some((one) => libc.includes(one)),
        )
        .map(([path, { version }]) => [path.slice(ROOT.length), version ?? ""]),
    ),
  };
}

const ROOT = "node_modules/";
