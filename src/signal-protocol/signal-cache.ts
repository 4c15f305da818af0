import { PublicKey, SessionRecord } from "@signalapp/libsignal-client";
import type { LoginId } from "../core/model/ids.ts";
import { arrayBytes } from "./array-bytes.ts";
import type { SignalReads } from "./signal-records.ts";

/** What is committed for an address. */
export interface Peer {
  readonly session: SessionRecord | undefined;
  readonly identity: PublicKey | undefined;
}

/** A session record is 1–2 kB outside the JavaScript heap. */
const CAPACITY = 2_000;

/** Committed sessions and identities of one login, the least recently used forgotten first. */
export class SignalCache {
  readonly #reads: SignalReads;
  readonly #login: LoginId;
  readonly #peers = new Map<string, Peer>();

  constructor(reads: SignalReads, login: LoginId) {
    this.#reads = reads;
    this.#login = login;
  }

  async get(address: string): Promise<Peer> {
    const cached = this.#peers.get(address);
    if (cached) {
      this.#peers.delete(address);
      this.#peers.set(address, cached);
      return cached;
    }
    const [session, identity] = await Promise.all([
      this.#reads.session(this.#login, address),
      this.#reads.identity(this.#login, address),
    ]);
    const peer = { session: readable(session, SessionRecord), identity: readable(identity, PublicKey) };
    this.put(address, peer);
    return peer;
  }

  put(address: string, peer: Peer): void {
    this.#peers.delete(address);
    this.#peers.set(address, peer);
    if (this.#peers.size <= CAPACITY) return;
    for (const oldest of this.#peers.keys()) {
      this.#peers.delete(oldest);
      return;
    }
  }

  forget(address: string): void {
    this.#peers.delete(address);
  }
}

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
