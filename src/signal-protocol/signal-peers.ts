import { PublicKey, SessionRecord } from "@signalapp/libsignal-client";
import type { LoginId } from "../core/model/ids.ts";
import { arrayBytes } from "./array-bytes.ts";
import { deviceKey } from "./device-key.ts";
import { NameLocks } from "./name-locks.ts";
import { RecentlyUsed } from "./recently-used.ts";
import type { AccountKey, DeviceAddress, SignalReads } from "./signal-records.ts";

/** What the store says, its silence too. */
interface Committed<T> {
  readonly value: T | undefined;
}

/** A session record is up to 7 kB outside the JavaScript heap. */
const CAPACITY = 2_000;

/**
 * The people a login exchanges messages with, shared by the login's own accounts: their committed identities and
 * sessions, and who of them is worked on at the moment.
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

  /** What is committed of somebody is read and changed by who holds them. */
  hold(names: ReadonlySet<string>): Promise<Disposable> {
    return this.#locks.hold(names);
  }

  async identity(name: string): Promise<PublicKey | undefined> {
    const known = this.#identities.get(name);
    if (known) return known.value;
    const value = await this.storedIdentity(name);
    this.#identities.set(name, { value });
    return value;
  }

  /** As the store has it now; whoever works on them does not matter. */
  async storedIdentity(name: string): Promise<PublicKey | undefined> {
    return readable(await this.reads.identity(this.login, name), PublicKey);
  }

  async session(of: AccountKey, address: DeviceAddress): Promise<SessionRecord | undefined> {
    const key = sessionKey(of, address);
    const known = this.#sessions.get(key);
    if (known) return known.value;
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

  /** Both are read anew by the next who asks. */
  forgetIdentity(name: string): void {
    this.#identities.delete(name);
  }

  forgetSession(of: AccountKey, address: DeviceAddress): void {
    this.#sessions.delete(sessionKey(of, address));
  }
}

const sessionKey = ({ account }: AccountKey, address: DeviceAddress): string =>
  `${account} ${deviceKey(address)}`;

/** A row that cannot be read is as good as none: the session is made anew. */
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
