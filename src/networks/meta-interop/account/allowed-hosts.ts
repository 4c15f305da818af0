import { BridgeError } from "../../../core/model/errors.ts";
import type { Log } from "../../../core/ports/log.ts";
import type { NetworkSection } from "../config.ts";
import type { Profile } from "../profile.ts";

interface AllowedHostsParts {
  readonly profile: Pick<Profile, "id" | "name">;
  readonly section: Pick<NetworkSection, "url" | "allowed_hosts">;
  readonly log: Log;
}

const ENCRYPTED: ReadonlySet<string> = new Set(["https:", "wss:"]);
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The hosts that a network may name: the one of its configured address, on any port, and those that its section allows.
 * Never without encryption where its own address has it. All names for this machine count as one host.
 */
export class AllowedHosts {
  readonly #parts: AllowedHostsParts;

  constructor(parts: AllowedHostsParts) {
    this.#parts = parts;
  }

  /** Throws BridgeError, and logs an error for the administrator, where one of the addresses is not allowed. */
  require(...addresses: readonly string[]): void {
    for (const address of addresses) this.#require(URL.parse(address));
  }

  #require(address: URL | null): void {
    const { profile, section, log } = this.#parts;
    const own = new URL(section.url);
    const isPlain = ENCRYPTED.has(own.protocol) && address !== null && !ENCRYPTED.has(address.protocol);
    const isAllowed = address !== null && this.#allows(own, address);
    if (isAllowed && !isPlain) return;
    const host = (address?.hostname || "none").slice(0, 100);
    const key = `networks.${profile.id}.allowed_hosts`;
    const why = isAllowed ? "without encryption" : "on a host that is not its own and not allowed";
    log.error(`the network named an address ${why}; nothing was connected`, {
      network: profile.id,
      host,
      ...(isAllowed ? {} : { key }),
    });
    const cure = isAllowed ? "" : ` They can allow the host, if it is ${profile.name}'s, with ${key}.`;
    throw new BridgeError("forbidden", {
      words: `${profile.name} named an address ${why} (${host}), so nothing was connected. Tell whoever runs this bridge.${cure}`,
      certain: true,
    });
  }

  #allows(own: URL, { hostname, username, password }: URL): boolean {
    if (username !== "" || password !== "") return false;
    if (LOOPBACK.test(own.hostname) && LOOPBACK.test(hostname)) return true;
    return (
      hostname === own.hostname || this.#parts.section.allowed_hosts.some((one) => matches(one, hostname))
    );
  }
}

/** `host`: as in a URL, in lower case. */
function matches(allowed: string, host: string): boolean {
  const name = URL.parse(`http://${allowed.replace(/^\*\./, "")}`)?.hostname;
  if (name === undefined) return false;
  return allowed.startsWith("*.") ? host.endsWith(`.${name}`) : host === name;
}
