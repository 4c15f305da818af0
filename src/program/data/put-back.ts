import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { examineCopy, prepareOlderCopy } from "../../store/copy.ts";
import { cutOffMark, type DatabaseFile } from "../../store/database/connection.ts";
import { lockForWriting } from "../../store/database/writer-lock.ts";
import { refused } from "../refused.ts";
import { copyDurably, needRoom, sync } from "./durable.ts";
import { hostedId, IN_BACKUP, type Manifest } from "./manifest.ts";
import { giveTo, type Owner } from "./owner.ts";

export interface PutBackPlan {
  /** A backup's folder, all of whose files were checked. */
  readonly from: string;
  readonly manifest: Manifest;
  readonly database: DatabaseFile;
  /** The folder of the hosted files. */
  readonly hosted: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Puts the database and the hosted files of a backup in the place of those that are there, which are kept beside them;
 * answers where. Throws BridgeError with words, before it has changed anything: while a bridge runs on the database,
 * where the copy is a newer bridge's, or where there is no room.
 *
 * A database cannot be exchanged in one step where it has a write-ahead log, so a mark keeps every bridge away from the
 * first step to the last.
 */
export async function putBack({
  from,
  manifest,
  database,
  hosted,
  at,
}: PutBackPlan): Promise<readonly string[]> {
  const { path } = database;
  const owner = ownerFor(path);
  for (const folder of [dirname(path), dirname(hosted)]) {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) giveTo(owner, folder);
  }
  using _ = lockForWriting(path);
  giveTo(owner, `${path}.lock`);
  const staged = { database: `${path}.restoring`, hosted: `${hosted}.restoring` };
  clear(staged);
  try {
    await stage({ from, manifest, database, hosted, at }, staged);
    giveTo(owner, staged.database);
    giveTo(owner, staged.hosted);
    for (const { name } of manifest.files) {
      const id = hostedId(name);
      if (id !== undefined) giveTo(owner, join(staged.hosted, id));
    }
    return await exchange(path, hosted, staged, at);
  } catch (error) {
    clear(staged);
    throw error;
  }
}

interface Staged {
  readonly database: string;
  readonly hosted: string;
}

function clear(staged: Staged): void {
  for (const path of [staged.database, `${staged.database}-journal`, staged.hosted])
    rmSync(path, { recursive: true, force: true });
}

async function stage({ from, manifest, database, hosted }: PutBackPlan, staged: Staged): Promise<void> {
  const files = manifest.files.filter(({ name }) => hostedId(name) !== undefined);
  const size = manifest.files.find(({ name }) => name === IN_BACKUP.database)?.size ?? 0;
  needRoom(dirname(database.path), size, "the database of the backup");
  needRoom(
    dirname(hosted),
    files.reduce((sum, file) => sum + file.size, 0),
    "the files of the backup",
  );
  await copyDurably(join(from, IN_BACKUP.database), staged.database);
  const copy = { path: staged.database, key: database.key };
  examineCopy(copy);
  prepareOlderCopy(copy);
  await sync(staged.database);
  await mkdir(staged.hosted, { mode: 0o700 });
  for (const { name } of files) await copyDurably(join(from, name), join(staged.hosted, basename(name)));
  await sync(staged.hosted);
}

async function exchange(
  path: string,
  hosted: string,
  staged: Staged,
  at: number,
): Promise<readonly string[]> {
  const mark = cutOffMark(path);
  await writeFile(mark, "", { mode: 0o600, flush: true });
  await sync(dirname(path));
  const when = new Date(at).toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
  const kept = [
    ...putAside(path, `before-${when}`, ["", "-wal", "-shm", "-journal"]),
    ...putAside(hosted, `before-${when}`),
  ];
  await rename(staged.database, path);
  await rename(staged.hosted, hosted);
  await sync(dirname(hosted));
  await sync(dirname(path));
  rmSync(mark);
  await sync(dirname(path));
  return kept;
}

/** Renames what is there, with the files that belong to it by the ends of their names; answers the new paths. */
function putAside(path: string, why: string, ends: readonly string[] = [""]): readonly string[] {
  for (let count = 1; ; count++) {
    const aside = `${path}.${why}${count === 1 ? "" : `-${count}`}`;
    if (ends.some((end) => isThere(aside + end))) continue;
    const found = ends.filter((end) => isThere(path + end));
    for (const end of found) renameSync(path + end, aside + end);
    return found.map((end) => aside + end);
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Whose the bridge's files are: the database's owner's, or that of the nearest folder there is. */
function ownerFor(path: string): Owner {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() === true || found?.isDirectory() === true) {
    throw refused(`${path} is a link or a folder. Name the database itself in the configuration.`);
  }
  return found ?? folderOwner(dirname(path));
}

const folderOwner = (folder: string): Owner =>
  existsSync(folder) ? statSync(folder) : folderOwner(dirname(folder));
