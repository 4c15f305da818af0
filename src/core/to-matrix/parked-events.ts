import type { Connections } from "../chats/connections.ts";
import type { LoginId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";

interface ParkedEventsParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly log: Log;
}

const CHECK_EVERY = 60_000;
/** The most checks in a row with a connection: longer than an undecryptable message is asked for again. */
const MAX_CONNECTED_CHECKS = 5;
/** The most checks without a connection: a day. */
const MAX_CHECKS = 1_440;
/** The most rows of a login in one check. */
const MAX_ROWS = 500;

interface ParkedWait {
  readonly checks: number;
  readonly connected: number;
}

/**
 * Bounds how long an event waits for the message it refers to. Checks are counted instead of hours, so that neither a
 * clock's jump nor an outage ends the wait for what the network is about to bring.
 */
export class ParkedEvents implements Disposable {
  readonly #parts: ParkedEventsParts;
  #waited: ReadonlyMap<number, ParkedWait> = new Map();
  #cancel: (() => void) | undefined;
  #disposed = false;

  constructor(parts: ParkedEventsParts) {
    this.#parts = parts;
  }

  /** Sets the timer; called when events may be parked. */
  arm(): void {
    if (this.#disposed) return;
    this.#cancel ??= this.#parts.clock.after(CHECK_EVERY, () => void this.#checkAll());
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel?.();
  }

  async #checkAll(): Promise<void> {
    const { store, log } = this.#parts;
    this.#cancel = undefined;
    const waits = new Map<number, ParkedWait>();
    try {
      for (const { id } of await store.logins.all()) await this.#checkLogin(id, waits);
      this.#waited = waits;
      if (waits.size > 0) this.arm();
    } catch (error) {
      log.warn("what waits for another message could not be looked at", faultOf(error));
      this.arm();
    }
  }

  async #checkLogin(login: LoginId, waits: Map<number, ParkedWait>): Promise<void> {
    const { store, connections, log } = this.#parts;
    const rows = await store.networkInbox.parked(login, MAX_ROWS);
    const connected = connections.state(login).kind === "connected";
    for (const { seq } of rows) {
      const before = this.#waited.get(seq) ?? { checks: 0, connected: 0 };
      waits.set(seq, { checks: before.checks + 1, connected: connected ? before.connected + 1 : 0 });
    }
    const overdue = rows.filter(({ seq }) => {
      const wait = waits.get(seq);
      return wait !== undefined && (wait.connected >= MAX_CONNECTED_CHECKS || wait.checks >= MAX_CHECKS);
    });
    if (overdue.length === 0) return;
    log.info("messages that others refer to did not come", { login, count: overdue.length });
    await store.write((tx) => overdue.forEach((row) => tx.networkInbox.overdue(row)));
  }
}
