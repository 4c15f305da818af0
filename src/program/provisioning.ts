import type { Bridge } from "../core/bridge.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { PageSessions } from "../http/provisioning/caller/page-sessions.ts";
import { type ProvisioningApi, provisioningApi } from "../http/provisioning/serve.ts";
import { HomeserverTokens } from "../matrix/identity/homeserver-tokens.ts";
import { OtherServers } from "../matrix/identity/other-servers.ts";
import { publicNames } from "../matrix/identity/public-names.ts";
import type { BridgeConfig } from "../networks/registry.ts";
import { operationsOf } from "./operations.ts";

interface ProvisioningParts {
  readonly bridge: Bridge;
  readonly version: string;
  readonly sessions: PageSessions;
  /** The files of the bridge. */
  readonly files: { readonly file: string; readonly registration: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly stopping: AbortSignal;
  /** Requests that wait for something are answered when it aborts. */
  readonly signal: AbortSignal;
}

/** The provisioning API as the configuration wants it. @param url where clients reach it. */
export function provisioning(
  config: BridgeConfig,
  url: string,
  { bridge: { scope }, version, sessions, files, clock, log, stopping, signal }: ProvisioningParts,
): ProvisioningApi {
  const { homeserver, provisioning: section } = config;
  const others = new OtherServers({ names: publicNames, stopping });
  const { url: homeserverUrl, server_name: serverName } = homeserver;
  return provisioningApi({
    url,
    sharedSecret: section?.shared_secret,
    frames: section?.frames ?? [],
    scope: {
      ...scope,
      clock,
      sessions,
      operations: operationsOf({ config, ...files, version, clock, signal }),
    },
    owners: new HomeserverTokens({ homeserverUrl, serverName, others, stopping }),
    isOurs: (user) => scope.homeserver.isOurs(user),
    version,
    log,
    signal,
  });
}
