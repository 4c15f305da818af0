import type { BridgeError } from "../model/errors.ts";
import { backOff } from "./back-off.ts";
import type { Step } from "./lanes.ts";

/** Tries at a request that the homeserver fails on while it carries out others: half a minute, for a restart of a part of it. */
const MOST_FAULT_TRIES = 7;

/** Tries at a transfer that is too slow; few, as the chat waits behind it. */
const MOST_SLOW_TRIES = 3;

/** Milliseconds between two tries while the store fails. */
const STORE_PAUSE = 5_000;

/** Whether to try a row again after its failure number `attempts + 1`; outages are not counted. */
export function triesAgain({ reason }: BridgeError, attempts: number, tries: number): boolean {
  const most =
    reason === "homeserver-fault" ? MOST_FAULT_TRIES : reason === "too-slow" ? MOST_SLOW_TRIES : tries;
  return attempts + 1 < most;
}

/** How long the lane waits before it tries its first row again. */
export function waitAfter({ outage, reason, retryAfter = 0 }: BridgeError, attempts: number): Step {
  if (outage && reason === "homeserver-unreachable" && retryAfter === 0) return { wait: 0, outage: true };
  // The store counts no try now, so a pause by attempts would never grow.
  const least = reason === "storage" ? STORE_PAUSE : backOff(attempts);
  return { wait: Math.max(retryAfter, least) };
}
