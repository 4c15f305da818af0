import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const EVERY = 4 * 1024 * 1024;

/** The collector itself; only under a flag, which is not kept on longer than it takes to get hold of it. */
function collector(): NodeJS.GCFunction | undefined {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  return typeof gc === "function" ? (gc as NodeJS.GCFunction) : undefined;
}

let collect: NodeJS.GCFunction | undefined;
let passed = 0;

/**
 * Told of the bytes of each chunk that went through a stream. The collector runs by the size of JavaScript
 * objects and sees little of the bytes behind a chunk, so a large file would leave tens of megabytes of read
 * chunks behind it. A collection of the young ones takes a millisecond.
 */
export function chunkPassed(bytes: number): void {
  passed += bytes;
  if (passed < EVERY) return;
  passed = 0;
  collect ??= collector();
  collect?.({ type: "minor", execution: "sync" });
}
