import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import { networksConfig } from "../../src/networks/registry.ts";
import type { Patient } from "../../src/program/doctor/patient.ts";

interface PatientOptions {
  /** The homeserver's. */
  readonly url?: string;
  readonly networks?: object;
  /** Further sections. */
  readonly more?: object;
}

/** A bridge's files in a folder, its data in `data` there. */
export function patientIn(
  folder: string,
  { url = "http://127.0.0.1:8008", networks, more = {} }: PatientOptions = {},
): Patient {
  const file = join(folder, "config.yaml");
  const partner = { url: "http://127.0.0.1:29341", listen: "127.0.0.1:29341" };
  const config = {
    homeserver: { url, server_name: "home.test" },
    appservice: { listen: "127.0.0.1:29340" },
    database: "./data/bridge.db",
    media: { folder: "./data/media" },
    networks: networks ?? { meta_interop: { partner } },
    permissions: { "home.test": "user" },
    ...more,
  };
  writeFileSync(file, stringify(config));
  mkdirSync(join(folder, "data"), { recursive: true });
  const [registrationPath, secondPath] = [join(folder, "registration.yaml"), join(folder, "second.yaml")];
  for (const path of [registrationPath, secondPath]) writeFileSync(path, "secret", { mode: 0o600 });
  const loaded = loadConfig({ file, networks: networksConfig, environment: {} });
  return { file, loaded, registrationPath, secondPath, inUse: false };
}
