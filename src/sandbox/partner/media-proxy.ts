import type { NetworkName } from "../config.ts";
import { anonymousTarget } from "../faults/fault-target.ts";
import type { Faults } from "../faults/faults.ts";
import { HttpError } from "../http/http-error.ts";
import type { NetworkStates } from "../state/network-states.ts";

const mostBytes = 110 << 20;
const timeoutMs = 60_000;

/** Fetches files that third parties host for their users: from allow-listed hosts, without redirects, up to `mostBytes`. */
export function mediaProxy(states: NetworkStates, faults: Faults) {
  function allowed(network: NetworkName, url: URL): boolean {
    const hosts = states
      .integrators(network)
      .flatMap((one) => (one.status === "removed" ? [] : one.media_hosts));
    return (
      /^https?:$/.test(url.protocol) &&
      url.username === "" &&
      (hosts.includes(url.host) || hosts.includes(url.hostname))
    );
  }

  return async (network: NetworkName, address: string): Promise<Uint8Array> => {
    if (
      faults.hit(["media-down", "http-error"], anonymousTarget(network, "from_bridge", "media")) !== undefined
    ) {
      throw new HttpError(503, "media-down", "The media proxy is down.");
    }
    const url = URL.parse(address);
    if (url === null || !allowed(network, url)) {
      throw new HttpError(403, "host-not-allowed", "The proxy does not fetch from this host.");
    }
    const refused = (words: string): HttpError => new HttpError(502, "media-unreachable", words);
    let response: Response;
    try {
      response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    } catch {
      throw refused("The host does not answer.");
    }
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw refused(`The host answered ${response.status}.`);
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        size += chunk.length;
        if (size > mostBytes) throw refused(`The file is over ${mostBytes} bytes.`);
        chunks.push(chunk);
      }
    } catch (cause) {
      throw cause instanceof HttpError ? cause : refused("The host broke off.");
    }
    return Buffer.concat(chunks);
  };
}
export type MediaProxy = ReturnType<typeof mediaProxy>;
