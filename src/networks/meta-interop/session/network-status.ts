import type { LoginId } from "../../../core/model/ids.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { Ended, RemoteSink } from "../../../core/ports/network.ts";
import type { Store } from "../../../core/ports/store.ts";
import { loginScope } from "../record-scopes.ts";

const NAME = "ended";

interface NetworkStatusParts {
  readonly store: Store;
  readonly login: LoginId;
  readonly sink: RemoteSink;
  readonly log: Log;
}

/**
 * Whether the network works together with this bridge. Each change is passed on once, also across restarts, and is
 * stored when its consequences are.
 */
export class NetworkStatus {
  readonly #parts: NetworkStatusParts;
  #last: Promise<void> = Promise.resolve();

  constructor(parts: NetworkStatusParts) {
    this.#parts = parts;
  }

  ended(ending: Ended): Promise<void> {
    return this.#next(async () => {
      const { store, login, sink } = this.#parts;
      if ((await store.records.get(loginScope(login), NAME)) === ending.kind) return;
      await sink.ended(ending);
      await store.write((tx) => tx.records.set(loginScope(login), NAME, ending.kind));
    });
  }

  /** Passes on that the network works again, where it had ended in one of these ways. */
  resumed(...kinds: readonly Ended["kind"][]): Promise<void> {
    return this.#next(async () => {
      const { store, login, sink } = this.#parts;
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
      this.#parts.log.warn("a network's terms could not be stored", faultOf(error));
    });
    return done;
  }
}
