import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const EVERY = 4 * 1024 * 1024;

/** V8's garbage collector, which a flag exposes; the flag is on only while the function is fetched. */
function collector(): NodeJS.GCFunction | undefined {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  return typeof gc === "function" ? (gc as NodeJS.GCFunction) : undefined;
}

let collect: NodeJS.GCFunction | undefined;
let passed = 0;

/**
 * To be called with the size of each chunk that a stream has passed on. V8 starts collecting by the size of JavaScript
 * objects, which leaves out the chunks' bytes, so a large file would leave tens of megabytes of garbage. Collecting the
 * young objects takes a millisecond.
 */
export function collectChunkGarbage(bytes: number): void {
  passed += bytes;
  if (passed < EVERY) return;
  passed = 0;
  collect ??= collector();
  collect?.({ type: "minor", execution: "sync" });
}
