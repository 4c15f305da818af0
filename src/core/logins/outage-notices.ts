import { handleOf } from "../chats/login-handle.ts";
import type { LoginId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { ConnectionState, Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { RecordReads, Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Tell } from "../runtime/tell.ts";

/** Milliseconds without a connection after which the person is told. */
const NOTICE_AFTER = 180_000;
/** What a login's person was told last of its network and is still so: that it is away, or why it refuses them. */
export async function toldOutage(
  records: Pick<RecordReads, "get">,
  login: LoginId,
): Promise<{ readonly kind: "away" } | { readonly kind: "refused"; readonly words: string } | undefined> {
  const words = await records.get(scopeOf(login), TOLD_NAME);
  if (words === undefined) return undefined;
  return words === AWAY ? { kind: "away" } : { kind: "refused", words };
}

/** The record of what the login's person was told last and is still so. */
const TOLD_NAME = "outage";
const AWAY = "away";
const scopeOf = (login: LoginId): string => `login/${login}/told`;

interface OutageNoticesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: Tell;
}

/**
 * Tells a person in their management room that their network is away for long, or refuses them, and that it is back;
 * each once, also across restarts.
 */
export class OutageNotices implements Disposable {
  readonly #parts: OutageNoticesParts;
  /** Cancels the timer of a login that is without its network. */
  readonly #timers = new Map<LoginId, () => void>();
  readonly #serial = new SerialByKey();
  #closed = false;

  constructor(parts: OutageNoticesParts) {
    this.#parts = parts;
  }

  state(login: Login, network: Network, state: ConnectionState): void {
    if (state.kind === "connected") {
      this.forget(login.id);
      return this.#tell(login, network, undefined, "is connected again. What waited is on its way.");
    }
    if (state.kind === "refused") {
      this.forget(login.id);
      return this.#tell(login, network, state.words, `refused the connection. ${state.words}`);
    }
    if (this.#timers.has(login.id)) return;
    const words = `has not been reachable for some minutes. What you write is kept and goes by itself when it is back, and what your contacts write waits there.`;
    this.#timers.set(
      login.id,
      this.#parts.clock.after(NOTICE_AFTER, () => this.#tell(login, network, AWAY, words)),
    );
  }

  /** Cancels the timer, as the login is connected, refused or removed. */
  forget(login: LoginId): void {
    this.#timers.get(login)?.();
    this.#timers.delete(login);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
  }

  /**
   * Tells a change. `what` is so from now on; undefined means that nothing is, which is told only where something was.
   * `words` follow the network's name and, where there are several, the account's.
   */
  #tell(login: Login, network: Network, what: string | undefined, words: string): void {
    const { store, tell, log } = this.#parts;
    const scope = scopeOf(login.id);
    const told = this.#serial.run(login.id, async () => {
      const before = await store.records.get(scope, TOLD_NAME);
      // A person who was refused is not told that the network is away.
      if (this.#closed || before === what || (what === AWAY && before !== undefined)) return;
      const handle = await handleOf(store, login);
      const name = handle === network.id ? network.name : `${network.name} (${handle})`;
      await tell(login.user, `${name} ${words}`, (tx) =>
        what === undefined ? tx.records.remove(scope, TOLD_NAME) : tx.records.set(scope, TOLD_NAME, what),
      );
    });
    told.catch((error: unknown) => {
      if (!this.#closed)
        log.warn("a person could not be told of a network", { login: login.id, ...faultOf(error) });
    });
  }
}
