import type { Invocation } from "../config/command-line.ts";
import { listed } from "../config/problems.ts";
import { differences } from "../matrix/registration/registration.ts";
import { readRegistration } from "../matrix/registration/registration-file.ts";
import { configuredIds } from "../networks/registry.ts";
import { loadedConfig, namesOf } from "./configuration.ts";
import { secondRegistration } from "./second-registration.ts";

type CheckConfig = Extract<Invocation, { readonly kind: "check-config" }>;

/** Says what is wrong with the configuration, and with the registration where one is named; the exit status. */
export async function checkConfig({ config: file, registration: path }: CheckConfig): Promise<number> {
  const { config, remarks, outdated } = loadedConfig(file);
  for (const { where, words } of outdated) console.error(`${where}: ${words}`);
  if (remarks.length > 0) {
    console.error(listed(file, remarks));
    return 1;
  }
  if (path !== undefined) {
    const differing = differences(await readRegistration(path, namesOf(config)), config.appservice);
    for (const words of differing) console.error(`${path}: ${words}`);
    if (differing.length > 0) return 1;
    await secondRegistration(config, path);
  }
  const networks = configuredIds(config);
  console.log(`${file} is in order. Server ${config.homeserver.server_name}, data in ${config.database}.`);
  console.log(networks.length === 0 ? "No network is configured yet." : `Networks: ${networks.join(", ")}.`);
  if (path !== undefined) console.log(`${path} fits it.`);
  return 0;
}
