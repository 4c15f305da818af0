import type { Bridge } from "../core/bridge.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Listener } from "../http/listener.ts";
import type { PageSessions } from "../http/provisioning/caller/page-sessions.ts";
import { startProvisioning } from "../http/provisioning/serve.ts";
import { HomeserverTokens } from "../matrix/identity/homeserver-tokens.ts";
import { OtherServers } from "../matrix/identity/other-servers.ts";
import { publicNames } from "../matrix/identity/public-names.ts";
import type { BridgeConfig } from "../networks/registry.ts";

interface ProvisioningParts {
  readonly bridge: Bridge;
  readonly version: string;
  readonly sessions: PageSessions;
  readonly clock: Clock;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** Serves the provisioning API as the configuration wants it. */
export function provisioning(
  { homeserver }: BridgeConfig,
  section: NonNullable<BridgeConfig["provisioning"]>,
  { bridge: { scope }, version, sessions, clock, log, stopping }: ProvisioningParts,
): Promise<Listener> {
  const others = new OtherServers({ names: publicNames, stopping });
  const { url: homeserverUrl, server_name: serverName } = homeserver;
  return startProvisioning({
    listen: section.listen,
    url: section.url,
    sharedSecret: section.shared_secret,
    proxies: section.proxies,
    scope: { ...scope, clock, sessions },
    owners: new HomeserverTokens({ homeserverUrl, serverName, others, stopping }),
    isOurs: (user) => scope.homeserver.isOurs(user),
    version,
    log,
  });
}
