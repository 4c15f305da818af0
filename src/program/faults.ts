import { BridgeError } from "../core/model/errors.ts";
import { faultOf, type Log } from "../core/ports/log.ts";
import { isPanic } from "../matrix/crypto/panics.ts";

/** So many faults within a minute mean that going on serves nobody. */
const TOLERATED = 20;

/**
 * An error nobody caught is a fault of ours, most likely met through what somebody sent. What must last is on
 * disk in whole commits, so memory holds nothing that a fault could spoil for good, and one hostile input must
 * not end everybody's chats: it is logged and the process goes on. Many in a minute are no longer one input.
 */
export function outliveFaults(log: Log): void {
  let recent: number[] = [];
  const onFault = (kind: "exception" | "rejection") => (error: unknown) => {
    const now = performance.now();
    // Whoever called the crypto library is told of its panics, and opens what it panicked in again.
    if (!isPanic(error)) recent = [...recent.filter((at) => now - at < 60_000), now];
    log.error("An error nobody caught", { kind, ...faultOf(error), at: placeOf(error) });
    if (recent.length < TOLERATED) return;
    log.error("Too many of them within a minute: ending, to be started afresh", { faults: recent.length });
    setTimeout(() => process.exit(1), 100);
  };
  process.on("uncaughtException", onFault("exception")).on("unhandledRejection", onFault("rejection"));
}

/** One screen of words; what is not meant for people is named, not shown. */
export function wordsFor(error: unknown): string {
  if (error instanceof BridgeError && error.reason !== "internal") return error.words;
  const { fault } = faultOf(error);
  return `Something went wrong inside the bridge (${fault} at ${placeOf(error) ?? "an unknown place"}). Please report it.`;
}

/** Where in our code an error came from, without its text. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack === undefined ? undefined : /\/(src\/\S+?:\d+):\d+\)?$/m.exec(stack)?.[1];
}
