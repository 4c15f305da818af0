import { stringify } from "yaml";
import type { Json } from "../matrix/api.ts";
import type { WorldFiles } from "./files.ts";
import type { WorldSettings } from "./settings.ts";

export const botLocalpart = "thirdparty";

export interface BridgeOptions {
  /** The address at which the bridge reaches the homeserver, when it is not Synapse's. */
  readonly homeserverUrl?: string;
  /** Whether it has a settings page. */
  readonly provisioning?: boolean;
  /** Each network's section, by name. */
  readonly networks: Readonly<Record<string, Json>>;
}

/** The bridge's configuration in this world. */
export function bridgeYaml(
  { ports, serverName }: WorldSettings,
  files: WorldFiles,
  options: BridgeOptions,
): string {
  return stringify({
    homeserver: {
      url: options.homeserverUrl ?? `http://127.0.0.1:${ports.synapse}`,
      server_name: serverName,
    },
    appservice: { listen: `127.0.0.1:${ports.appservice}`, bot: botLocalpart },
    health: { listen: `127.0.0.1:${ports.health}` },
    ...(options.provisioning === true ? { provisioning: { listen: `127.0.0.1:${ports.provisioning}` } } : {}),
    database: files.database,
    networks: {
      meta_interop: {
        partner: { url: `http://127.0.0.1:${ports.partner}`, listen: `127.0.0.1:${ports.partner}` },
      },
      ...options.networks,
    },
    logging: { file: files.bridgeLog },
    permissions: { [serverName]: "user" },
  });
}
