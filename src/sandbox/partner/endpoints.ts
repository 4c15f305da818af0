import { type NetworkName, networkNames } from "../config.ts";

/** The addresses of one network on this gatekeeper. */
export interface Endpoints {
  readonly base: string;
  readonly enlist: string;
  readonly chat: string;
  readonly mediaProxy: string;
  readonly media: string;
}

/** @param origin `http://host:port` the gatekeeper answers at. */
export function endpointsOf(origin: string): Readonly<Record<NetworkName, Endpoints>> {
  const made = networkNames.map((network) => {
    const base = `${origin}/${network}`;
    const endpoints: Endpoints = {
      base,
      enlist: `${base}/v1/enlist`,
      chat: `${base.replace(/^http/, "ws")}/chat`,
      mediaProxy: `${base}/media-proxy`,
      media: `${base}/media`,
    };
    return [network, endpoints] as const;
  });
  return Object.fromEntries(made) as Record<NetworkName, Endpoints>;
}
