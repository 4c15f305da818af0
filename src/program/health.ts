import { request } from "undici";
import { z } from "zod";
import type { Invocation } from "../config/command-line.ts";
import { type ListenAddress, localUrl } from "../config/listen.ts";
import { loadedConfig } from "./configuration.ts";
import { refused } from "./refused.ts";

type Health = Extract<Invocation, { readonly kind: "health" }>;

/** Milliseconds the running bridge has for each answer. */
const ANSWER_TIMEOUT = 3_000;

/** What a bridge answers, and hardly another program; its other keys are nobody's business here. */
const liveness = z.object({ live: z.literal(true) });
const readiness = z.discriminatedUnion("ready", [
  z.object({ ready: z.literal(true) }).transform(() => [] as readonly string[]),
  z
    .object({ ready: z.literal(false), reasons: z.array(z.string()).min(1) })
    .transform((told) => told.reasons),
]);

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
  const { listen } = config.health;
  toldBy(await ask(`${localUrl(listen)}/live`, liveness));
  const reasons = toldBy(await readinessAt(listen));
  console.log(reasons.length === 0 ? "ready" : ["running, but:", ...reasons].join("\n"));
  return 0;
}

/** What is at the address where a bridge should be. */
type Answer<Told> =
  | { readonly kind: "bridge"; readonly told: Told }
  /** Nothing answers, with why. */
  | { readonly kind: "silent"; readonly url: string; readonly why: string }
  /** What answers does not do so as a bridge does. */
  | { readonly kind: "other"; readonly url: string; readonly status: number };

/** Why the running bridge cannot carry messages now; empty where it can. */
export const readinessAt = (listen: ListenAddress): Promise<Answer<readonly string[]>> =>
  ask(`${localUrl(listen)}/ready`, readiness);

async function ask<Told>(url: string, answer: z.ZodType<Told>): Promise<Answer<Told>> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
    const { success, data } = answer.safeParse(parsed(await body.text()));
    return success ? { kind: "bridge", told: data } : { kind: "other", url, status: statusCode };
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : String(error);
    return { kind: "silent", url, why };
  }
}

/** Throws BridgeError where it is no bridge that answers. */
function toldBy<Told>(answer: Answer<Told>): Told {
  switch (answer.kind) {
    case "bridge":
      return answer.told;
    case "silent":
      throw refused(
        `The bridge does not answer at ${answer.url}: ${answer.why}. Is it running, with this configuration?`,
      );
    case "other":
      throw refused(
        `What answers at ${answer.url} is not a bridge that is well (status ${answer.status}). If it is another program, give the section "health" a port of its own and start the bridge again; else look at its log.`,
      );
    default:
      return answer satisfies never;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
