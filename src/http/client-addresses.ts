import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

/** Loopback, private, link-local and carrier-grade networks, in which proxies and homeservers are. */
const PRIVATE_NETWORKS = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
].concat(["100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"]);

/** Tells a listener's clients apart by their addresses. */
export class ClientAddresses {
  readonly #proxies: BlockList;

  /** `proxies`: addresses and networks (`203.0.113.0/24`) of proxies, beside this machine's and private ones. */
  constructor(proxies: readonly string[]) {
    this.#proxies = networks([...PRIVATE_NETWORKS, ...proxies]);
  }

  /** What a client is counted by: its address, for IPv6 its /64; undefined for one that may be a proxy's. */
  counted(address: string | undefined): string | undefined {
    if (address === undefined) return undefined;
    const plain = plainAddress(address);
    return this.#isProxy(plain) ? undefined : grouped(plain);
  }

  /** What a request's client is counted by: the one its proxy names last, where it came through one. */
  of({ socket, headers }: Pick<IncomingMessage, "socket" | "headers">): string {
    const plain = plainAddress(socket.remoteAddress ?? "");
    const named = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",").at(-1)?.trim() ?? "";
    return grouped(this.#isProxy(plain) && isIP(named) !== 0 ? plainAddress(named) : plain);
  }

  #isProxy(plain: string): boolean {
    return this.#proxies.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
  }
}

/** Without an IPv6 zone, and an IPv4 address as such. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address.replace(/%.*$/, "");
}

const grouped = (plain: string): string => (isIPv6(plain) ? firstHalf(plain) : plain);

function networks(written: readonly string[]): BlockList {
  const list = new BlockList();
  for (const each of written) {
    const [address = "", bits] = each.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** The first 64 bits of an IPv6 address, as its four groups. */
function firstHalf(address: string): string {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(gap).fill("0"), ...after].slice(0, 4).join(":");
}
