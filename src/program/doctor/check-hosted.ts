import { statSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../../core/model/system-code.ts";
import { isMissing } from "../../core/model/unread-file.ts";
import type { Stored } from "../../store/examine.ts";
import { hostedFolder } from "../data/backup-plan.ts";
import { bad, type Finding, good, note } from "./finding.ts";
import { type Patient, placeOf } from "./patient.ts";

/** Whether the files that networks may still fetch are on the disk, as the database lists them. */
export function checkHosted(patient: Patient, stored: Pick<Stored, "files"> | undefined): readonly Finding[] {
  const listed = stored?.files() ?? [];
  if (stored === undefined || listed.length === 0) return [];
  const folder = hostedFolder(patient.loaded.config);
  const where = placeOf(patient, "media", "folder");
  try {
    const broken = listed.filter(({ name, size }) => sizeIn(folder, name) !== size);
    // A running bridge takes a file's row away before the file, so that one still listed is missed.
    const still = new Set(broken.length === 0 ? [] : stored.files().map(({ name }) => name));
    const lacking = broken.filter(({ name }) => still.has(name)).length;
    const all = listed.length === 1 ? "the one file" : `all ${listed.length} files`;
    if (lacking === 0) return [good(`${all} that contacts may still fetch are in ${folder}`)];
    if (lacking < listed.length)
      return [
        note(
          `${lacking} of the ${listed.length} files that contacts may still fetch are not whole in ${folder}, so that they get nothing; a backup of that time has them`,
        ),
      ];
    const what =
      listed.length === 1
        ? `The one file that contacts may still fetch is not whole in ${folder}.`
        : `None of the ${listed.length} files that contacts may still fetch is whole in ${folder}.`;
    const cure =
      "If they are in another folder, write the one above it as media.folder; else copy them there from a backup, or have them sent again.";
    return [bad(where, what, cure)];
  } catch (cause) {
    const what = `What is in ${folder} cannot be looked at (${systemCode(cause) ?? "unknown"}).`;
    return [bad(where, what, "Give it to the bridge's user with chown, all that is in it too (chown -R).")];
  }
}

/** Bytes; undefined where there is none. Throws what else the system says. */
function sizeIn(folder: string, name: string): number | undefined {
  try {
    return statSync(join(folder, name)).size;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}
