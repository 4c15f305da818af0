import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemCode } from "../../core/model/system-code.ts";
import { isMissing } from "../../core/model/unread-file.ts";
import { nameOf, ownAccount } from "../accounts.ts";
import type { SynapseProcess } from "../synapse-process.ts";
import { bad, badWords, type Finding, good } from "./finding.ts";
import { type Patient, placeOf } from "./patient.ts";

/** Whether the bridge's user can read and write what it must, nobody else its secrets, and Synapse the registrations. */
export function checkFiles(patient: Patient, running: SynapseProcess | undefined): readonly Finding[] {
  const { loaded, registrationPath, secondPath } = patient;
  const { database, database_key_file: key, media } = loaded.config;
  const secrets = [registrationPath, secondPath, database, ...(key === undefined ? [] : [key])].filter(
    (path) => existsSync(path),
  );
  const findings = [
    ...writable(database, placeOf(patient, "database")),
    ...writable(media.folder, placeOf(patient, "media", "folder")),
    ...secrets.flatMap(open),
    ...forSynapse(
      [registrationPath, secondPath].filter((path) => existsSync(path)),
      running,
    ),
  ];
  return findings.length > 0
    ? findings
    : [good(`read and written by ${ownAccount().name}, and the secrets by nobody else`)];
}

/** By doing it; what SQLite writes beside its file, and a file that is not there yet, are made in the folder. */
function writable(path: string, where: string): readonly Finding[] {
  const folder = dirname(path);
  const tries = [
    { place: folder, what: "whose folder", act: () => makeIn(folder) },
    { place: path, what: "which", act: () => writeTo(path) },
  ];
  for (const { place, what, act } of tries) {
    const cause = failureOf(act);
    if (cause === undefined) continue;
    if (isMissing(cause)) return [badWords(where, `The folder ${folder} is not there. Make it.`)];
    const [own, owner] = [ownAccount().name, nameOf(statSync(place).uid)];
    const why = `${own} may not write ${path}, ${what} is ${owner}'s (${systemCode(cause) ?? "unknown"}).`;
    const cure =
      own === owner
        ? `Make ${place} writable again, with its file system if that is read-only.`
        : `Run the bridge as ${owner}, or give ${place} to the bridge's user with chown.`;
    return [bad(where, why, cure)];
  }
  return [];
}

const makeIn = (folder: string): void => rmdirSync(mkdtempSync(join(folder, ".doctor-")));

function writeTo(path: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) makeIn(path);
  else closeSync(openSync(path, "r+"));
}

function failureOf(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (cause) {
    return cause;
  }
}

function open(path: string): readonly Finding[] {
  const { mode } = statSync(path);
  if ((mode & 0o007) === 0) return [];
  return [
    bad(
      path,
      `Everybody on this machine can read it (mode ${(mode & 0o777).toString(8)}).`,
      `chmod o= ${path}`,
    ),
  ];
}

/** Asked only where Synapse runs on this machine and outside a container, and as root, who alone can try as another. */
function forSynapse(paths: readonly string[], running: SynapseProcess | undefined): readonly Finding[] {
  if (running === undefined || running.contained) return [];
  const name = nameOf(running.uid);
  return paths.flatMap((path) => {
    if (may("-r", path, running)) return [];
    const shut = foldersTo(path).find((folder) => !may("-x", folder, running));
    if (shut !== undefined) {
      return bad(
        path,
        `${name}, as which Synapse runs, may not enter ${shut}, in which it is (EACCES).`,
        `chgrp ${running.gid} ${shut} && chmod g+x ${shut}, or setfacl -m u:${name}:x ${shut}.`,
      );
    }
    return bad(
      path,
      `${name}, as which Synapse runs, may not read it (EACCES).`,
      `chgrp ${running.gid} ${path} && chmod g+r ${path}, or setfacl -m u:${name}:r ${path}.`,
    );
  });
}

/** The folders on the way to a file, from the outermost. */
function foldersTo(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path || folder === "." ? [folder] : [...foldersTo(folder), folder];
}

function may(how: "-r" | "-x", path: string, { uid, gid }: SynapseProcess): boolean {
  const own = ownAccount();
  if (uid === 0 || uid === own.uid || own.uid !== 0) return true;
  try {
    execFileSync("test", [how, path], { uid, gid, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
