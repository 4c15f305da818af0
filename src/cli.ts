import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { enableCompileCache, flushCompileCache } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Invocation, readCommandLine } from "./config/command-line.ts";
import type { Logger } from "./config/logger.ts";
import { usage } from "./config/usage.ts";
import { BridgeError } from "./core/model/errors.ts";
import { faultOf, type Log } from "./core/ports/log.ts";
import type { BridgeConfig } from "./networks/registry.ts";

type Of<Kind extends Invocation["kind"]> = Extract<Invocation, { readonly kind: Kind }>;

/** Milliseconds the bridge may take to put everything down after a signal. */
const drainTime = 10_000;
/** So many faults within a minute mean that going on serves nobody. */
const tolerated = 20;

// Most of a start is reading code. What is imported below this line, when it is needed, comes from a cache.
enableCompileCache(fileURLToPath(new URL("../.cache/code", import.meta.url)));

async function loaded(file: string) {
  const { loadConfig } = await import("./config/load.ts");
  const { networksConfig } = await import("./networks/registry.ts");
  return loadConfig({ file, networks: networksConfig, environment: process.env });
}

const namesOf = ({ appservice, homeserver }: BridgeConfig) => ({
  botLocalpart: appservice.bot,
  prefix: appservice.ghost_prefix,
  serverName: homeserver.server_name,
});

/** Where the second registration is, or is to be. */
async function secondPath(config: BridgeConfig, registration: string): Promise<string> {
  const { doublePuppetPath } = await import("./matrix/registration/double-puppet-registration.ts");
  return config.double_puppet?.registration ?? doublePuppetPath(registration);
}

async function secondRegistration(config: BridgeConfig, first: string) {
  const { readDoublePuppetRegistration } = await import(
    "./matrix/registration/double-puppet-registration.ts"
  );
  return readDoublePuppetRegistration(await secondPath(config, first), config.homeserver.server_name);
}

async function start({ config: file, registration: path }: Of<"start">): Promise<number> {
  const { config, remarks, outdated } = await loaded(file);
  const { readRegistration } = await import("./matrix/registration/registration-file.ts");
  const { differences } = await import("./matrix/registration/registration.ts");
  const { openLogger } = await import("./config/logger.ts");
  const registration = await readRegistration(path, namesOf(config));
  const doublePuppet = await secondRegistration(config, path);
  await using log = openLogger(config.logging);
  log.hide(registration.as_token);
  log.hide(registration.hs_token);
  if (doublePuppet) log.hide(doublePuppet.as_token);
  outlive(log);
  for (const { where, words } of [...outdated, ...remarks]) log.warn(`${where}: ${words}`);
  for (const words of differences(registration, config.appservice)) log.warn(`${path}: ${words}`);
  const stop = stopSignal(log);
  const { startBridge } = await import("./main.ts");
  const starting = startBridge({
    config,
    registration,
    registrationPath: path,
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
  const { configuredIds } = await import("./networks/registry.ts");
  const networks = configuredIds(config).join(",");
  const about = { bridge: registration.id, server: config.homeserver.server_name, networks };
  if (bridge.trouble === undefined) log.info("ready", about);
  else log.warn("ready to serve, but not in touch with the homeserver yet; trying again until it is", about);
  flushCompileCache();
  await stop;
  const drained = await Promise.race([bridge[Symbol.asyncDispose]().then(() => true), after(drainTime)]);
  if (drained) log.info("stopped");
  else
    log.warn("Stopped before everything was put down; the next start takes it up", { waited_ms: drainTime });
  return drained ? 0 : 1;
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
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return promise;
}

/**
 * An error nobody caught is a fault of ours, most likely met through what somebody sent. What must last is on
 * disk in whole commits, so memory holds nothing that a fault could spoil for good, and one hostile input must
 * not end everybody's chats: it is logged and the process goes on. Many in a minute are no longer one input.
 */
function outlive(log: Log): void {
  let recent: number[] = [];
  const onFault = (kind: "exception" | "rejection") => (error: unknown) => {
    const now = performance.now();
    recent = [...recent.filter((at) => now - at < 60_000), now];
    log.error("An error nobody caught", { kind, ...faultOf(error), at: placeOf(error) });
    if (recent.length < tolerated) return;
    log.error("Too many of them within a minute: ending, to be started afresh", { faults: recent.length });
    setTimeout(() => process.exit(1), 100);
  };
  process.on("uncaughtException", onFault("exception")).on("unhandledRejection", onFault("rejection"));
}

/** Where in our code an error came from, without its text. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack === undefined ? undefined : /\/(src\/\S+?:\d+):\d+\)?$/m.exec(stack)?.[1];
}

async function register({ config: file, registration: path, force }: Of<"register">): Promise<number> {
  const { config } = await loaded(file);
  const { appservice, homeserver } = config;
  const second = await secondPath(config, path);
  const { assertNoFolder } = await import("./matrix/registration/registration-file.ts");
  for (const each of [path, second]) assertNoFolder(each);
  if (force) for (const each of [path, second]) await rm(each, { force: true });
  const { isSample } = await import("./matrix/registration/registration.ts");
  // The sample that comes with the bridge has tokens everybody knows.
  const [kept, secondKept] = [existsSync(path) && !isSample(readFileSync(path, "utf8")), existsSync(second)];
  if (!kept) await rm(path, { force: true });
  if (kept && secondKept) throw keptWords(path);
  if (!kept) {
    const { buildRegistration } = await import("./matrix/registration/registration.ts");
    const { writeRegistration } = await import("./matrix/registration/registration-file.ts");
    const { id, url } = appservice;
    const { configuredIds } = await import("./networks/registry.ts");
    const protocols = configuredIds(config);
    await writeRegistration(path, buildRegistration({ ...namesOf(config), id, url, protocols }));
  }
  if (!secondKept) {
    const { writeDoublePuppetRegistration } = await import(
      "./matrix/registration/double-puppet-registration.ts"
    );
    await writeDoublePuppetRegistration(second, { id: appservice.id, serverName: homeserver.server_name });
  }
  const wrote = (file: string, was: boolean): string => `${was ? "Kept" : "Wrote"} ${file}.`;
  console.log(`${wrote(path, kept)} It holds the tokens of the bridge: let only the bridge and the homeserver read it.
${wrote(second, secondKept)} It lets the bridge act as your users where they need it to: their chats are
joined for them, and their direct chats, read marks and tags kept in step. Leave its line out to do without.

Add this to homeserver.yaml of ${homeserver.server_name}, then restart the homeserver:

app_service_config_files:
  - ${JSON.stringify(resolve(path))}
  - ${JSON.stringify(resolve(second))}

Then start the bridge: npm start -- -c ${file} -r ${path}`);
  return 0;
}

const keptWords = (path: string): BridgeError =>
  new BridgeError("bad-input", {
    words: `${path} is there already and its tokens are known to your homeserver, so it is left as it is.
To make a new one in its place add --force; then the homeserver must be restarted too.`,
    certain: true,
  });

async function checkConfig({ config: file, registration: path }: Of<"check-config">): Promise<number> {
  const { config, remarks, outdated } = await loaded(file);
  for (const { where, words } of outdated) console.error(`${where}: ${words}`);
  if (remarks.length > 0) {
    const { listed } = await import("./config/problems.ts");
    console.error(listed(file, remarks));
    return 1;
  }
  if (path !== undefined) {
    const { readRegistration } = await import("./matrix/registration/registration-file.ts");
    const { differences } = await import("./matrix/registration/registration.ts");
    const differing = differences(await readRegistration(path, namesOf(config)), config.appservice);
    for (const words of differing) console.error(`${path}: ${words}`);
    if (differing.length > 0) return 1;
    await secondRegistration(config, path);
  }
  const { configuredIds } = await import("./networks/registry.ts");
  const networks = configuredIds(config);
  console.log(`${file} is in order. Server ${config.homeserver.server_name}, data in ${config.database}.`);
  console.log(networks.length === 0 ? "No network is configured yet." : `Networks: ${networks.join(", ")}.`);
  if (path !== undefined) console.log(`${path} fits it.`);
  return 0;
}

function version(): string {
  const file: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return String(Object(file).version);
}

async function run(invocation: Invocation): Promise<number> {
  switch (invocation.kind) {
    case "start":
      return start(invocation);
    case "register":
      return register(invocation);
    case "check-config":
      return checkConfig(invocation);
    case "version":
      console.log(version());
      return 0;
    case "help":
      console.log(usage[invocation.of]);
      return 0;
    case "mistyped":
      console.error(invocation.words);
      return 2;
    default:
      return invocation satisfies never;
  }
}

/** One screen of words; what is not meant for people is named, not shown. */
function wordsFor(error: unknown): string {
  if (error instanceof BridgeError && error.reason !== "internal") return error.words;
  const { fault } = faultOf(error);
  return `Something went wrong inside the bridge (${fault} at ${placeOf(error) ?? "an unknown place"}). Please report it.`;
}

process.exitCode = 1;
const status = await run(readCommandLine(process.argv.slice(2))).catch((error: unknown) => {
  console.error(wordsFor(error));
  return 1;
});
process.exit(status);
