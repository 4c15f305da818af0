import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { commandRunner } from "./commands/runner.ts";
import { accessOf } from "./config/access.ts";
import { makeBridge } from "./core/bridge.ts";
import { stopping as stoppingError } from "./core/model/errors.ts";
import type { UserId } from "./core/model/ids.ts";
import type { Clock, Random } from "./core/ports/clock.ts";
import { faultOf, type Log } from "./core/ports/log.ts";
import type { Store } from "./core/ports/store.ts";
import { measureQueues } from "./core/runtime/queue-depths.ts";
import { SYNC_SCOPE, SYNC_TOKEN } from "./core/to-network/matrix-intake.ts";
import { startHealth } from "./http/health.ts";
import { createMetrics } from "./http/metrics.ts";
import { startPartner } from "./http/partner.ts";
import { matrixEncoderWith } from "./matrix/events/encode.ts";
import { type EncryptionCheck, HomeserverStartup } from "./matrix/health/homeserver-startup.ts";
import { OutageAwareHomeserver } from "./matrix/health/outage-aware-homeserver.ts";
import { DoublePuppets } from "./matrix/homeserver/double-puppets.ts";
import { eventLoop } from "./matrix/http/event-loop.ts";
import { AppserviceEndpoint } from "./matrix/inbound/appservice-endpoint.ts";
import { AuditStream } from "./matrix/inbound/audit-stream.ts";
import type { Registration } from "./matrix/registration/registration.ts";
import { openMediaTools } from "./media/tools.ts";
import { type BridgeConfig, configuredIds, configuredNetworks, networkNames } from "./networks/registry.ts";
import { openStore } from "./store/open.ts";

export interface StartOptions {
  readonly config: BridgeConfig;
  readonly registration: Registration;
  /** Where it was read, for words about it. */
  readonly registrationPath: string;
  /** The second registration; undefined where there is none. */
  readonly doublePuppet: Registration | undefined;
  readonly version: string;
  readonly log: Log;
  /** Makes the networks that are configured; a test adds one that no configuration has. */
  readonly networksOf?: typeof configuredNetworks;
}

const BOT_NAME = "Third-party chats bot";
const AWAY = "The homeserver fails on what it is asked, or does not answer; it is asked again until it does.";
const HOUR = 3_600_000;
const MEASURE_EVERY = 15_000;
/** How long the networks wait for the homeserver at a start, and for our own answers after that. */
const FIRST_CHANCE = 1_000;
const ANSWERED = 20;
/** How long transfers and requests may go on at the stop; the next start takes up what is cut off. */
const LAST_CALL = 1_000;

const clock: Clock = {
  now: () => Date.now(),
  after(ms, act) {
    // A longer one would end at once.
    const timer = setTimeout(act, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};
const random: Random = { uuid: () => randomUUID() };

/** A bridge that serves; disposing drains it. */
export interface Started extends AsyncDisposable {
  /** What is between it and its homeserver, in words for the administrator; it goes on trying. */
  readonly trouble: string | undefined;
}

/** Builds the whole bridge and starts it. Throws BridgeError with words for whoever runs it. */
export async function startBridge(options: StartOptions): Promise<Started> {
  const { config, registration, registrationPath, doublePuppet, version, log } = options;
  const { networksOf = configuredNetworks } = options;
  await using parts = new AsyncDisposableStack();
  const stop = new AbortController();
  const stopping = stop.signal;
  const { appservice, health, homeserver: server } = config;
  const registry = createMetrics(configuredIds(config));
  const { metrics } = registry;
  const store = parts.use(openStore({ path: config.database, clock, log }));
  const spool = join(config.media.folder, "spool");
  const searchPath = process.env["PATH"] ?? "";
  const tools = parts.use(
    await openMediaTools({ folder: spool, searchPath, log, keepMetadata: config.media.keep_metadata }),
  );
  const names = {
    botLocalpart: appservice.bot,
    prefix: appservice.ghost_prefix,
    serverName: server.server_name,
  };
  const homeserver = parts.use(
    new OutageAwareHomeserver({
      homeserverUrl: server.url,
      registration,
      names,
      clock,
      log,
      metrics,
      tools,
      stopping,
    }),
  );
  const puppets = parts.use(
    new DoublePuppets({
      homeserverUrl: server.url,
      serverName: server.server_name,
      asToken: doublePuppet?.as_token,
      bot: homeserver.bot,
      clock,
      stopping,
    }),
  );
  const media = { folder: join(config.media.folder, "hosted"), keepDays: config.media.keep_days };
  const families = networksOf(config, { store, clock, random, tools, media, log, stopping });
  const configured = families.flatMap((family) => family.networks);
  const networks = new Map(configured.map((network) => [network.id, network]));
  const bridge = parts.use(
    await makeBridge({
      store,
      homeserver,
      encoder: matrixEncoderWith(config.media.captions),
      networks,
      contactName: config.names.contact,
      networkNames,
      botName: BOT_NAME,
      tools,
      puppets,
      access: accessOf(config.permissions),
      clock,
      scheduler: eventLoop,
      random,
      log,
      metrics,
      commands: (scene) => commandRunner({ ...scene, clock, version }),
    }),
  );
  homeserver.whenBack(() => bridge.homeserverBack());
  const restore = async (user: UserId): Promise<void> => {
    await bridge.ghosts.restore(user);
    if (user === homeserver.bot) await bridge.setBotProfile();
  };
  homeserver.whenLost(restore);
  for (const { networks: ours, listener } of families) {
    if (listener === undefined) continue;
    const routes = ours.flatMap((network) => network.routes);
    parts.use(await startPartner({ ...listener, routes, log }));
  }
  const audit = parts.use(
    new AuditStream({
      homeserverUrl: server.url,
      asToken: registration.as_token,
      bot: homeserver.bot,
      isOurs: (user) => homeserver.isOurs(user),
      sink: bridge.intake,
      since: await store.records.get(SYNC_SCOPE, SYNC_TOKEN),
      restoreBot: () => restore(homeserver.bot),
      clock,
      log,
      metrics,
    }),
  );
  const endpoint = parts.use(
    new AppserviceEndpoint({
      hsToken: registration.hs_token,
      sink: bridge.intake,
      isOurs: (user) => homeserver.isOurs(user),
      exists: (user) => user === homeserver.bot || bridge.ghosts.exists(user),
      protocols: new Map(configured.map(({ id, name }) => [id, name])),
      signals: (signals) => bridge.signals.take(signals),
      answered: (outcome) => audit.pushed(outcome),
      log,
      metrics,
    }),
  );
  await endpoint.listen(appservice.listen.host, appservice.listen.port);
  const arrival = parts.use(
    new HomeserverStartup({
      homeserverUrl: server.url,
      registration,
      registrationPath,
      homeserver,
      names,
      setBotProfile: bridge.setBotProfile,
      encryptionCheck: await encryptionCheck(store),
      onReady: () => audit.start(),
      clock,
      log,
    }),
  );
  const reasons = async () => [arrival.trouble ?? [], homeserver.away ? AWAY : [], bridge.reasons()].flat();
  if (health) parts.use(await startHealth({ listen: health.listen, registry, reasons, log }));
  const firstAttempt = arrival.start();
  const settled = async (): Promise<void> => {
    await firstAttempt;
    if (arrival.trouble !== undefined) return;
    await bridge.intake.firstCaughtUp;
    await pause(ANSWERED);
  };
  parts.defer(every(HOUR, () => store.write((tx) => tx.records.sweep(clock.now())), log));
  await measureQueues(store, metrics);
  parts.defer(every(MEASURE_EVERY, () => measureQueues(store, metrics), log));
  // The homeserver first, and whoever waits for us to be ready: reading the networks' code holds up every answer.
  await Promise.race([settled(), pause(FIRST_CHANCE)]);
  await bridge.resume();
  parts.defer(() => void setTimeout(() => stop.abort(stoppingError()), LAST_CALL));
  const started = parts.move();
  return { trouble: arrival.trouble, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** A room is made for it, so once it was in order it is not looked at again that day. */
async function encryptionCheck(store: Store): Promise<EncryptionCheck | undefined> {
  const today = (): string => new Date(clock.now()).toISOString().slice(0, 10);
  if ((await store.records.get("start", "not-encrypted")) === today()) return undefined;
  const onPassed = () => store.write((tx) => tx.records.set("start", "not-encrypted", today()));
  return { key: random.uuid(), onPassed };
}

function every(ms: number, act: () => Promise<void>, log: Log): () => void {
  const timer = setInterval(() => {
    act().catch((error: unknown) => log.warn("housekeeping failed", faultOf(error)));
  }, ms);
  return () => clearInterval(timer);
}
