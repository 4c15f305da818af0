import { isLoopback, type ListenAddress, localUrl, parseListen } from "../../config/listen.ts";
import { refused } from "../refused.ts";
import { readAddress } from "./answers.ts";
import type { FreePorts } from "./free-ports.ts";
import { firstAddress } from "./synapse-side.ts";

/** Where somebody wants people to open the settings page: an address to listen on, or the URL of a proxy before it. */
export type ChosenProvisioning =
  | { readonly kind: "listen"; readonly listen: ListenAddress }
  | { readonly kind: "proxy"; readonly url: string };

/** Where the settings page and the provisioning API are. */
interface ProvisioningPlace {
  readonly listen: ListenAddress;
  /** By which browsers reach it. */
  readonly url: string;
  /** What is to be done, or known, so that people reach it. */
  readonly remark: string;
}

const LOOPBACK = "127.0.0.1";
const USUAL_PORT = 29_343;

export function readProvisioning(text: string): ChosenProvisioning {
  if (/^https?:\/\//i.test(text)) return { kind: "proxy", url: readAddress(text) };
  const listen = parseListen(text);
  if (listen !== undefined && listen.port !== 0) return { kind: "listen", listen };
  throw refused(
    `--provisioning takes an address and port, such as 192.168.1.5:29343, or your proxy's address, such as https://chats.example.org, not “${text}”.`,
  );
}

/**
 * Picks what was not chosen: a free port for browsers on this machine alone; `host` is where a proxy on it, or who
 * publishes a container's ports, reaches the bridge. Throws BridgeError with words.
 */
export async function provisioningPlace(
  chosen: ChosenProvisioning | undefined,
  ports: FreePorts,
  host = LOOPBACK,
): Promise<ProvisioningPlace> {
  if (chosen?.kind === "listen") {
    const { listen } = chosen;
    await ports.take(listen, "--provisioning");
    const isEvery = listen.host === "0.0.0.0" || listen.host === "::";
    const url = localUrl(isEvery ? { ...listen, host: firstAddress() ?? LOOPBACK } : listen);
    const isNear = isLoopback(listen.host);
    const remark = isNear
      ? `Browsers on this machine open the settings page at ${url}.`
      : `People open the settings page at ${url}. What crosses there is not encrypted, so let only a network you trust reach it, or put a proxy with https before it and write its address as provisioning.url.`;
    return { listen, url, remark };
  }
  const listen = { host, port: await ports.next(host, USUAL_PORT) };
  const own = localUrl(listen);
  if (chosen !== undefined) {
    const remark = `People open the settings page at ${chosen.url}: have your reverse proxy pass that address on to ${own}.`;
    return { listen, url: chosen.url, remark };
  }
  const remark = `Browsers on this machine open the settings page at ${own}. For people elsewhere have your reverse proxy pass an https address on to it, and write that address as provisioning.url in config.yaml (--provisioning does so at once).`;
  return { listen, url: own, remark };
}
