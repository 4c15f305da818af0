import { existsSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Found } from "./problems.ts";
import type { Config } from "./schema.ts";

/** What is said of such a path, behind “is”. */
export const KERNELS = "in /proc or /sys, where nothing can be kept; name a place on a disk.";

/**
 * Whether a folder is, or would be, in a file system in which the kernel shows itself: nothing can be kept there, and
 * Node does not come back from making folders in `/proc`.
 */
export function isKernels(folder: string): boolean {
  let there = resolve(folder);
  while (!existsSync(there)) there = dirname(there);
  return /^\/(?:proc|sys)(?:\/|$)/.test(realpathSync(there));
}

/** The places of the configuration in which nothing can be kept. A log may go to a file that the kernel has there. */
export function keptNowhere({ database, media, backups, logging: { file } }: Config): readonly Found[] {
  const places = [
    { path: ["database"], folder: dirname(database) },
    { path: ["media", "folder"], folder: media.folder },
    { path: ["backups", "folder"], folder: backups.folder },
    ...(file === undefined || existsSync(dirname(file))
      ? []
      : [{ path: ["logging", "file"], folder: dirname(file) }]),
  ];
  return places
    .filter(({ folder }) => isKernels(folder))
    .map(({ path }) => ({ path, words: `is ${KERNELS}` }));
}
