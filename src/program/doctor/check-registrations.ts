import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { readDocument } from "../../config/document.ts";
import { readDoublePuppetRegistration } from "../../matrix/registration/double-puppet-registration.ts";
import { differences, type Registration } from "../../matrix/registration/registration.ts";
import { readRegistration } from "../../matrix/registration/registration-file.ts";
import { namesOf } from "../configuration.ts";
import type { SynapseProcess } from "../synapse-process.ts";
import { bad, badError, badWords, type Finding, good } from "./finding.ts";
import { otherRegistrations } from "./other-registrations.ts";
import type { Patient } from "./patient.ts";

interface Registrations {
  readonly findings: readonly Finding[];
  /** The first one, where it can be used. */
  readonly registration: Registration | undefined;
}

/** Whether both registrations can be used, and are those of this configuration. */
export async function checkRegistrations(
  patient: Patient,
  running: SynapseProcess | undefined,
): Promise<Registrations> {
  const { registrationPath: path, secondPath, loaded } = patient;
  const { config } = loaded;
  const second = await checkSecond(secondPath, config.homeserver.server_name);
  try {
    const registration = await readRegistration(path, namesOf(config));
    const differing = differences(registration, config.appservice).map((words) => {
      const [key = ""] = words.split(" ", 1);
      return badWords(`${path}:${lineOf(path, key)}`, words);
    });
    const first = differing.length > 0 ? differing : [good(`${path} fits the configuration`)];
    return { findings: [...first, ...second, ...checkTaken(patient, running)], registration };
  } catch (error) {
    return { findings: [badError(path, error), ...second], registration: undefined };
  }
}

async function checkSecond(path: string, serverName: string): Promise<readonly Finding[]> {
  try {
    const second = await readDoublePuppetRegistration(path, serverName);
    return [
      good(
        second === undefined
          ? `${path} is not there, so nothing is done as your users`
          : `${path} is in order`,
      ),
    ];
  } catch (error) {
    return [badError(path, error)];
  }
}

/** Whether the Synapse of this machine has read them as they are. */
function checkTaken(patient: Patient, running: SynapseProcess | undefined): readonly Finding[] {
  const { registrationPath, secondPath } = patient;
  if (running === undefined || running.contained) return [];
  const { appservices, startedAt } = running;
  const findings: Finding[] = [];
  const isListed = (path: string): boolean =>
    appservices?.registrations.some(
      (each) => existsSync(each) && realpathSync(each) === realpathSync(path),
    ) === true;
  if (appservices !== undefined && !isListed(registrationPath)) {
    const where = `${appservices.file}:${lineOf(appservices.file, "app_service_config_files")}`;
    const line = `  - ${JSON.stringify(resolve(registrationPath))}`;
    findings.push(
      bad(
        where,
        `app_service_config_files does not list ${registrationPath}.`,
        `Add this line to it and restart Synapse: ${line}`,
      ),
    );
  }
  findings.push(...otherRegistrations(patient, appservices));
  for (const path of [registrationPath, secondPath]) {
    if (startedAt === undefined || !existsSync(path) || !isListed(path)) continue;
    const changed = statSync(path).mtime;
    if (changed.getTime() <= startedAt + SAME_MOMENT) continue;
    findings.push(
      bad(
        path,
        `It was changed at ${changed.toISOString()}, after Synapse was started, so Synapse goes by an older one.`,
        "Restart Synapse.",
      ),
    );
  }
  return findings;
}

/** Milliseconds; a start is known to the second, and Synapse reads its files some time after it. */
const SAME_MOMENT = 2_000;

const lineOf = (path: string, key: string): number => readDocument(readFileSync(path, "utf8")).lineOf([key]);
