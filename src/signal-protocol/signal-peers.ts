import { PublicKey, SessionRecord } from "@signalapp/libsignal-client";
import type { LoginId } from "../core/model/ids.ts";
import { arrayBytes } from "./array-bytes.ts";
import { deviceKey } from "./device-key.ts";
import { NameLocks } from "./name-locks.ts";
import { RecentlyUsed } from "./recently-used.ts";
import type { AccountKey, DeviceAddress, SignalReads } from "./signal-records.ts";

/** What is committed, cached also where it is nothing. */
interface Committed<T> {
  readonly value: T | undefined;
}

/** The most cached values of each kind; a session record takes up to 7 kB outside the JavaScript heap. */
const CAPACITY = 2_000;

/**
 * The people a login exchanges messages with, shared by its own accounts: caches their committed identities and
 * sessions, and locks them for units of work.
 */
export class SignalPeers {
  readonly reads: SignalReads;
  readonly login: LoginId;
  readonly #identities = new RecentlyUsed<Committed<PublicKey>>(CAPACITY);
  readonly #sessions = new RecentlyUsed<Committed<SessionRecord>>(CAPACITY);
  readonly #locks = new NameLocks();

  constructor(reads: SignalReads, login: LoginId) {
    this.reads = reads;
    this.login = login;
  }

  /** Locks these people for one unit of work, the only one that reads and changes their cached values meanwhile. */
  hold(names: ReadonlySet<string>): Promise<Disposable> {
    return this.#locks.hold(names);
  }

  /**
   * Resolves when no unit of work is under way; none begins from now on, but fails with `reason`. Other peers of the
   * same login, which read what these have stored, may be made then.
   */
  close(reason: Error): Promise<void> {
    return this.#locks.close(reason);
  }

  async identity(name: string): Promise<PublicKey | undefined> {
    const cached = this.#identities.get(name);
    if (cached) return cached.value;
    const value = await this.storedIdentity(name);
    this.#identities.set(name, { value });
    return value;
  }

  /** The identity as the store has it now, even while a unit of work holds the person. */
  async storedIdentity(name: string): Promise<PublicKey | undefined> {
    return readable(await this.reads.identity(this.login, name), PublicKey);
  }

  async session(of: AccountKey, address: DeviceAddress): Promise<SessionRecord | undefined> {
    const key = sessionKey(of, address);
    const cached = this.#sessions.get(key);
    if (cached) return cached.value;
    const value = readable(await this.reads.session(of, address), SessionRecord);
    this.#sessions.set(key, { value });
    return value;
  }

  setIdentity(name: string, value: PublicKey): void {
    this.#identities.set(name, { value });
  }

  setSession(of: AccountKey, address: DeviceAddress, value: SessionRecord): void {
    this.#sessions.set(sessionKey(of, address), { value });
  }

  /** Drops a cached identity; the next call reads it from the store. */
  forgetIdentity(name: string): void {
    this.#identities.delete(name);
  }

  forgetSession(of: AccountKey, address: DeviceAddress): void {
    this.#sessions.delete(sessionKey(of, address));
  }
}

const sessionKey = ({ account }: AccountKey, address: DeviceAddress): string =>
  `${account} ${deviceKey(address)}`;

/** Undefined also for an unreadable row: then a new session is made. */
function readable<T>(
  bytes: Uint8Array | undefined,
  type: { deserialize(bytes: Uint8Array<ArrayBuffer>): T },
): T | undefined {
  if (!bytes) return undefined;
  try {
    return type.deserialize(arrayBytes(bytes));
  } catch {
    return undefined;
  }
}
