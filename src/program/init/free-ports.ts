import { once } from "node:events";
import { createServer } from "node:net";
import { type ListenAddress, shownListen } from "../../config/listen.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { refused } from "../refused.ts";

/** How far behind the usual port a free one is looked for. */
const SPAN = 200;

/** Finds free ports, each once. */
export class FreePorts {
  readonly #given = new Set<number>();

  /** A free port of the host, the usual one where it can be had. Throws BridgeError with words. */
  async next(host: string, usual: number): Promise<number> {
    for (let port = usual; port < usual + SPAN; port++) {
      if (this.#given.has(port)) continue;
      const why = await whyTaken({ host, port });
      if (why === "EADDRINUSE" || why === "EACCES") continue;
      if (why !== undefined)
        throw refused(`${host} is not an address of this machine (${why}); give one with --listen.`);
      this.#given.add(port);
      return port;
    }
    throw refused(
      `No port from ${usual} to ${usual + SPAN - 1} is free on ${host}; give an address with --listen.`,
    );
  }

  /** Takes an address that somebody chose by a flag. Throws BridgeError with words where it cannot be listened on. */
  async take(listen: ListenAddress, flag = "--listen"): Promise<void> {
    const why = await whyTaken(listen);
    const shown = shownListen(listen);
    if (why === undefined && this.#given.has(listen.port))
      throw refused(`${shown} is given twice; give another with ${flag}.`);
    if (why === "EADDRINUSE")
      throw refused(
        `${shown} is taken by another program; give another with ${flag}, or leave it out to have a free one found.`,
      );
    if (why === "EACCES")
      throw refused(`${shown} may only be listened on by root; give a port above 1023 with ${flag}.`);
    if (why !== undefined)
      throw refused(
        `${shown} cannot be listened on: ${listen.host} is not an address of this machine (${why}).`,
      );
    this.#given.add(listen.port);
  }
}

/** The system's reason why nobody can listen there now; undefined where one can. */
async function whyTaken({ host, port }: ListenAddress): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    return systemCode(error) ?? "unknown";
  } finally {
    server.close();
  }
}
