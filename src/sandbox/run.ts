import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { called } from "../config/called.ts";
import { inMemory, loadConfig, type SandboxConfig } from "./config.ts";
import { createLogger, failureName } from "./logger.ts";
import { type Gatekeeper, startGatekeeper } from "./server.ts";

const usage = `A local gatekeeper that plays WhatsApp's and Messenger's third-party side (interop-sandbox/1).

  ${called.sandbox} [-c sandbox.yaml] [--json] [--attached]

  -c, --config FILE  configuration (config/sandbox.sample.yaml explains it); without it a free port of this
                     machine, and nothing is kept after the end
  --json             print one JSON line {url, root_key, networks, configuration} when ready, and nothing else
  --attached         end when standard input does, as it does with the program that started this one
  -h, --help         this text
`;

/** What a bridge's configuration needs to use this gatekeeper, as the first integrator of its own. */
function bridgeConfiguration({ networks }: Gatekeeper, { integrators: [first] }: SandboxConfig): unknown {
  const partner = first && {
    url: first.iss,
    listen: new URL(first.iss).host,
    identifier: first.identifier_type,
  };
  const sections = Object.entries(networks).map(([name, { base, root_key }]) => [
    name,
    { url: base, root_key },
  ]);
  return { networks: { meta_interop: { partner }, ...Object.fromEntries(sections) } };
}

function announce(gatekeeper: Gatekeeper, config: SandboxConfig, json: boolean): void {
  const { url, rootKey, networks } = gatekeeper;
  const configuration = bridgeConfiguration(gatekeeper, config);
  if (json) {
    process.stdout.write(`${JSON.stringify({ url, root_key: rootKey, networks, configuration })}\n`);
    return;
  }
  process.stdout.write(`The sandbox is up. Play a phone: ${url}/phone/\nControl: ${url}/_sandbox/v1\n`);
  process.stdout.write(
    config.data === inMemory
      ? "Nothing is kept after its end.\n\n"
      : `It keeps everything in ${config.data}\n\n`,
  );
  process.stdout.write(`For the bridge's configuration:\n\n${stringify(configuration)}`);
}

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      config: { type: "string", short: "c" },
      json: { type: "boolean", default: false },
      attached: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const config = loadConfig(values.config);
  const log = createLogger(config.log);
  // An error that one request raises must not end the process for every other user of the sandbox.
  process.on("uncaughtException", (cause) => log.error("uncaught", { failure: failureName(cause) }));
  process.on("unhandledRejection", (cause) => log.error("unhandled", { failure: failureName(cause) }));
  const stop = new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
    if (values.attached) process.stdin.once("end", resolve).once("error", resolve).resume();
  });
  const gatekeeper = await startGatekeeper(config, log);
  announce(gatekeeper, config, values.json);
  await stop;
  // While it is read it keeps the process.
  process.stdin.destroy();
  await gatekeeper[Symbol.asyncDispose]();
  return 0;
}

try {
  process.exitCode = await run();
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
}
