import { enableCompileCache, flushCompileCache } from "node:module";
import { dirname, join } from "node:path";
import type { Invocation } from "../config/command-line.ts";
import { type Logger, openLogger } from "../config/logger.ts";
import { faultOf } from "../core/ports/log.ts";
import type { Started } from "../main.ts";
import { differences } from "../matrix/registration/registration.ts";
import { readRegistration } from "../matrix/registration/registration-file.ts";
import { configuredIds } from "../networks/registry.ts";
import { loadedConfig, namesOf } from "./configuration.ts";
import { leaveSignals } from "./early-signals.ts";
import { outliveFaults } from "./faults.ts";
import { processClock } from "./process-clock.ts";
import { startSandbox } from "./sandbox.ts";
import { secondRegistration } from "./second-registration.ts";
import { ServiceManager, watchdogPeriod } from "./systemd/service-manager.ts";
import { Watchdog } from "./systemd/watchdog.ts";
import { version } from "./version.ts";

type Start = Extract<Invocation, { readonly kind: "start" }>;

/** Milliseconds the bridge may take to put everything down after a signal. */
const DRAIN_TIME = 10_000;

/** Runs the bridge until a signal ends it; the exit status. */
export async function start({ config: file, registration: path, sandbox }: Start): Promise<number> {
  const { config, remarks, outdated } = loadedConfig(file);
  const registration = await readRegistration(path, namesOf(config));
  const doublePuppet = await secondRegistration(config, path);
  await using log = openLogger(config.logging);
  log.hide(registration.as_token);
  log.hide(registration.hs_token);
  if (doublePuppet) log.hide(doublePuppet.as_token);
  if (config.provisioning?.shared_secret !== undefined) log.hide(config.provisioning.shared_secret);
  outliveFaults(log);
  for (const { where, words } of [...outdated, ...remarks]) log.warn(`${where}: ${words}`);
  for (const words of differences(registration, config.appservice)) log.warn(`${path}: ${words}`);
  const stop = stopSignal(log);
  await using _ = sandbox === undefined ? undefined : await startSandbox(sandbox);
  // Most of a start is reading code, which comes from a cache; in the data folder, as the program's may be read-only.
  enableCompileCache(join(dirname(config.database), ".code-cache"));
  const { startBridge } = await import("../main.ts");
  const starting = startBridge({
    config,
    registration,
    registrationPath: path,
    configPath: file,
    doublePuppet,
    version: version(),
    log,
  }).catch((error: unknown) => {
    log.error("The bridge could not start", faultOf(error));
    throw error;
  });
  const bridge = await Promise.race([starting, stop]);
  // Stopped before it was up: what it had begun is on disk, and the next start takes it from there.
  if (bridge === undefined) return 0;
  const networks = configuredIds(config).join(",");
  const about = { bridge: registration.id, server: config.homeserver.server_name, networks };
  if (bridge.trouble === undefined) log.info("ready", about);
  else log.warn("ready to serve, but not in touch with the homeserver yet; trying again until it is", about);
  flushCompileCache();
  const manager = ServiceManager.from(process.env, log);
  await manager?.ready(bridge.trouble ?? `Serving ${networks}`);
  const watchdog = manager && watchdogOf(manager, bridge, log);
  await stop;
  watchdog?.[Symbol.dispose]();
  const told = manager?.stopping();
  const drained = await Promise.race([bridge[Symbol.asyncDispose]().then(() => true), after(DRAIN_TIME)]);
  await told;
  if (drained) log.info("stopped");
  else
    log.warn("Stopped before everything was put down; the next start takes it up", { waited_ms: DRAIN_TIME });
  return drained ? 0 : 1;
}

/** Undefined where systemd wants no signs of life. */
function watchdogOf(manager: ServiceManager, { pulse }: Started, log: Logger): Watchdog | undefined {
  const period = watchdogPeriod(process.env, process.pid);
  if (period === undefined) return undefined;
  return new Watchdog({ manager, period, pulse, clock: processClock, elapsed: () => performance.now(), log });
}

const after = (ms: number): Promise<false> =>
  new Promise((done) => {
    setTimeout(() => done(false), ms).unref();
  });

/** Resolves at the first SIGINT or SIGTERM. The second ends the process at once: all that matters is on disk. */
function stopSignal(log: Logger): Promise<undefined> {
  const { promise, resolve: stop } = Promise.withResolvers<undefined>();
  let asked = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (asked) process.exit(1);
    asked = true;
    log.info("stopping", { signal });
    stop(undefined);
  };
  leaveSignals();
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return promise;
}
