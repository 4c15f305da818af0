import {
  doublePuppetPath,
  readDoublePuppetRegistration,
} from "../matrix/registration/double-puppet-registration.ts";
import type { Registration } from "../matrix/registration/registration.ts";
import type { BridgeConfig } from "../networks/registry.ts";

/** Where the second registration is, or is to be; `first` is the path of the first one. */
export const secondPath = (config: BridgeConfig, first: string): string =>
  config.double_puppet?.registration ?? doublePuppetPath(first);

/** The second registration; undefined where there is none. */
export const secondRegistration = (config: BridgeConfig, first: string): Promise<Registration | undefined> =>
  readDoublePuppetRegistration(secondPath(config, first), config.homeserver.server_name);
