import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stopping as stoppingError } from "./core/model/errors.ts";
import type { Log } from "./core/ports/log.ts";
import type { RunningStep } from "./core/runtime/lanes.ts";
import { startHealth } from "./http/health.ts";
import { createMetrics } from "./http/metrics.ts";
import { startPartner } from "./http/partner.ts";
import { PageSessions } from "./http/provisioning/caller/page-sessions.ts";
import type { ProvisioningApi } from "./http/provisioning/serve.ts";
import { OutageAwareHomeserver } from "./matrix/health/outage-aware-homeserver.ts";
import { DoublePuppets } from "./matrix/homeserver/double-puppets.ts";
import { eventLoop } from "./matrix/http/event-loop.ts";
import { proxiedBase } from "./matrix/registration/proxied.ts";
import type { Registration } from "./matrix/registration/registration.ts";
import { openMediaTools } from "./media/tools.ts";
import { type BridgeConfig, configuredIds, configuredNetworks } from "./networks/registry.ts";
import { namesOf } from "./program/configuration.ts";
import { configuredBridge } from "./program/configured-bridge.ts";
import { databaseFile } from "./program/data/database-file.ts";
import { openEncryption } from "./program/encryption.ts";
import { startHousekeeping } from "./program/housekeeping.ts";
import { processClock as clock, processRandom as random } from "./program/process-clock.ts";
import { startReceiving } from "./program/receiving.ts";
import { settingsPageAt } from "./program/settings-page.ts";
import { openStore } from "./store/open.ts";

export interface StartOptions {
  readonly config: BridgeConfig;
  readonly registration: Registration;
  /** Where it was read, for words about it. */
  readonly registrationPath: string;
  /** The configuration's file. */
  readonly configPath: string;
  /** The second registration; undefined where there is none. */
  readonly doublePuppet: Registration | undefined;
  readonly version: string;
  readonly log: Log;
  /** Makes the networks that are configured; a test adds one that no configuration has. */
  readonly networksOf?: typeof configuredNetworks;
}

const AWAY = "The homeserver fails on what it is asked, or does not answer; it is asked again until it does.";
/** How long the networks wait for the homeserver at a start, and for our own answers after that. */
const FIRST_CHANCE = 1_000;
const ANSWERED = 20;
/** How long transfers and requests may go on at the stop; the next start takes up what is cut off. */
const LAST_CALL = 1_000;

/** A bridge that serves; disposing drains it. */
export interface Started extends AsyncDisposable {
  /** What is between it and its homeserver, in words for the administrator; it goes on trying. */
  readonly trouble: string | undefined;
  /** Goes through the store once, and answers what the lanes are at then. */
  readonly pulse: () => Promise<readonly RunningStep[]>;
}

/** Builds the whole bridge and starts it. Throws BridgeError with words for whoever runs it. */
export async function startBridge(options: StartOptions): Promise<Started> {
  const { config, version, log, networksOf = configuredNetworks } = options;
  // Disposed from the last to the first: what comes in, then the core, which drains, then what the core writes to.
  await using parts = new AsyncDisposableStack();
  const stop = new AbortController();
  const stopping = stop.signal;
  const registry = createMetrics(configuredIds(config));
  const { metrics } = registry;
  const around = { clock, random, log, metrics, stopping };

  const store = parts.use(openStore({ ...databaseFile(config), clock, log }));
  const { folder, keep_days: keepDays, keep_metadata: keepMetadata } = config.media;
  const searchPath = process.env["PATH"] ?? "";
  const spool = join(folder, "spool");
  const tools = parts.use(await openMediaTools({ folder: spool, searchPath, log, keepMetadata }));
  const { encryption, shut } = await openEncryption({ ...options, ...around, store }, parts);
  const homeserver = parts.use(openHomeserver(options, { ...around, tools, encryption, shut }));
  const puppets = parts.use(openDoublePuppets(options, homeserver, stopping));
  const media = { folder: join(folder, "hosted"), keepDays };
  const families = networksOf(config, { ...around, store, tools, media });
  const networks = families.flatMap((family) => family.networks);
  const { provisioning: section } = config;
  const sessions = new PageSessions(clock);
  const bridge = parts.use(
    await configuredBridge(config, {
      ...around,
      store,
      homeserver,
      puppets,
      tools,
      networks: new Map(networks.map((network) => [network.id, network])),
      scheduler: eventLoop,
      version,
      ...(section && { settingsPage: settingsPageAt(section.url, sessions) }),
    }),
  );
  for (const { networks: ours, listener } of families) {
    if (listener === undefined) continue;
    const routes = ours.flatMap((network) => network.routes);
    parts.use(await startPartner({ ...listener, routes, log }));
  }
  const serving = new AbortController();
  const base = proxiedBase(options.registration);
  const url = section?.url ?? `${config.homeserver.url}${base ?? ""}`;
  const { signal } = serving;
  const files = { file: options.configPath, registration: options.registrationPath };
  let opened: Promise<ProvisioningApi> | undefined;
  // Its code is read when somebody asks, if that is only by way of the homeserver.
  const api = (): Promise<ProvisioningApi> => {
    opened ??= import("./program/provisioning.ts").then(({ provisioning }) =>
      provisioning(config, url, { bridge, version, sessions, files, clock, log, stopping, signal }),
    );
    return opened;
  };
  const proxied = base === undefined ? {} : { proxied: { base, api } };
  const { startup } = parts.use(
    await startReceiving(options, { ...around, ...proxied, store, homeserver, encryption, bridge, networks }),
  );
  const reasons = async () => [startup.trouble ?? [], homeserver.away ? AWAY : [], bridge.reasons()].flat();
  const { health } = config;
  if (health) parts.use(await startHealth({ listen: health.listen, registry, reasons, log }));
  if (section) {
    const { serveProvisioning } = await import("./http/provisioning/serve.ts");
    const { listen, proxies } = section;
    parts.use(await serveProvisioning(await api(), { listen, proxies, log }));
  }
  parts.defer(() => serving.abort());
  const firstAttempt = startup.start();
  const settled = async (): Promise<void> => {
    await firstAttempt;
    if (startup.trouble !== undefined) return;
    await bridge.intake.firstCaughtUp;
    await pause(ANSWERED);
  };
  // What the homeserver has not shown yet is still to be known.
  const isKnown = () => bridge.intake.caughtUp;
  parts.use(await startHousekeeping({ store, clock, log, metrics, encryption, isKnown }));
  // The homeserver first, and whoever waits for us to be ready: reading the networks' code holds up every answer.
  await Promise.race([settled(), pause(FIRST_CHANCE)]);
  await bridge.resume();
  parts.defer(() => void setTimeout(() => stop.abort(stoppingError()), LAST_CALL));
  const started = parts.move();
  const pulse = async (): Promise<readonly RunningStep[]> => {
    await store.write(() => undefined);
    return bridge.runningSteps();
  };
  return { trouble: startup.trouble, pulse, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

type HomeserverParts = Pick<
  ConstructorParameters<typeof OutageAwareHomeserver>[0],
  "clock" | "log" | "metrics" | "stopping" | "tools" | "encryption" | "shut"
>;

const openHomeserver = ({ config, registration }: StartOptions, around: HomeserverParts) =>
  new OutageAwareHomeserver({
    ...around,
    homeserverUrl: config.homeserver.url,
    registration,
    names: namesOf(config),
  });

const openDoublePuppets = (
  { config, doublePuppet }: StartOptions,
  { bot }: OutageAwareHomeserver,
  stopping: AbortSignal,
) =>
  new DoublePuppets({
    homeserverUrl: config.homeserver.url,
    serverName: config.homeserver.server_name,
    asToken: doublePuppet?.as_token,
    bot,
    clock,
    stopping,
  });
