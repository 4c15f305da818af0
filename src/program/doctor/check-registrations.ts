import { readFileSync } from "node:fs";
import { readDocument } from "../../config/document.ts";
import { readDoublePuppetRegistration } from "../../matrix/registration/double-puppet-registration.ts";
import { differences, type Registration } from "../../matrix/registration/registration.ts";
import { readRegistration } from "../../matrix/registration/registration-file.ts";
import { namesOf } from "../configuration.ts";
import { badError, badWords, type Finding, good } from "./finding.ts";
import type { Patient } from "./patient.ts";

interface Registrations {
  readonly findings: readonly Finding[];
  /** The first one, where it can be used. */
  readonly registration: Registration | undefined;
}

/** Whether both registrations can be used, and are those of this configuration. */
export async function checkRegistrations(patient: Patient): Promise<Registrations> {
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
    return { findings: [...first, ...second], registration };
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

const lineOf = (path: string, key: string): number => readDocument(readFileSync(path, "utf8")).lineOf([key]);
