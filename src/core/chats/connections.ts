import type { LoginId, NetworkId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { ConnectionState, Found, Network, NetworkClient, RemoteSink } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { FormerIds } from "../runtime/former-ids.ts";
import { ConnectionCount } from "./connection-count.ts";

interface ConnectionsParts {
  readonly store: Pick<Store, "formerIds">;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly sinkOf: (login: Login, network: Network) => RemoteSink;
  /** Called when a login's connection was stopped. */
  readonly stopped: (login: LoginId) => void;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The open connections, one for each login. */
export class Connections implements AsyncDisposable {
  readonly #parts: ConnectionsParts;
  readonly #clients = new Map<LoginId, NetworkClient>();
  readonly #networks = new Map<LoginId, NetworkId>();
  readonly #since = new Map<LoginId, { readonly kind: ConnectionState["kind"]; readonly at: number }>();
  readonly #count: ConnectionCount;

  #closed = false;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
    this.#count = new ConnectionCount(parts.metrics);
  }

  client(login: LoginId): NetworkClient | undefined {
    return this.#clients.get(login);
  }

  /**
   * Looks a contact up by what a person typed, on a login's open connection; who is known by another id now is found by
   * that. Undefined where it is not connected. Throws BridgeError.
   */
  async find(login: LoginId, typed: string): Promise<Found | undefined> {
    const client = this.#clients.get(login);
    if (client?.state.kind !== "connected") return undefined;
    const found = await client.find(typed);
    if (found.kind === "not-found") return found;
    const formerIds = new FormerIds(this.#parts.store, login);
    await formerIds.load();
    const { contact } = found;
    const [chat, person] = [formerIds.chat(contact.chat), formerIds.person(contact.person)];
    return { kind: "found", contact: { ...contact, chat, person } };
  }

  networkOf(login: LoginId): NetworkId | undefined {
    return this.#networks.get(login);
  }

  state(login: LoginId): ConnectionState {
    return this.#clients.get(login)?.state ?? { kind: "refused", words: "Not connected." };
  }

  /** When its connection came into the state it is in, in milliseconds since the epoch; undefined where it has none. */
  since(login: LoginId): number | undefined {
    return this.#since.get(login)?.at;
  }

  /** Starts a login's connection. A failure is logged and leaves the other logins alone. */
  start(login: Login): void {
    const network = this.#parts.networks.get(login.network);
    if (!network || this.#closed || this.#clients.has(login.id)) return;
    const { sinkOf } = this.#parts;
    this.#networks.set(login.id, network.id);
    this.#entered(login.id, network.id, "connecting");
    try {
      const sink = sinkOf(login, network);
      const state: RemoteSink["state"] = (now) => {
        if (this.#networks.has(login.id)) this.#entered(login.id, network.id, now.kind);
        sink.state(now);
      };
      this.#clients.set(login.id, network.connect(login, { ...sink, state }));
    } catch (error) {
      this.#entered(login.id, network.id, "refused");
      this.#parts.log.error("a login could not be started", { login: login.id, ...faultOf(error) });
    }
  }

  async stop(login: LoginId): Promise<void> {
    const client = this.#clients.get(login);
    this.#clients.delete(login);
    this.#networks.delete(login);
    this.#since.delete(login);
    this.#count.stopped(login);
    this.#parts.stopped(login);
    await client?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#clients.keys()].map((login) => this.stop(login)));
  }

  #entered(login: LoginId, network: NetworkId, kind: ConnectionState["kind"]): void {
    this.#count.state(login, network, kind);
    if (this.#since.get(login)?.kind !== kind) this.#since.set(login, { kind, at: this.#parts.clock.now() });
  }
}
