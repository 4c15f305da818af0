import { lookup, resolveSrv } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";

/** How names of other servers become addresses. */
export interface Names {
  /** Where a host name leads to. */
  addresses(host: string): Promise<readonly string[]>;
  /** Where a service is; empty where there is no record. */
  services(name: string): Promise<readonly { readonly host: string; readonly port: number }[]>;
  /** Whether anybody's server may be at an address: this machine's and private networks are not for anybody to ask. */
  isPublic(address: string): boolean;
}

/** What is in no public network (RFC 6890 and the registries it began, RFC 4291, RFC 9637). */
const NOT_PUBLIC =
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 " +
  "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4";
/** Only 2000::/3 is given out; in it these are not, or hold an IPv4 address. */
const NOT_PUBLIC_V6 = "2001::/23 2001:db8::/32 2002::/16 3fff::/20";

const blocked = new BlockList();
for (const each of NOT_PUBLIC.split(" ")) add(each, "ipv4");
for (const each of NOT_PUBLIC_V6.split(" ")) add(each, "ipv6");
const given = new BlockList();
given.addSubnet("2000::", 3, "ipv6");

function add(network: string, family: "ipv4" | "ipv6"): void {
  const [address = "", bits] = network.split("/");
  blocked.addSubnet(address, Number(bits), family);
}

const NO_RECORD = new Set(["ENOTFOUND", "ENODATA", "EAI_NODATA", "EAI_NONAME"]);

/** The names of the Internet. */
export const publicNames: Names = {
  addresses: async (host) =>
    (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  async services(name) {
    try {
      const records = await resolveSrv(name);
      return records
        .sort((one, other) => one.priority - other.priority || other.weight - one.weight)
        .map(({ name: host, port }) => ({ host, port }));
    } catch (error) {
      if (NO_RECORD.has(String(Object(error).code))) return [];
      throw error;
    }
  },
  isPublic: (address) =>
    isIPv6(address)
      ? given.check(address, "ipv6") && !blocked.check(address, "ipv6")
      : !blocked.check(address, "ipv4"),
};
