import { loadConfig } from "../config/load.ts";
import { type BridgeConfig, networksConfig } from "../networks/registry.ts";

/** Throws BridgeError with words for whoever wrote it. */
export const loadedConfig = (file: string) =>
  loadConfig({ file, networks: networksConfig, environment: process.env });

/** The names of the bridge's users. */
export const namesOf = ({ appservice, homeserver }: BridgeConfig) => ({
  botLocalpart: appservice.bot,
  prefix: appservice.ghost_prefix,
  serverName: homeserver.server_name,
});
