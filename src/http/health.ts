import type { HttpReply, HttpRoute } from "../core/ports/http-route.ts";
import type { Log } from "../core/ports/log.ts";
import { type Listener, listen } from "./listener.ts";
import type { MetricsRegistry } from "./metrics.ts";

export interface HealthOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly registry: MetricsRegistry;
  /** Why the bridge cannot carry messages now, in words without anybody's name; empty when it can. */
  readonly reasons: () => Promise<readonly string[]>;
  readonly log: Log;
}

/** Serves `/live`, `/ready` and `/metrics` to whatever monitors the process. */
export function startHealth({ listen: at, registry, reasons, log }: HealthOptions): Promise<Listener> {
  const live: HttpRoute = { method: "GET", path: "/live", handle: async () => json(200, { live: true }) };
  const ready: HttpRoute = {
    method: "GET",
    path: "/ready",
    async handle() {
      const why = await reasons();
      return why.length === 0 ? json(200, { ready: true }) : json(503, { ready: false, reasons: why });
    },
  };
  const metrics: HttpRoute = {
    method: "GET",
    path: "/metrics",
    async handle() {
      registry.metrics.set("ready", {}, (await reasons()).length === 0 ? 1 : 0);
      return { status: 200, headers: { "content-type": registry.contentType }, body: await registry.text() };
    },
  };
  return listen({ name: "health listener", listen: at, routes: [live, ready, metrics], log });
}

const json = (status: number, value: object): HttpReply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});
