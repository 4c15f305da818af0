import type { ProtocolAddress, PublicKey, SessionRecord } from "@signalapp/libsignal-client";
import type { Writes } from "../core/ports/store.ts";
import { PendingChanges, sessionBytes } from "./pending-changes.ts";
import { sessionId } from "./session-id.ts";
import type { DeviceAddress } from "./signal-records.ts";
import { type SignalBase, TransactionStores } from "./transaction-stores.ts";

/** The outcome of a step; a failed one changes nothing in the work. */
type Step<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown };

/**
 * A unit of work on some people, all their devices included; no other one works on them until it is disposed. The
 * ratchet steps of many devices are committed together, with what they encrypted or decrypted.
 */
export class SignalTransaction implements Disposable {
  readonly #base: SignalBase;
  readonly #stores: TransactionStores;
  readonly #names: ReadonlySet<string>;
  readonly #lock: Disposable;
  #lastStep: Promise<unknown> = Promise.resolve();

  /** `lock`: the peers' lock on `names`, which the unit of work releases. */
  constructor(base: SignalBase, names: ReadonlySet<string>, lock: Disposable) {
    this.#base = base;
    this.#stores = new TransactionStores(base);
    this.#names = names;
    this.#lock = lock;
  }

  /** Our own device. */
  get local(): ProtocolAddress {
    return this.#base.local;
  }

  /** Whether a person's identity was replaced in this work, and that is not yet committed. */
  identityChanged(name: string): boolean {
    return this.#stores.pending.identity(name)?.changed ?? false;
  }

  /** A person's identity after this work. */
  async identity(name: string): Promise<PublicKey | undefined> {
    this.#require(name);
    return this.#stores.identity(name);
  }

  async session(address: DeviceAddress): Promise<SessionRecord | undefined> {
    this.#require(address.name);
    return this.#stores.session(address);
  }

  /** The id of the session that encrypts now, see session-id.ts; undefined where there is none. */
  async sessionId(address: DeviceAddress): Promise<string | undefined> {
    const session = await this.session(address);
    return session && sessionId(sessionBytes(session));
  }

  /** The devices with which there are sessions, of one person, archived ones too, ascending. */
  async devices(name: string): Promise<readonly number[]> {
    this.#require(name);
    const committed = await this.#base.peers.reads.devices(this.#base.of, name);
    const pending = this.#stores.pending.sessions.filter(({ address }) => address.name === name);
    return [...new Set([...committed, ...pending.map(({ address }) => address.device)])].sort(
      (a, b) => a - b,
    );
  }

  /**
   * Runs a step on the devices of `name`, after the steps before it. Rejects only where the store fails, or `name` was
   * not given to the constructor. `newSession`: whether the step makes a session; where it decrypts a first message,
   * that is found out by itself.
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

  /** The writes of the work done so far. */
  record(): (tx: Writes) => void {
    return this.#stores.pending.record(this.#base.of);
  }

  /** Puts the committed changes into the peers' cache; called when the record is on disk. */
  publish(): void {
    const { peers, of } = this.#base;
    const { sessions, identities } = this.#stores.pending;
    for (const { address, record } of sessions) peers.setSession(of, address, record);
    for (const { name, key } of identities) peers.setIdentity(name, key);
    this.#stores.pending = new PendingChanges();
  }

  /**
   * Releases the people. Cached values that this work changed and did not publish are dropped, as they may or may not
   * be on disk.
   */
  [Symbol.dispose](): void {
    const { peers, of } = this.#base;
    const { sessions, identities } = this.#stores.pending;
    for (const { address } of sessions) peers.forgetSession(of, address);
    for (const { name } of identities) peers.forgetIdentity(name);
    this.#stores.pending = new PendingChanges();
    this.#lock[Symbol.dispose]();
  }

  #require(name: string): void {
    if (!this.#names.has(name)) throw new Error("a work is done only on whom it was begun for");
  }
}
