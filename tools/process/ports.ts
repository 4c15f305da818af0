import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Whether a process can listen on the port of the loopback address. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once("error", () => resolve(false));
  server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(true));
  const free = await promise;
  if (free) await new Promise<void>((done) => void server.close(() => done()));
  return free;
}

const LOWEST = 12_000;
/** Ports from which one process takes; Jest's workers, which take at the same time, each have their own. */
const RANGE = 2_500;
const RANGES = 8;

/** What this process was given before, whether or not it listens there yet. */
const given = new Set<number>();

/**
 * Ports nobody listens on. They lie below the range the kernel gives to outgoing connections (32768 and up on
 * Linux), so that a part that is stopped finds its port free when it is started again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const from = LOWEST + RANGE * (Number(process.env["JEST_WORKER_ID"] ?? 0) % RANGES);
  const found: number[] = [];
  while (found.length < count) {
    const port = randomInt(from, from + RANGE);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    found.push(port);
  }
  return found;
}
