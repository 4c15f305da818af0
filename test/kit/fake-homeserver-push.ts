import { createHash } from "node:crypto";
import { Pool } from "undici";
import type { FakeEvent } from "./fake-homeserver-state.ts";

const MOST = 100;

export interface PushQuirks {
  /** The number of next events that are not pushed; only `/sync` has them. */
  drop: number;
  /** The number of next transactions that are pushed twice, under two ids. */
  repeat: number;
  /** While true nothing is pushed. */
  held: boolean;
}

interface Target {
  readonly url: string;
  readonly hsToken: string;
  /** Milliseconds before a failed transaction comes again; doubled up to a second. */
  readonly retryMs: number;
  readonly transactionIds: "counted" | "hashed";
}

/** Pushes transactions as Synapse does: one at a time, repeated until accepted; waiting events are only in memory. */
export class Pusher {
  readonly quirks: PushQuirks = { drop: 0, repeat: 0, held: false };
  taken = 0;
  transactions = 0;
  /** Milliseconds since the epoch. */
  lastTakenAt: number | undefined;
  readonly #target: Target;
  readonly #pool: Pool;
  #queue: FakeEvent[] = [];
  #ephemeral: object[] = [];
  #txn = 0;
  #running = false;
  #closed = false;
  #wake: (() => void) | undefined;
  #idle: (() => void)[] = [];

  constructor(target: Target) {
    this.#target = target;
    this.#pool = new Pool(new URL(target.url).origin, { connections: 1, pipelining: 1 });
  }

  get waiting(): number {
    return this.#queue.length;
  }

  event(event: FakeEvent): void {
    if (this.quirks.drop > 0) {
      this.quirks.drop -= 1;
      return;
    }
    this.#queue.push(event);
    this.#start();
  }

  ephemeral(edu: object): void {
    this.#ephemeral.push(edu);
    this.#start();
  }

  release(): void {
    this.quirks.held = false;
    this.#start();
  }

  /** Restarts: all events are lost but those of the running transaction. */
  restart({ ids }: { readonly ids: boolean }): void {
    this.#queue = [];
    this.#ephemeral = [];
    if (ids) this.#txn = 0;
  }

  /** Resolves when every waiting event was accepted. */
  settled(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    await this.#pool.destroy();
  }

  #start(): void {
    if (this.#running || this.#closed || this.quirks.held) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while ((this.#queue.length > 0 || this.#ephemeral.length > 0) && !this.quirks.held && !this.#closed) {
      const events = this.#queue.splice(0, MOST);
      const ephemeral = this.#ephemeral.splice(0, MOST);
      await this.#deliver(events, ephemeral);
      if (this.quirks.repeat > 0) {
        this.quirks.repeat -= 1;
        await this.#deliver(events, []);
      }
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #deliver(events: readonly FakeEvent[], ephemeral: readonly object[]): Promise<void> {
    this.#txn += 1;
    const body = JSON.stringify({
      events: events.map(({ stream: _stream, ...event }) => event),
      ephemeral,
      "de.sorunome.msc2409.ephemeral": ephemeral,
    });
    const hashed = this.#target.transactionIds === "hashed";
    const id = hashed ? createHash("sha256").update(body).digest("base64url") : this.#txn;
    const path = `/_matrix/app/v1/transactions/${id}`;
    for (let wait = this.#target.retryMs; !this.#closed; wait = Math.min(1000, wait * 2)) {
      if (await this.#put(path, body)) {
        this.taken += events.length;
        this.transactions += 1;
        this.lastTakenAt = Date.now();
        return;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #put(path: string, body: string): Promise<boolean> {
    try {
      const headers = { authorization: `Bearer ${this.#target.hsToken}`, "content-type": "application/json" };
      const response = await this.#pool.request({ method: "PUT", path, headers, body });
      await response.body.dump();
      return response.statusCode >= 200 && response.statusCode < 300;
    } catch {
      return false;
    }
  }
}
