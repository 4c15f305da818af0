import { randomUUID } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isKernels, KERNELS } from "../../config/kernels-path.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { isMissing } from "../../core/model/unread-file.ts";
import { copyDatabase, examineCopy } from "../../store/copy.ts";
import type { DatabaseFile } from "../../store/database/connection.ts";
import { refused } from "../refused.ts";
import { copyDurably, mebibytes, needRoom, sync } from "./durable.ts";
import { digestOf, IN_BACKUP, type ManifestEntry, manifestOf, readManifest } from "./manifest.ts";
import { giveAllTo, giveTo } from "./owner.ts";

/** What is backed up, and where to; plain data, so that it can be handed to a thread. */
export interface BackupPlan {
  readonly database: DatabaseFile;
  /** The folder of the hosted files. */
  readonly hosted: string;
  /** The configuration and the registrations: their paths by their names in the backup. */
  readonly settings: Readonly<Record<string, string>>;
  readonly serverName: string;
  readonly version: string;
  /** The folder it is made in; made where it is not there. */
  readonly to: string;
  /** How many are kept in there; all where it is undefined. */
  readonly keep: number | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface TakenBackup {
  readonly folder: string;
  readonly bytes: number;
  readonly files: number;
  /** Hosted files that the database names and that were not there, or not whole: nothing can be done about them. */
  readonly missing: readonly string[];
  /** Where the configuration or the registration was looked for and was not. */
  readonly absent: readonly string[];
  /** Earlier backups that were deleted. */
  readonly removed: readonly string[];
}

const NAME = /^bridge-\d{8}T\d{6}Z(?:-\d+)?$/;
const UNFINISHED = /^\.bridge-.*\.part$/;

/**
 * Makes a backup in a folder of its own, beside the running bridge or without it. It has its name only once all of it is
 * on disk and was read again. Throws BridgeError with words.
 *
 * @param progress called with words about what was done
 */
export async function takeBackup(plan: BackupPlan, progress: (words: string) => void): Promise<TakenBackup> {
  const { database, to, keep, at, serverName } = plan;
  const size = sizeOf(database.path);
  if (size === undefined)
    throw refused(`There is no database ${database.path} yet, so there is nothing to back up.`);
  makeFolder(to);
  removeUnfinished(to);
  needRoom(to, size + (sizeOf(`${database.path}-wal`) ?? 0), "a backup");
  const part = join(to, `.${nameBy(at)}.${randomUUID()}.${process.pid}.part`);
  try {
    await mkdir(part, { mode: 0o700 });
    const { missing, absent, entries } = await fill(part, plan, progress);
    giveAllTo(statSync(to), part);
    await sync(part);
    const folder = await named(part, to, at);
    await sync(to);
    const bytes = entries.reduce((sum, entry) => sum + entry.size, 0);
    const removed = keep === undefined ? [] : removeOldest(to, keep, serverName);
    return { folder, bytes, files: entries.length, missing, absent, removed };
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Whoever the folder around it belongs to gets it: the bridge's own user makes backups there, too, and deletes old ones.
 *
 * Node says of a read-only disk, when it is to make several folders, that there is nothing to make them in.
 */
function makeFolder(path: string): void {
  if (isKernels(path)) throw refused(`${path} is ${KERNELS}`);
  let there = path;
  while (!existsSync(there)) there = dirname(there);
  accessSync(there, constants.W_OK);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const owner = statSync(there);
  for (let made = resolve(path); made !== resolve(there); made = dirname(made)) giveTo(owner, made);
}

async function fill(part: string, plan: BackupPlan, progress: (words: string) => void) {
  const { database, hosted, settings, serverName, version, at } = plan;
  const copy = join(part, IN_BACKUP.database);
  copyDatabase(database, copy);
  chmodSync(copy, 0o600);
  await sync(copy);
  // The database first: whatever its copy names was on disk before, and stays there for days.
  const { schema, files } = examineCopy({ ...database, path: copy });
  progress(`The database is copied and whole: ${mebibytes(statSync(copy).size)}.`);
  needRoom(
    part,
    files.reduce((sum, file) => sum + file.size, 0),
    "the files of a backup",
  );
  const entries: ManifestEntry[] = [await entryOf(part, IN_BACKUP.database)];
  const missing: string[] = [];
  await mkdir(join(part, IN_BACKUP.hosted), { mode: 0o700 });
  for (const { name, size } of files) {
    const entry = await takeHosted(join(hosted, name), part, { name: `${IN_BACKUP.hosted}/${name}`, size });
    if (entry === undefined) missing.push(name);
    else entries.push(entry);
  }
  await sync(join(part, IN_BACKUP.hosted));
  progress(`Files that contacts may still fetch: ${files.length - missing.length}.`);
  const absent: string[] = [];
  for (const [name, path] of Object.entries(settings)) {
    if (existsSync(path)) entries.push(await take(path, part, name));
    // A bridge may have no second registration.
    else if (name !== IN_BACKUP.second) absent.push(path);
  }
  const about = { bridge: version, server_name: serverName, made_at: new Date(at).toISOString(), schema };
  const manifest = join(part, IN_BACKUP.manifest);
  const text = manifestOf({ ...about, encrypted: database.key !== undefined, files: entries });
  await writeFile(manifest, text, { mode: 0o600, flush: true });
  return { entries, missing, absent };
}

/** Undefined where it is not there, or not whole. The running bridge may delete it at any moment. */
async function takeHosted(
  from: string,
  part: string,
  { name, size }: { readonly name: string; readonly size: number },
): Promise<ManifestEntry | undefined> {
  const found = lstatSync(from, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size !== size) return undefined;
  try {
    return await take(from, part, name);
  } catch (error) {
    if (isMissing(error) && !existsSync(from)) return undefined;
    throw error;
  }
}

async function take(from: string, part: string, name: string): Promise<ManifestEntry> {
  await copyDurably(from, join(part, name));
  return entryOf(part, name);
}

const entryOf = async (part: string, name: string): Promise<ManifestEntry> => ({
  name,
  size: statSync(join(part, name)).size,
  sha256: await digestOf(join(part, name)),
});

/** Gives a whole backup the first name that is free; answers its path. Another may be made in the same second. */
async function named(part: string, to: string, at: number): Promise<string> {
  for (let count = 1; ; count++) {
    const folder = join(to, count === 1 ? nameBy(at) : `${nameBy(at)}-${count}`);
    if (existsSync(folder)) continue;
    try {
      await rename(part, folder);
      return folder;
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
    }
  }
}

/** So that names sort by age. */
const nameBy = (at: number): string =>
  `bridge-${new Date(at).toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "")}`;

/** What a backup left that was cut off; one under way belongs to a process that lives. */
function removeUnfinished(to: string): void {
  for (const name of readdirSync(to).filter((each) => UNFINISHED.test(each))) {
    const path = join(to, name);
    const pid = Number(name.split(".").at(-2));
    if (pid === process.pid ? isOlderThanThis(path) : !isRunning(pid))
      rmSync(path, { recursive: true, force: true });
  }
}

/** In a container each start may have the number that the one before had. */
const isOlderThanThis = (path: string): boolean =>
  statSync(path).mtimeMs < Date.now() - process.uptime() * 1_000;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The backups in a folder, the newest first. */
export const backupsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => NAME.test(name) && existsSync(join(folder, name, IN_BACKUP.manifest)))
    .sort(byAge)
    .map((name) => join(folder, name));

function byAge(one: string, other: string): number {
  const [[time = "", count = "1"], [otherTime = "", otherCount = "1"]] = [one, other].map((name) =>
    name.slice("bridge-".length).split("-"),
  ) as [string[], string[]];
  return otherTime.localeCompare(time) || Number(otherCount) - Number(count);
}

function removeOldest(to: string, keep: number, serverName: string): readonly string[] {
  const old = backupsIn(to)
    .filter((folder) => isOf(folder, serverName))
    .slice(keep);
  for (const folder of old) rmSync(folder, { recursive: true, force: true });
  return old;
}

/** Several bridges may keep their backups in one folder. */
function isOf(folder: string, serverName: string): boolean {
  try {
    return readManifest(folder).server_name === serverName;
  } catch {
    return false;
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
