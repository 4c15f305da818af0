import { spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { BridgeConfig } from "../../networks/registry.ts";
import { examineDatabase } from "../../store/examine.ts";
import { databaseFile } from "../data/database-file.ts";
import { bad, badError, type Finding, good } from "./finding.ts";
import { type Patient, placeOf } from "./patient.ts";

const MiB = 1024 * 1024;
/** Bytes below which a disk is as good as full: a few videos on their way fill it. */
const SCARCE = 200 * MiB;

/** The database, the disks it and the files are on, and the programs that convert files. */
export function checkMachine(patient: Patient): readonly Finding[] {
  const { config } = patient.loaded;
  const { database, media } = config;
  return [
    checkDatabase(config, placeOf(patient, "database")),
    ...checkDisk(dirname(database), placeOf(patient, "database")),
    ...checkDisk(dirname(media.folder), placeOf(patient, "media", "folder")),
    checkConverter(),
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

/** It is a help and no need, so its absence is nothing to mend. */
function checkConverter(): Finding {
  const { status } = spawnSync("ffmpeg", ["-version"], { stdio: "ignore" });
  return good(
    status === 0
      ? "ffmpeg converts recordings and videos"
      : "ffmpeg is not on the path, so recordings and videos cross as they are",
  );
}
