import { createHash } from "node:crypto";
import { constants, createReadStream, lstatSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { systemCode } from "../../core/model/system-code.ts";
import { refused } from "../refused.ts";

/** The files of a backup that have a name of their own; hosted files are in a folder beside them. */
export const IN_BACKUP = {
  manifest: "manifest.json",
  database: "bridge.db",
  config: "config.yaml",
  registration: "registration.yaml",
  second: "doublepuppet-registration.yaml",
  hosted: "hosted",
} as const;

/** What a hosted file may be called, here and nowhere else. */
const HOSTED = /^[A-Za-z0-9_-]{1,128}$/;
const FORMAT = 1;

const entry = z.strictObject({
  name: z.string(),
  size: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifest = z.object({
  format: z.number().int(),
  /** The bridge that made it. */
  bridge: z.string(),
  server_name: z.string(),
  made_at: z.iso.datetime(),
  /** Whether the database needs its key, which is not in the backup. */
  encrypted: z.boolean(),
  schema: z.number().int(),
  files: z.array(entry),
});

export type Manifest = z.infer<typeof manifest>;
export type ManifestEntry = z.infer<typeof entry>;

export const manifestOf = (about: Omit<Manifest, "format">): string =>
  `${JSON.stringify({ format: FORMAT, ...about }, null, 2)}\n`;

/** Reads a backup's manifest, and checks that it names nothing outside of its folder. Throws BridgeError with words. */
export function readManifest(folder: string): Manifest {
  const read = manifest.safeParse(jsonOf(folder));
  if (!read.success)
    throw refused(`${folder} is no backup of this bridge: its manifest cannot be understood.`);
  if (read.data.format > FORMAT)
    throw refused(
      `${folder} was made by a newer bridge (${read.data.bridge}). Put it back with that version, or with a newer one.`,
    );
  const known: readonly string[] = [
    IN_BACKUP.database,
    IN_BACKUP.config,
    IN_BACKUP.registration,
    IN_BACKUP.second,
  ];
  const names = read.data.files.map(({ name }) => name);
  const strange = names.find((name) => !known.includes(name) && hostedId(name) === undefined);
  if (strange !== undefined)
    throw refused(
      `${folder} is no backup of this bridge: it names a file “${strange.slice(0, 80)}”, which none has.`,
    );
  if (!names.includes(IN_BACKUP.database) || new Set(names).size < names.length)
    throw refused(`${folder} is no backup of this bridge: its manifest has no database, or a file twice.`);
  return read.data;
}

function jsonOf(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, IN_BACKUP.manifest), "utf8"));
  } catch (cause) {
    if (["EACCES", "EPERM"].includes(systemCode(cause) ?? "")) throw cause;
    throw refused(
      `${folder} is no whole backup: there is no ${IN_BACKUP.manifest} that can be read in it. Name the folder that “backup” wrote, whose name begins with bridge-.`,
      cause,
    );
  }
}

/** The id of a hosted file by its name in the manifest; undefined for any other file. */
export function hostedId(name: string): string | undefined {
  const [folder, id = "", ...rest] = name.split("/");
  return folder === IN_BACKUP.hosted && rest.length === 0 && HOSTED.test(id) ? id : undefined;
}

/** Throws BridgeError with words where a file is not the one the manifest was written about. */
export async function checkEntry(folder: string, { name, size, sha256 }: ManifestEntry): Promise<void> {
  const path = join(folder, name);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw refused(`The backup ${folder} is not whole: ${name} is not there.`);
  if (!found.isFile())
    throw refused(`The backup ${folder} was changed: ${name} is a link or a folder, not a file.`);
  if (found.size !== size || (await digestOf(path)) !== sha256)
    throw refused(
      `The backup ${folder} is damaged: ${name} is not what was written. Use another backup, or copy this one again from where it came from.`,
    );
}

/** The SHA-256 of a file, which must not be a link. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  for await (const piece of createReadStream("", { fd: file, autoClose: false }))
    hash.update(piece as Uint8Array);
  return hash.digest("hex");
}
