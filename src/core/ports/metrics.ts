import type { NetworkId } from "../model/ids.ts";

/** Which way something crosses: from a network into rooms, or from rooms to a network. */
type Direction = "to-matrix" | "to-network";

/** Why an encrypted event could not be read, or was not believed; `in-clear`: it was not encrypted where it must be. */
export type Undecryptable =
  | "no-key"
  | "late-key"
  | "withheld"
  | "wrong-sender"
  | "unsigned"
  | "new-identity"
  | "replayed"
  | "malformed"
  | "in-clear";

/** Counters. The keys are the closed list of names, the values their labels. */
export interface Counters {
  /** Messages that reached the other side, or failed for good with a notice. */
  readonly messages: {
    readonly direction: Direction;
    readonly network: NetworkId;
    readonly outcome: "crossed" | "failed";
  };
  /** Requests that put an event into a room, and stanzas that put a message on a network. */
  readonly sends: { readonly direction: Direction; readonly outcome: "taken" | "refused" | "unreachable" };
  /** Times a queued row was tried again. */
  readonly retries: { readonly direction: Direction };
  /** Rows given up. */
  readonly dead_letters: { readonly direction: Direction };
  /** Transactions the homeserver pushed: committed, or refused because they could not be kept or read. */
  readonly transactions: { readonly outcome: "taken" | "refused" };
  /** Events in them that were new to us, and those known already. */
  readonly pushed_events: { readonly seen: "first" | "again" };
  /** Times the audit stream broke or started, and the seconds lanes were held for it. */
  readonly gaps: { readonly reason: "start" | "break" };
  readonly gap_seconds: { readonly reason: "start" | "break" };
  /** Connections to a network that ended, and those that were refused. */
  readonly disconnects: { readonly network: NetworkId; readonly reason: "lost" | "refused" };
  /** Encrypted events of people that were not read. */
  readonly undecryptable: { readonly reason: Undecryptable };
}

/** As {@link ConnectionState} names them. */
export const CONNECTION_STATES = ["connecting", "connected", "waiting", "refused"] as const;

/** Gauges. */
export interface Gauges {
  /** Rows waiting in a queue. */
  readonly lane_depth: { readonly queue: "hs_inbox" | "hs_outbox" | "net_inbox" | "net_outbox" };
  /** Logins of a network in each state of their connection. */
  readonly connections: {
    readonly network: NetworkId;
    readonly state: (typeof CONNECTION_STATES)[number];
  };
  /** Encrypted events of people that wait for their key. */
  readonly keys_awaited: Readonly<Record<string, never>>;
  /** Users of ours whose keys are in memory. */
  readonly crypto_machines: Readonly<Record<string, never>>;
  /** One-time keys of the bot's that are left at the homeserver. */
  readonly one_time_keys: Readonly<Record<string, never>>;
  /** Encrypted rooms to which nothing is sent, because encryption is off. */
  readonly shut_rooms: Readonly<Record<string, never>>;
  /** 1 where messages can cross, as `/ready` answers; else 0. */
  readonly ready: Readonly<Record<string, never>>;
}

/** Durations, in seconds. */
export interface Timings {
  /** From the last byte of a transaction to our answer. */
  readonly transaction_seconds: { readonly outcome: "taken" | "refused" };
  /** From being queued to being taken by the other side. */
  readonly crossing_seconds: { readonly direction: Direction; readonly network: NetworkId };
  /** One request that puts an event into a room. */
  readonly send_seconds: { readonly outcome: "taken" | "refused" | "unreachable" };
}

/** Counts what the bridge does. No call throws or waits. */
export interface Metrics {
  count<Name extends keyof Counters>(name: Name, labels: Counters[Name], by?: number): void;
  set<Name extends keyof Gauges>(name: Name, labels: Gauges[Name], value: number): void;
  time<Name extends keyof Timings>(name: Name, labels: Timings[Name], seconds: number): void;
}

/** Counts nothing; for tools and tests. */
export const noMetrics: Metrics = { count() {}, set() {}, time() {} };
