import type { Log } from "../core/ports/log.ts";
import type { HttpRoute } from "../core/ports/network.ts";
import { type Listener, listen } from "./listener.ts";

export interface PartnerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** What every network's servers may ask; two networks may share a route. */
  readonly routes: readonly HttpRoute[];
  readonly log: Log;
  /** As a {@link listen}er takes them. */
  readonly proxies?: readonly string[];
}

/** The side of the bridge that the networks' servers reach: keys, push, later media. */
export function startPartner({ listen: at, routes, log, proxies = [] }: PartnerOptions): Promise<Listener> {
  return listen({ name: "partner listener", listen: at, routes: unique(routes), log, proxies });
}

/** The first of equal routes: networks of one family all bring the routes of that family. */
function unique(routes: readonly HttpRoute[]): readonly HttpRoute[] {
  const first = new Map<string, HttpRoute>();
  for (const route of routes) {
    const key = `${route.method} ${route.path}`;
    if (!first.has(key)) first.set(key, route);
  }
  return [...first.values()];
}
