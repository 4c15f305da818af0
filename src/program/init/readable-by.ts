import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { quoted } from "../../config/quoted.ts";
import { type Account, ownAccount } from "../accounts.ts";

/** Files of ours that another account has to read, and the folder that account has to enter for it. */
export interface Shared {
  readonly folder: string;
  readonly files: readonly string[];
}

/** Runs a program; throws where it fails. */
type Run = (program: string, args: readonly string[]) => void;

const runQuietly: Run = (program, args) => void execFileSync(program, args, { stdio: "ignore" });

/**
 * Lets one more account read the files, by their group, or by an access list where the group may not be given. Answers
 * what is left to do, in words with commands; empty where nothing is.
 */
export function makeReadableBy(reader: Account, shared: Shared, run: Run = runQuietly): readonly string[] {
  const { folder, files } = shared;
  const own = ownAccount();
  if (reader.uid === own.uid || reader.uid === 0) return [];
  if (byGroup(reader, shared) || byList(reader, shared, run)) return [];
  return [
    `${reader.name}, as which Synapse runs, cannot read the registrations yet, and only root can change that:
  sudo chgrp ${reader.gid} ${[folder, ...files].map(quoted).join(" ")}
  sudo chmod 640 ${files.map(quoted).join(" ")}
  sudo chmod 710 ${quoted(folder)}`,
  ];
}

/** What keeps the account from getting to the folder at all, in words; empty where nothing does. */
export function whyNotEntered(reader: Account, folder: string): readonly string[] {
  const closed = ancestors(folder).find((each) => !mayEnter(reader, each));
  if (closed === undefined) return [];
  return [
    `${reader.name}, as which Synapse runs, may not enter ${closed}, so it cannot read what is in ${folder}. Move the folder to a place it may enter, such as /var/lib, or let it in:
  sudo setfacl -m u:${reader.uid}:x ${quoted(closed)}`,
  ];
}

function byGroup({ gid }: Account, { folder, files }: Shared): boolean {
  try {
    for (const path of [...files, folder]) chownSync(path, -1, gid);
    for (const file of files) chmodSync(file, 0o640);
    chmodSync(folder, 0o710);
    return true;
  } catch {
    return false;
  }
}

function byList({ uid }: Account, { folder, files }: Shared, run: Run): boolean {
  try {
    run("setfacl", ["-m", `u:${uid}:r`, "--", ...files]);
    run("setfacl", ["-m", `u:${uid}:x`, "--", folder]);
    return true;
  } catch {
    return false;
  }
}

function ancestors(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [] : [...ancestors(above), above];
}

/** Root asks the system itself, as that account; others read the modes, which leave out access lists. */
function mayEnter({ uid, gid }: Account, folder: string): boolean {
  if (uid === 0) return true;
  if (process.getuid?.() === 0) {
    try {
      execFileSync("test", ["-x", join(folder, ".")], { uid, gid, stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  }
  const { mode, uid: owner, gid: group } = statSync(folder);
  return (mode & (owner === uid ? 0o100 : group === gid ? 0o010 : 0o001)) !== 0;
}
