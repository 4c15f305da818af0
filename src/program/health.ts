import { request } from "undici";
import { z } from "zod";
import type { Invocation } from "../config/command-line.ts";
import { BridgeError } from "../core/model/errors.ts";
import { loadedConfig } from "./configuration.ts";

type Health = Extract<Invocation, { readonly kind: "health" }>;

/** Milliseconds the running bridge has for each answer. */
const ANSWER_TIMEOUT = 3_000;

const readiness = z.object({ reasons: z.array(z.string()).default([]) });

/**
 * Asks the running bridge how it is, at its health listener; the exit status is for whoever watches over the process.
 * An outage elsewhere is told, and is no reason to restart the bridge.
 */
export async function health({ config: file }: Health): Promise<number> {
  const { config } = loadedConfig(file);
  if (config.health === undefined) {
    throw new BridgeError("bad-input", {
      words: `${file} has no section "health", so the running bridge cannot be asked. Add "health: { listen: 127.0.0.1:29342 }" and start it again.`,
      certain: true,
    });
  }
  const address = addressOf(config.health.listen);
  await ask(`${address}/live`);
  const { reasons } = readiness.parse(await ask(`${address}/ready`));
  console.log(reasons.length === 0 ? "ready" : ["running, but:", ...reasons].join("\n"));
  return 0;
}

/** A bridge that listens on every address is asked on this machine's own. */
function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const own = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${own.includes(":") ? `[${own}]` : own}:${port}`;
}

async function ask(url: string): Promise<unknown> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
    const text = await body.text();
    if (statusCode !== 200 && statusCode !== 503) throw new Error(`it answered ${statusCode}`);
    return JSON.parse(text);
  } catch (error) {
    const what = error instanceof Error ? error.message || error.name : String(error);
    throw new BridgeError("bad-input", {
      words: `The bridge does not answer at ${url}: ${what}. Is it running, with this configuration?`,
      certain: true,
    });
  }
}
