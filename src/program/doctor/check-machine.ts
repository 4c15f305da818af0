import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { Ffmpeg } from "../../media/ffmpeg.ts";
import type { BridgeConfig } from "../../networks/registry.ts";
import { examineDatabase, type Stored } from "../../store/examine.ts";
import { databaseFile } from "../data/database-file.ts";
import { checkHosted } from "./check-hosted.ts";
import { bad, badError, type Finding, good, note } from "./finding.ts";
import { type Patient, placeOf } from "./patient.ts";

const MiB = 1024 * 1024;
/** Bytes below which a disk is as good as full: a few videos on their way fill it. */
const SCARCE = 200 * MiB;

/** The database, the disks it and the files are on, the files it lists, and the programs that convert files. */
export async function checkMachine(
  patient: Patient,
  stored: Pick<Stored, "files"> | undefined,
): Promise<readonly Finding[]> {
  const { config } = patient.loaded;
  const { database, media } = config;
  return [
    checkDatabase(config, placeOf(patient, "database")),
    ...checkDisk(dirname(database), placeOf(patient, "database")),
    ...checkDisk(dirname(media.folder), placeOf(patient, "media", "folder")),
    ...checkHosted(patient, stored),
    await checkConverter(process.env["PATH"] ?? ""),
  ];
}

function checkDatabase(config: BridgeConfig, where: string): Finding {
  const { database: path, database_key_file: key } = config;
  try {
    const size = examineDatabase(databaseFile(config));
    if (size === undefined) return good(`${path} is made at the first start`);
    return good(
      `${path} is whole${key === undefined ? "" : " and encrypted"}, ${(size / MiB).toFixed(1)} MiB`,
    );
  } catch (error) {
    return badError(where, error);
  }
}

function checkDisk(folder: string, where: string): readonly Finding[] {
  try {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    if (free >= SCARCE) return [];
    const cure =
      "Free some space there, or move the data to a larger disk: on a full one nothing can be stored.";
    return [bad(where, `Only ${Math.floor(free / MiB)} MiB are free on the disk of ${folder}.`, cure)];
  } catch {
    // That the folder is not there is said where the files are looked at.
    return [];
  }
}

const PLAIN = "so recordings and videos cross as they are";

/** It is a help and no need, so its absence is nothing to mend; tried as the bridge runs it. */
async function checkConverter(searchPath: string): Promise<Finding> {
  const ffmpeg = Ffmpeg.find(searchPath, new AbortController().signal);
  if (ffmpeg === undefined)
    return note(`ffmpeg and ffprobe are not both on the path, ${PLAIN} (Debian's package ffmpeg has both)`);
  for (const tool of ["ffmpeg", "ffprobe"] as const) {
    if (!(await ffmpeg.run(tool, ["-version"], VERSION_BYTES, () => undefined)))
      return note(`${tool} is on the path and does not run, ${PLAIN}; “${tool} -version” says why`);
  }
  return good("ffmpeg converts recordings and videos");
}

const VERSION_BYTES = 64 * 1024;
