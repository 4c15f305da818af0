import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { BridgeError } from "../core/model/errors.ts";

/** A sandbox that runs beside the bridge, as a process of its own. */
export interface Sandbox extends AsyncDisposable {
  /** Where its people are played. */
  readonly url: string;
  /** The sections a bridge's configuration needs for it. */
  readonly configuration: unknown;
}

/** What its words have in them where another program has its address. */
const TAKEN = "EADDRINUSE";

/** Characters of its words at a failed start that are kept. */
const LONGEST = 10_000;

const run = join(import.meta.dirname, "..", "sandbox", `run${extname(import.meta.filename)}`);

/** Milliseconds in which the sandbox of a bridge that was killed has ended and let go of its address. */
const LEAVING_TIME = 5_000;

/**
 * Starts the sandbox of a configuration file. Throws BridgeError with its own words where it does not start. A Ctrl-C of
 * the terminal does not reach it, so that it outlives the bridge's goodbyes; it ends with this process, however that ends.
 */
export async function startSandbox(config: string): Promise<Sandbox> {
  const until = performance.now() + LEAVING_TIME;
  for (;;) {
    const started = await spawnSandbox(config);
    if (typeof started !== "string") return started;
    if (!started.includes(TAKEN) || performance.now() > until) throw notStarted(config, started);
  }
}

/** The sandbox, or its words where it did not start. */
async function spawnSandbox(config: string): Promise<Sandbox | string> {
  const words = ["--disable-warning=DEP0060", run, "-c", config, "--json", "--attached"];
  const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const ended = once(child, "close");
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (more: string) => {
    if (said.length < LONGEST) said += more;
  });
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), ended.then(() => undefined)]);
  if (first === undefined) {
    process.off("exit", kill);
    return said;
  }
  const { url, configuration } = JSON.parse(String(first[0])) as Pick<Sandbox, "url" | "configuration">;
  return {
    url,
    configuration,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
      process.off("exit", kill);
    },
  };
}

function notStarted(config: string, words: string): BridgeError {
  const [last = "it said nothing."] = words.trim().split("\n").slice(-1);
  const taken = words.includes(TAKEN)
    ? " Is it running already? Then leave out --sandbox, or stop the other one."
    : "";
  return new BridgeError("bad-input", {
    words: `The sandbox of ${config} did not start: ${last}${taken}`,
    certain: true,
  });
}
