import { chownSync, lchownSync, readdirSync } from "node:fs";
import { join } from "node:path";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Root gives what it writes to the bridge's user, who could not read it otherwise. */
export function giveTo({ uid, gid }: Owner, path: string): void {
  if (process.geteuid?.() === 0) chownSync(path, uid, gid);
}

/** As {@link giveTo}, with all that is in the folder. */
export function giveAllTo(owner: Owner, folder: string): void {
  if (process.geteuid?.() !== 0) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    lchownSync(join(folder, name), owner.uid, owner.gid);
  giveTo(owner, folder);
}
