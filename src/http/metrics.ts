import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { NetworkId } from "../core/model/ids.ts";
import type { Counters, Gauges, Metrics, Timings } from "../core/ports/metrics.ts";

/**
 * A metric's help line, and its labels in order with the values they may have; the networks' are given when it is made.
 * A missing name, label or value does not compile.
 */
type Declared<Table> = {
  readonly [Name in keyof Table]: {
    readonly help: string;
    readonly labels: {
      readonly [Label in keyof Table[Name]]: Label extends "network"
        ? "network"
        : { readonly [Value in Table[Name][Label] & string]: true };
    };
  };
};

const direction = { "to-matrix": true, "to-network": true } as const;
const reason = { start: true, break: true } as const;
const transactionOutcomes = { taken: true, refused: true } as const;
const sendOutcomes = { ...transactionOutcomes, unreachable: true } as const;
const undecryptable = {
  "no-key": true,
  "late-key": true,
  withheld: true,
  "wrong-sender": true,
  unsigned: true,
  "new-identity": true,
  replayed: true,
  malformed: true,
  "in-clear": true,
} as const;
const network = "network";

const counters: Declared<Counters> = {
  messages: {
    help: "Messages by where they were going and what became of them",
    labels: { direction, network, outcome: { crossed: true, failed: true } },
  },
  sends: {
    help: "Requests to a homeserver and stanzas to a network that carry a message",
    labels: { direction, outcome: sendOutcomes },
  },
  retries: { help: "Times a queued row was tried again", labels: { direction } },
  dead_letters: { help: "Rows given up", labels: { direction } },
  transactions: { help: "Transactions pushed by the homeserver", labels: { outcome: transactionOutcomes } },
  pushed_events: {
    help: "Events in pushed transactions, new to us or known already",
    labels: { seen: { first: true, again: true } },
  },
  gaps: { help: "Times the audit stream started or broke", labels: { reason } },
  gap_seconds: { help: "Seconds lanes were held while the audit stream caught up", labels: { reason } },
  disconnects: {
    help: "Connections to a network that were lost or refused",
    labels: { network, reason: { lost: true, refused: true } },
  },
  undecryptable: { help: "Encrypted events of people that were not read", labels: { reason: undecryptable } },
};

const gauges: Declared<Gauges> = {
  lane_depth: {
    help: "Rows waiting in a queue",
    labels: { queue: { hs_inbox: true, hs_outbox: true, net_inbox: true, net_outbox: true } },
  },
  connections: {
    help: "Logins by the state of their connection",
    labels: { network, state: { connecting: true, connected: true, waiting: true, refused: true } },
  },
  keys_awaited: { help: "Encrypted events of people that wait for their key", labels: {} },
  crypto_machines: { help: "Users of the bridge whose keys are in memory", labels: {} },
  one_time_keys: { help: "One-time keys of the bot left at the homeserver", labels: {} },
  shut_rooms: { help: "Encrypted rooms to which nothing is sent, as encryption is off", labels: {} },
  ready: { help: "1 where messages can cross, else 0", labels: {} },
};

const timings: Declared<Timings> = {
  transaction_seconds: {
    help: "Time to answer a pushed transaction",
    labels: { outcome: transactionOutcomes },
  },
  crossing_seconds: {
    help: "Time from being in the queue to the other side to being taken there",
    labels: { direction, network },
  },
  send_seconds: {
    help: "Time of one request that puts an event into a room",
    labels: { outcome: sendOutcomes },
  },
};

const buckets = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

export interface MetricsRegistry {
  readonly metrics: Metrics;
  readonly contentType: string;
  /** All metrics in the Prometheus text format. */
  text(): Promise<string>;
}

/** Every combination of label values of a metric. */
function series(
  labels: Readonly<Record<string, string | Readonly<Record<string, true>>>>,
  networks: readonly string[],
): readonly Readonly<Record<string, string>>[] {
  return Object.entries(labels).reduce<readonly Readonly<Record<string, string>>[]>(
    (all, [name, values]) =>
      all.flatMap((one) =>
        (typeof values === "string" ? networks : Object.keys(values)).map((value) => ({
          ...one,
          [name]: value,
        })),
      ),
    [{}],
  );
}

/** The bridge's metrics and the process's. Every series exists from the start. */
export function createMetrics(networks: readonly NetworkId[]): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const made = <Table, Metric>(
    table: Declared<Table>,
    make: (metric: { name: string; help: string; labelNames: string[]; registers: Registry[] }) => Metric,
    { suffix, begin }: { suffix: string; begin: (metric: Metric, labels: Record<string, string>) => void },
  ) => {
    const names = Object.keys(table) as (keyof Table & string)[];
    return Object.fromEntries(
      names.map((name) => {
        const { help, labels } = table[name];
        const labelNames = Object.keys(labels);
        const metric = make({ name: `bridge_${name}${suffix}`, help, labelNames, registers });
        for (const one of series(labels, networks)) begin(metric, one);
        return [name, metric];
      }),
    ) as Record<keyof Table, Metric>;
  };
  const counted = made(counters, (metric) => new Counter(metric), {
    suffix: "_total",
    begin: (metric, labels) => metric.inc(labels, 0),
  });
  const gauged = made(gauges, (metric) => new Gauge(metric), {
    suffix: "",
    begin: (metric, labels) => metric.set(labels, 0),
  });
  const timed = made(timings, (metric) => new Histogram({ ...metric, buckets }), {
    suffix: "",
    begin: (metric, labels) => metric.zero(labels),
  });
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
