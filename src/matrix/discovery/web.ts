import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { systemCode } from "../../core/model/system-code.ts";
import { jsonOf } from "../http/json.ts";

export type WebAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Where it sends whoever asks; undefined where it sends nobody. */
      readonly location: string | undefined;
      /** Undefined where it is not JSON, or larger than {@link LARGEST}. */
      readonly body: unknown;
    }
  | { readonly kind: "silence"; readonly code: string };

/** The web as discovery needs it. */
export interface Web {
  /** One request; redirects are answers like others. */
  get(url: string): Promise<WebAnswer>;
  /** The IP addresses of a host, itself where it is one; empty where it has none. */
  addressesOf(host: string): Promise<readonly string[]>;
}

/** Milliseconds. */
const TIMEOUT = 10_000;
/** Bytes; the specification asks clients to read no more of a well-known file (Matrix 1.17, Well-known URI). */
const LARGEST = 51_200;

export const systemWeb: Web = {
  async get(url) {
    try {
      const response = await fetch(url, {
        redirect: "manual",
        headers: { accept: "application/json" },
        signal: AbortSignal.timeout(TIMEOUT),
      });
      const location = response.headers.get("location") ?? undefined;
      return { kind: "answer", status: response.status, location, body: jsonOf(await textOf(response)) };
    } catch (error) {
      const timedOut = error instanceof Error && error.name === "TimeoutError";
      return { kind: "silence", code: timedOut ? "ETIMEDOUT" : (systemCode(error) ?? "no answer") };
    }
  },
  async addressesOf(host) {
    const bare = host.replace(/^\[|\]$/g, "");
    if (isIP(bare) !== 0) return [bare];
    const found = await lookup(bare, { all: true }).catch(() => []);
    return found.map(({ address }) => address);
  },
};

async function textOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Addresses that only this machine or its own network reaches (RFC 1918, 3927, 4193, 4291, 6598). */
const near = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  near.addSubnet(net, bits, "ipv4");
near.addAddress("::1", "ipv6");
near.addAddress("::", "ipv6");
near.addSubnet("fc00::", 7, "ipv6");
near.addSubnet("fe80::", 10, "ipv6");

export const isNear = (address: string): boolean =>
  near.check(address, address.includes(":") ? "ipv6" : "ipv4");
