import type { LoginId, NetworkId } from "../model/ids.ts";
import { CONNECTION_STATES, type Metrics } from "../ports/metrics.ts";
import type { ConnectionState } from "../ports/network.ts";

type Kind = ConnectionState["kind"];

/** Counts the logins of each network by the state of their connection, and how often one was lost or refused. */
export class ConnectionCount {
  readonly #metrics: Metrics;
  readonly #states = new Map<LoginId, { readonly network: NetworkId; readonly kind: Kind }>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  state(login: LoginId, network: NetworkId, kind: Kind): void {
    const before = this.#states.get(login)?.kind;
    this.#states.set(login, { network, kind });
    this.#tell(network);
    if (kind === before || kind === "connected") return;
    if (kind === "refused") this.#metrics.count("disconnects", { network, reason: "refused" });
    else if (before === "connected") this.#metrics.count("disconnects", { network, reason: "lost" });
  }

  stopped(login: LoginId): void {
    const network = this.#states.get(login)?.network;
    this.#states.delete(login);
    if (network !== undefined) this.#tell(network);
  }

  #tell(network: NetworkId): void {
    const all = Array.from(this.#states.values()).filter((one) => one.network === network);
    for (const state of CONNECTION_STATES) {
      const count = all.filter(({ kind }) => kind === state).length;
      this.#metrics.set("connections", { network, state }, count);
    }
  }
}
