import { request } from "undici";
import { z } from "zod";
import type { Invocation } from "../config/command-line.ts";
import { type ListenAddress, localUrl } from "../config/listen.ts";
import { loadedConfig } from "./configuration.ts";
import { refused } from "./refused.ts";

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
    throw refused(
      `${file} has no section "health", so the running bridge cannot be asked. Add "health: { listen: 127.0.0.1:29342 }" and start it again.`,
    );
  }
  await ask(`${localUrl(config.health.listen)}/live`);
  const reasons = await reasonsNow(config.health.listen);
  console.log(reasons.length === 0 ? "ready" : ["running, but:", ...reasons].join("\n"));
  return 0;
}

/** Why the running bridge cannot carry messages now; empty where it can. Throws BridgeError where it does not answer. */
export async function reasonsNow(listen: ListenAddress): Promise<readonly string[]> {
  const url = `${localUrl(listen)}/ready`;
  const { success, data } = readiness.safeParse(await ask(url));
  if (success) return data.reasons;
  throw refused(`What answers at ${url} is not a bridge. Give the section "health" a port of its own.`);
}

async function ask(url: string): Promise<unknown> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
    const text = await body.text();
    if (statusCode !== 200 && statusCode !== 503) throw new Error(`it answered ${statusCode}`);
    return JSON.parse(text);
  } catch (error) {
    const what = error instanceof Error ? error.message || error.name : String(error);
    throw refused(`The bridge does not answer at ${url}: ${what}. Is it running, with this configuration?`);
  }
}
