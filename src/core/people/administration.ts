import type { Connections } from "../chats/connections.ts";
import type { LoginId, NetworkId, UserId } from "../model/ids.ts";
import type { ConnectionState, Network, NetworkTrouble } from "../ports/network.ts";
import type { DeadLetter, Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

interface AdministrationParts {
  readonly store: Store;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly connections: Connections;
  readonly logins: {
    /** Runs something while none of the person's logins on the network is being left. */
    undisturbed<T>(user: UserId, network: Network, act: () => Promise<T>): Promise<T>;
  };
}

/** Somebody's login, and how it does. */
interface LoginReport {
  readonly login: Login;
  /** Undefined where it is not in the configuration. */
  readonly network: Network | undefined;
  readonly state: ConnectionState;
  readonly trouble: NetworkTrouble | undefined;
  /** What could not cross in the last 30 days. */
  readonly lost: number;
}

export type QueueName = "matrix_inbox" | "matrix_outbox" | "network_inbox" | "network_outbox";

interface QueueReport {
  readonly name: QueueName;
  readonly rows: number;
  /** Rooms or chats for which rows wait. */
  readonly lanes: number;
}

/** What an administrator looks at and does: ids, counts and reasons, and nothing that anybody wrote. */
export class Administration {
  readonly #parts: AdministrationParts;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
  }

  async logins(): Promise<readonly LoginReport[]> {
    const { store, networks, connections } = this.#parts;
    return Promise.all(
      (await store.logins.all()).map(async (login) => {
        const state = connections.state(login.id);
        return {
          login,
          network: networks.get(login.network),
          state,
          trouble: state.kind === "waiting" || state.kind === "refused" ? state.trouble : undefined,
          lost: await store.deadLetters.count(login.id),
        };
      }),
    );
  }

  async queues(): Promise<readonly QueueReport[]> {
    const { matrixInbox, matrixOutbox, networkInbox, networkOutbox } = this.#parts.store;
    const queues = [
      ["matrix_inbox", matrixInbox],
      ["matrix_outbox", matrixOutbox],
      ["network_inbox", networkInbox],
      ["network_outbox", networkOutbox],
    ] as const;
    return Promise.all(
      queues.map(async ([name, queue]) => ({
        name,
        rows: await queue.count(),
        lanes: (await queue.lanes()).length,
      })),
    );
  }

  /** The newest first, without what they say. */
  async deadLetters(limit: number): Promise<readonly Omit<DeadLetter, "body">[]> {
    const letters = await this.#parts.store.deadLetters.newest(limit);
    return letters.map(({ direction, key, ref, reason, at }) => ({ direction, key, ref, reason, at }));
  }

  /** Ends the connections of these logins and starts new ones; resolves with those that were begun. */
  async reconnect(wanted: readonly LoginId[]): Promise<readonly LoginId[]> {
    const begun = await Promise.all(wanted.map((id) => this.#reconnect(id)));
    return wanted.filter((_, index) => begun[index]);
  }

  async #reconnect(id: LoginId): Promise<boolean> {
    const { store, networks, connections, logins } = this.#parts;
    const login = await store.logins.get(id);
    const network = login && networks.get(login.network);
    if (!network) return false;
    return logins.undisturbed(login.user, network, async () => {
      await connections.stop(id);
      // It may have been turned off meanwhile.
      const now = await store.logins.get(id);
      if (now?.state !== "active") return false;
      connections.start(now);
      return true;
    });
  }
}
