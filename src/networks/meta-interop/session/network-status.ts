import type { LoginId } from "../../../core/model/ids.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { Ended, RemoteSink } from "../../../core/ports/network.ts";
import type { Store } from "../../../core/ports/store.ts";
import { loginScope } from "../record-scopes.ts";

const NAME = "ended";

interface NetworkStatusOptions {
  readonly store: Store;
  readonly login: LoginId;
  readonly sink: RemoteSink;
  readonly log: Log;
}

/**
 * Whether the network works together with us. Each change is told once, also across restarts; it counts as told when
 * what follows from it is stored.
 */
export class NetworkStatus {
  readonly #options: NetworkStatusOptions;
  #last: Promise<void> = Promise.resolve();

  constructor(options: NetworkStatusOptions) {
    this.#options = options;
  }

  ended(what: Ended): Promise<void> {
    return this.#next(async () => {
      const { store, login, sink } = this.#options;
      if ((await store.records.get(loginScope(login), NAME)) === what.kind) return;
      await sink.ended(what);
      await store.write((tx) => tx.records.set(loginScope(login), NAME, what.kind));
    });
  }

  /** What the network says now means that nothing of these kinds is so any more. */
  backFrom(...kinds: readonly Ended["kind"][]): Promise<void> {
    return this.#next(async () => {
      const { store, login, sink } = this.#options;
      const kind = await store.records.get(loginScope(login), NAME);
      if (!kinds.some((one) => one === kind)) return;
      await sink.resumed();
      await store.write((tx) => tx.records.remove(loginScope(login), NAME));
    });
  }

  /** Rejects where the store fails. */
  #next(act: () => Promise<void>): Promise<void> {
    const done = this.#last.then(act);
    this.#last = done.catch((error: unknown) => {
      this.#options.log.warn("a network's terms could not be stored", faultOf(error));
    });
    return done;
  }
}
