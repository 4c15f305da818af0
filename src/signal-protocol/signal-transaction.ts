import type { ProtocolAddress, PublicKey, SessionRecord } from "@signalapp/libsignal-client";
import type { Writes } from "../core/ports/store.ts";
import { PendingChanges, sessionBytes } from "./pending-changes.ts";
import { sessionId } from "./session-id.ts";
import type { DeviceAddress } from "./signal-records.ts";
import { type SignalBase, TransactionStores } from "./transaction-stores.ts";

/** What became of a step; of one that failed nothing is left in the work. */
type Step<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown };

/**
 * One unit of work on some people, all their devices included; nobody else works on them until it is disposed. The
 * ratchet steps of many devices are committed together, with what was encrypted or decrypted by them.
 */
export class SignalTransaction implements Disposable {
  readonly #base: SignalBase;
  readonly #stores: TransactionStores;
  readonly #names: ReadonlySet<string>;
  readonly #held: Disposable;
  #lastStep: Promise<unknown> = Promise.resolve();

  /** `held`: what was held of `names` in the base's peers; the work lets go of it. */
  constructor(base: SignalBase, names: ReadonlySet<string>, held: Disposable) {
    this.#base = base;
    this.#stores = new TransactionStores(base);
    this.#names = names;
    this.#held = held;
  }

  /** Our own device. */
  get local(): ProtocolAddress {
    return this.#base.local;
  }

  /** Whether another identity took the place of the known one, and that is not committed yet. */
  identityChanged(name: string): boolean {
    return this.#stores.pending.identity(name)?.changed ?? false;
  }

  /** A person's identity in force after this work. */
  async identity(name: string): Promise<PublicKey | undefined> {
    this.#require(name);
    return this.#stores.identity(name);
  }

  async session(address: DeviceAddress): Promise<SessionRecord | undefined> {
    this.#require(address.name);
    return this.#stores.session(address);
  }

  /** Which session encrypts now, see session-id.ts; undefined where there is none. */
  async sessionId(address: DeviceAddress): Promise<string | undefined> {
    const session = await this.session(address);
    return session && sessionId(sessionBytes(session));
  }

  /** The devices of a person that there are sessions with, archived ones too, ascending. */
  async devices(name: string): Promise<readonly number[]> {
    this.#require(name);
    const committed = await this.#base.peers.reads.devices(this.#base.of, name);
    const pending = this.#stores.pending.sessions.filter(({ address }) => address.name === name);
    return [...new Set([...committed, ...pending.map(({ address }) => address.device)])].sort(
      (a, b) => a - b,
    );
  }

  /**
   * One step on the devices of `name`, after the steps before it. Rejects only where the store fails, or where the work
   * does not hold `name`. `newSession`: whether it makes one; a step that is given a first message finds out by itself.
   */
  step<T>(
    name: string,
    act: (stores: TransactionStores) => Promise<T>,
    { newSession = false } = {},
  ): Promise<Step<T>> {
    const step = this.#lastStep.then(async (): Promise<Step<T>> => {
      this.#require(name);
      const stores = this.#stores;
      const undo = stores.pending.savepoint();
      stores.newSession = newSession;
      stores.fault = undefined;
      try {
        return { kind: "done", value: await act(stores) };
      } catch (error) {
        undo();
        if (stores.fault !== undefined) throw stores.fault;
        return { kind: "failed", error };
      }
    });
    this.#lastStep = step.catch(() => undefined);
    return step;
  }

  /** What to store for the work done so far. */
  record(): (tx: Writes) => void {
    return this.#stores.pending.record(this.#base.of);
  }

  /** To be called once the record is on disk. */
  publish(): void {
    const { peers, of } = this.#base;
    const { sessions, identities } = this.#stores.pending;
    for (const { address, record } of sessions) peers.setSession(of, address, record);
    for (const { name, key } of identities) peers.setIdentity(name, key);
    this.#stores.pending = new PendingChanges();
  }

  /** Lets go of the people. Of what was not published nobody knows here whether it is on disk: it is read anew. */
  [Symbol.dispose](): void {
    const { peers, of } = this.#base;
    const { sessions, identities } = this.#stores.pending;
    for (const { address } of sessions) peers.forgetSession(of, address);
    for (const { name } of identities) peers.forgetIdentity(name);
    this.#stores.pending = new PendingChanges();
    this.#held[Symbol.dispose]();
  }

  #require(name: string): void {
    if (!this.#names.has(name)) throw new Error("a work is done only on whom it was begun for");
  }
}
