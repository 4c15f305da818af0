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

const LOOK_EVERY = 60_000;
/** Looks in a row with a connection: longer than a message that could not be decrypted is asked for again. */
const CONNECTED = 5;
/** Looks altogether, where no connection comes: a day. */
const ANYHOW = 1_440;
/** Of a login's events, at one look. */
const MOST = 500;

interface Waited {
  readonly looks: number;
  readonly connected: number;
}

/**
 * Bounds the time an edit, reaction or delete waits for the message it refers to. Looks are counted and not hours,
 * so that neither a jump of the clock nor an outage ends the waiting for what the network is about to bring.
 */
export class ParkedEvents implements Disposable {
  readonly #parts: ParkedEventsParts;
  #waited: ReadonlyMap<number, Waited> = new Map();
  #cancel: (() => void) | undefined;
  #disposed = false;

  constructor(parts: ParkedEventsParts) {
    this.#parts = parts;
  }

  /** Something may be waiting. */
  arm(): void {
    if (this.#disposed) return;
    this.#cancel ??= this.#parts.clock.after(LOOK_EVERY, () => void this.#look());
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel?.();
  }

  async #look(): Promise<void> {
    const { store, log } = this.#parts;
    this.#cancel = undefined;
    const still = new Map<number, Waited>();
    try {
      for (const { id } of await store.logins.all()) await this.#lookAt(id, still);
      this.#waited = still;
      if (still.size > 0) this.arm();
    } catch (error) {
      log.warn("what waits for another message could not be looked at", faultOf(error));
      this.arm();
    }
  }

  async #lookAt(login: LoginId, still: Map<number, Waited>): Promise<void> {
    const { store, connections, log } = this.#parts;
    const rows = await store.networkInbox.parked(login, MOST);
    const connected = connections.state(login).kind === "connected";
    for (const { seq } of rows) {
      const before = this.#waited.get(seq) ?? { looks: 0, connected: 0 };
      still.set(seq, { looks: before.looks + 1, connected: connected ? before.connected + 1 : 0 });
    }
    const overdue = rows.filter(({ seq }) => {
      const waited = still.get(seq);
      return waited !== undefined && (waited.connected >= CONNECTED || waited.looks >= ANYHOW);
    });
    if (overdue.length === 0) return;
    log.info("messages that others refer to did not come", { login, count: overdue.length });
    await store.write((tx) => overdue.forEach((row) => tx.networkInbox.overdue(row)));
  }
}
