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

/**
 * Ports nobody listens on. They lie below the range the kernel gives to outgoing connections (32768 and up on
 * Linux), so that a part that is stopped finds its port free when it is started again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(12_000, 32_000);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}
