import { constants, statfsSync } from "node:fs";
import { chmod, copyFile, open } from "node:fs/promises";
import { refused } from "../refused.ts";

const MiB = 1024 * 1024;
/** Bytes that are left free beside what is written. */
const MARGIN = 16 * MiB;

/** Throws BridgeError with words where a disk has not the room. */
export function needRoom(folder: string, bytes: number, forWhat: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= bytes + MARGIN) return;
  throw refused(
    `There is no room for ${forWhat} on the disk of ${folder}: ${mebibytes(bytes + MARGIN)} are needed, ${mebibytes(free)} are free. Free some space there, or name a folder on another disk.`,
  );
}

export const mebibytes = (bytes: number): string =>
  `${bytes < MiB ? (bytes / MiB).toFixed(2) : Math.ceil((bytes * 10) / MiB) / 10} MiB`;

/** Copies a file to a new one for the bridge's user alone, which is on disk when the promise resolves. */
export async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  // The copy has the mode of its source, which its owner may not write where it is a credential of systemd's.
  await chmod(to, 0o600);
  await using file = await open(to, "r+");
  await file.sync();
}

/** Puts the names in a folder, or a file's content, on disk. */
export async function sync(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}
