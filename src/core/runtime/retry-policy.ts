import type { BridgeError } from "../model/errors.ts";
import { backOff } from "./back-off.ts";
import type { Step } from "./lanes.ts";

/**
 * Tries at a request that the homeserver fails on while it carries out others: half a minute, in which a part of it
 * may be restarted.
 */
const POISON = 7;

/** Tries at a transfer that is too slow: the chat behind it waits all the while. */
const SLOW = 3;

/** Between two tries at a store that takes nothing. */
const STORE_PAUSE = 5_000;

/** Whether an item is tried again that now failed for the `attempts + 1`th time, outages not counted. */
export function triesAgain({ reason }: BridgeError, attempts: number, tries: number): boolean {
  const most = reason === "homeserver-fault" ? POISON : reason === "too-slow" ? SLOW : tries;
  return attempts + 1 < most;
}

/** The step of a lane whose head is to be tried again. */
export function waitAfter({ outage, reason, retryAfter = 0 }: BridgeError, attempts: number): Step {
  if (outage && reason === "homeserver-unreachable" && retryAfter === 0) return { wait: 0, outage: true };
  // No try is counted, so the pause would never grow.
  const least = reason === "storage" ? STORE_PAUSE : backOff(attempts);
  return { wait: Math.max(retryAfter, least) };
}
