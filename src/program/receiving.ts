import type { Bridge } from "../core/bridge.ts";
import type { UserId } from "../core/model/ids.ts";
import type { Clock, Random } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Metrics } from "../core/ports/metrics.ts";
import type { Network } from "../core/ports/network.ts";
import type { Store } from "../core/ports/store.ts";
import { SYNC_SCOPE, SYNC_TOKEN } from "../core/to-network/matrix-intake.ts";
import type { ProvisioningApi } from "../http/provisioning/serve.ts";
import type { Encryption } from "../matrix/crypto/encryption.ts";
import { encryptionCheckDue } from "../matrix/health/encryption-check.ts";
import { HomeserverStartup } from "../matrix/health/homeserver-startup.ts";
import type { OutageAwareHomeserver } from "../matrix/health/outage-aware-homeserver.ts";
import { AppserviceEndpoint } from "../matrix/inbound/appservice-endpoint.ts";
import { AuditStream } from "../matrix/inbound/audit-stream.ts";
import type { Registration } from "../matrix/registration/registration.ts";
import type { BridgeConfig } from "../networks/registry.ts";
import { namesOf } from "./configuration.ts";

interface From {
  readonly config: BridgeConfig;
  readonly registration: Registration;
  readonly registrationPath: string;
}

interface ReceivingParts {
  readonly store: Store;
  readonly homeserver: OutageAwareHomeserver;
  readonly encryption: Encryption | undefined;
  readonly bridge: Bridge;
  readonly networks: readonly Network[];
  /** What is answered to clients whose requests the homeserver passes on, below which path of its own. */
  readonly proxied?: { readonly base: string; readonly api: () => Promise<ProvisioningApi> };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Disposing it lets nothing in any more. */
interface Receiving extends AsyncDisposable {
  /** Not begun yet: it asks the homeserver what it must be able to do, and then has the audit stream read. */
  readonly startup: HomeserverStartup;
}

/** Opens the ways on which the homeserver's events come to the bridge, and hears of its outages. */
export async function startReceiving(
  { config, registration, registrationPath }: From,
  { store, homeserver, encryption, bridge, networks, proxied, clock, random, log, metrics }: ReceivingParts,
): Promise<Receiving> {
  await using parts = new AsyncDisposableStack();
  const homeserverUrl = config.homeserver.url;
  const { bot } = homeserver;
  const isOurs = (user: UserId) => homeserver.isOurs(user);
  const restore = async (user: UserId): Promise<void> => {
    await bridge.ghosts.restore(user);
    if (user === bot) await bridge.setBotProfile();
  };
  homeserver.whenBack(() => bridge.homeserverBack());
  homeserver.whenLost(restore);
  encryption?.whenToTell(bridge.tellSoon);
  const sink = encryption?.before(bridge.intake) ?? bridge.intake;
  const audit = parts.use(
    new AuditStream({
      homeserverUrl,
      asToken: registration.as_token,
      bot,
      isOurs,
      sink,
      keys: encryption,
      since: await store.records.get(SYNC_SCOPE, SYNC_TOKEN),
      restoreBot: () => restore(bot),
      clock,
      log,
      metrics,
    }),
  );
  const endpoint = parts.use(
    new AppserviceEndpoint({
      hsToken: registration.hs_token,
      sink,
      isOurs,
      exists: (user) => user === bot || bridge.ghosts.exists(user),
      aliases: { names: namesOf(config), queried: (key) => bridge.aliasQueried(key) },
      protocols: new Map(networks.map(({ id, name }) => [id, name])),
      signals: (signals) => bridge.signals.take(signals),
      answered: (outcome) => audit.pushed(outcome),
      ...(proxied && {
        proxied: {
          base: proxied.base,
          answer: async (request) => (await proxied.api()).answer({ ...request, client: request.user }),
        },
      }),
      log,
      metrics,
    }),
  );
  const { listen } = config.appservice;
  await endpoint.listen(listen.host, listen.port);
  const startup = parts.use(
    new HomeserverStartup({
      homeserverUrl,
      registration,
      registrationPath,
      homeserver,
      names: namesOf(config),
      setBotProfile: bridge.setBotProfile,
      encryptionCheck: await encryptionCheckDue(store, { clock, random }),
      onReady: () => audit.start(),
      clock,
      log,
    }),
  );
  const opened = parts.move();
  return { startup, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
