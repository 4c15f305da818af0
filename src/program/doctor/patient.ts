import type { LoadedConfig } from "../../config/load.ts";
import type { CheckOptions } from "../../matrix/health/check-context.ts";
import type { Registration } from "../../matrix/registration/registration.ts";
import type { BridgeConfig } from "../../networks/registry.ts";
import { namesOf } from "../configuration.ts";

/** A bridge as its files say it is. */
export interface Patient {
  readonly file: string;
  readonly loaded: Omit<LoadedConfig<never>, "config"> & { readonly config: BridgeConfig };
  readonly registrationPath: string;
  readonly secondPath: string;
  /** Whether a bridge runs on this database. */
  readonly inUse: boolean;
}

/** As {@link Patient}, with registrations that can be used. */
export interface RegisteredPatient extends Patient {
  readonly registration: Registration;
}

/** Where a value of the configuration is written: `config.yaml:12`, or the environment variable. */
export const placeOf = ({ loaded }: Patient, ...path: readonly string[]): string =>
  loaded.at({ path, words: "" }).where;

export const checkOptions = ({
  loaded: { config },
  registration,
  registrationPath,
}: RegisteredPatient): CheckOptions => ({
  homeserverUrl: config.homeserver.url,
  registration,
  registrationPath,
  names: namesOf(config),
});

const KEYS = [
  ["homeserver", "url"],
  ["homeserver", "server_name"],
  ["appservice", "ghost_prefix"],
] as const;

/** The place of the value that words about a fault name, or the other one where they name none. */
export function placeNamed(patient: Patient, words: string, otherwise: string): string {
  const key = KEYS.find((path) => words.includes(path.join(".")));
  return key === undefined ? otherwise : placeOf(patient, ...key);
}
