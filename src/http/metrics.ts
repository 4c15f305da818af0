import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Counters, Gauges, Metrics, Timings } from "../core/metrics.ts";

/** A metric's help line, and its labels in order. A missing name or label does not compile. */
type Declared<Table> = {
  readonly [Name in keyof Table]: readonly [help: string, ...labels: readonly (keyof Table[Name] & string)[]];
};

const counters: Declared<Counters> = {
  messages: ["Messages by where they were going and what became of them", "direction", "network", "outcome"],
  sends: ["Requests to a homeserver and stanzas to a network that carry a message", "direction", "outcome"],
  retries: ["Times a queued row was tried again", "direction"],
  dead_letters: ["Rows given up", "direction"],
  transactions: ["Transactions pushed by the homeserver", "outcome"],
  pushed_events: ["Events in pushed transactions, new to us or known already", "seen"],
  gaps: ["Times the audit stream started or broke", "reason"],
  gap_seconds: ["Seconds lanes were held while the audit stream caught up", "reason"],
  disconnects: ["Connections to a network that were lost or refused", "network", "reason"],
};

const gauges: Declared<Gauges> = {
  lane_depth: ["Rows waiting in a queue", "queue"],
  connections: ["Logins by the state of their connection", "network", "state"],
};

const timings: Declared<Timings> = {
  transaction_seconds: ["Time to answer a pushed transaction", "outcome"],
  crossing_seconds: ["Time from being taken on one side to being taken on the other", "direction", "network"],
  send_seconds: ["Time of one request that puts an event into a room", "outcome"],
};

const buckets = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

export interface MetricsRegistry {
  readonly metrics: Metrics;
  readonly contentType: string;
  /** Everything in the Prometheus text form. */
  text(): Promise<string>;
}

/** Every metric of the bridge, declared once, beside those of the process. */
export function createMetrics(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const made = <Table, Metric>(
    table: Declared<Table>,
    make: (name: keyof Table & string, help: string, labelNames: string[]) => Metric,
  ) => {
    const names = Object.keys(table) as (keyof Table & string)[];
    return Object.fromEntries(
      names.map((name) => {
        const [help, ...labels] = table[name];
        return [name, make(name, help, labels)];
      }),
    ) as Record<keyof Table, Metric>;
  };
  const registers = [registry];
  const counted = made(
    counters,
    (name, help, labelNames) => new Counter({ name: `bridge_${name}_total`, help, labelNames, registers }),
  );
  const gauged = made(
    gauges,
    (name, help, labelNames) => new Gauge({ name: `bridge_${name}`, help, labelNames, registers }),
  );
  const timed = made(
    timings,
    (name, help, labelNames) =>
      new Histogram({ name: `bridge_${name}`, help, labelNames, buckets, registers }),
  );
  return {
    metrics: {
      count: (name, labels, by = 1) => counted[name].inc({ ...labels }, Math.max(0, by)),
      set: (name, labels, value) => gauged[name].set({ ...labels }, value),
      time: (name, labels, seconds) => timed[name].observe({ ...labels }, Math.max(0, seconds)),
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
