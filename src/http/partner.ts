import type { HttpRoute } from "../core/ports/http-route.ts";
import type { Log } from "../core/ports/log.ts";
import { type Listener, listen } from "./listener.ts";

export interface PartnerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** The routes of all networks; two networks may share one. */
  readonly routes: readonly HttpRoute[];
  readonly log: Log;
  /** As a {@link listen}er takes them. */
  readonly proxies?: readonly string[];
}

/** Serves what the networks' servers fetch from the bridge: keys, pushes, media. */
export function startPartner({ listen: at, routes, log, proxies = [] }: PartnerOptions): Promise<Listener> {
  return listen({ name: "partner listener", listen: at, routes: unique(routes), log, proxies });
}

/** The routes without repeats, as every network of a family brings the family's routes. */
function unique(routes: readonly HttpRoute[]): readonly HttpRoute[] {
  const first = new Map<string, HttpRoute>();
  for (const route of routes) {
    const key = `${route.method} ${route.path}`;
    if (!first.has(key)) first.set(key, route);
  }
  return [...first.values()];
}
