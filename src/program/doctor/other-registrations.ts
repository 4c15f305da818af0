import { existsSync, readFileSync, realpathSync } from "node:fs";
import { readDocument } from "../../config/document.ts";
import { isMissing } from "../../core/model/unread-file.ts";
import { parseRegistration, type Registration } from "../../matrix/registration/registration.ts";
import { covers } from "../../matrix/registration/registration-words.ts";
import { namesOf } from "../configuration.ts";
import type { SynapseProcess } from "../synapse-process.ts";
import { bad, type Finding } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** What is wrong with the others that the Synapse of this machine reads: not there, or in the way of this bridge. */
export function otherRegistrations(
  patient: Patient,
  appservices: SynapseProcess["appservices"],
): readonly Finding[] {
  if (appservices === undefined) return [];
  const ours = [patient.registrationPath, patient.secondPath].filter((path) => existsSync(path));
  const own = ours.flatMap((path) => read(path) ?? []);
  const isOwn = (path: string): boolean =>
    ours.some((each) => existsSync(path) && realpathSync(each) === realpathSync(path));
  const line = readDocument(readFileSync(appservices.file, "utf8")).lineOf(["app_service_config_files"]);
  return appservices.registrations
    .filter((path) => !isOwn(path))
    .flatMap((path) => {
      try {
        const other = read(path);
        return other === undefined ? [] : inTheWay(patient, own, { path, other });
      } catch (cause) {
        // What this user may not read, Synapse may.
        if (!isMissing(cause)) return [];
        const what = `It lists ${path}, which is not there.`;
        return [
          bad(`${appservices.file}:${line}`, what, "Take that line out, or Synapse does not start again."),
        ];
      }
    });
}

/** Undefined where it is no registration, which is for whoever it belongs to. Throws what the system says. */
function read(path: string): Registration | undefined {
  const parsed = parseRegistration(readFileSync(path, "utf8"));
  return parsed.kind === "registration" ? parsed.registration : undefined;
}

function inTheWay(
  { loaded }: Patient,
  own: readonly Registration[],
  { path, other }: { readonly path: string; readonly other: Registration },
): readonly Finding[] {
  const { botLocalpart, prefix, serverName } = namesOf(loaded.config);
  const claimed = (of: "users" | "aliases", id: string): boolean =>
    covers(
      other.namespaces[of].filter(({ exclusive }) => exclusive),
      id,
    );
  const findings: Finding[] = [];
  const same = own.find(({ id, as_token }) => id === other.id || as_token === other.as_token);
  if (same !== undefined) {
    const what =
      same.id === other.id ? `It has the id ${other.id} too` : "It has a token of this bridge's too";
    findings.push(
      bad(
        path,
        `${what}, and Synapse starts with only one of them.`,
        "If it is an older copy, take its line out of app_service_config_files; if it is another bridge's, give this one an appservice.id of its own and write its registrations anew (register --force).",
      ),
    );
  }
  for (const [of, id, shown] of [
    ["users", `@${botLocalpart}:${serverName}`, `@${botLocalpart}`],
    ["users", `@${prefix}x0:${serverName}`, `@${prefix}…`],
    ["aliases", `#${prefix}x0:${serverName}`, `#${prefix}…`],
  ] as const) {
    if (same !== undefined || !claimed(of, id)) continue;
    findings.push(
      bad(
        path,
        `Its namespaces.${of} claims ${shown} for itself alone, which is this bridge's.`,
        "Narrow that expression, or give this bridge another appservice.bot or appservice.ghost_prefix and write its registrations anew (register --force); then restart Synapse.",
      ),
    );
  }
  return findings;
}
