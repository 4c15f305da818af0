import { type IdentityKeyPair, PublicKey, SenderKeyRecord, SessionRecord } from "@signalapp/libsignal-client";
import type { CommitGroup } from "../state/commit-group.ts";
import type { SecretKind, SignalTables } from "../state/signal-tables.ts";
import {
  type SignalChanges,
  type SignalReads,
  type SignalTransaction,
  senderKeyName,
  signalTransaction,
} from "./signal-transaction.ts";

/**
 * One person's Signal state. Between a transaction and its commit memory is ahead of the file: the next transaction
 * builds on memory at once, and several in one group write a session once. When a commit fails memory is dropped.
 */
export class SignalState implements SignalReads {
  readonly #person: string;
  readonly #tables: SignalTables;
  readonly #commits: CommitGroup;
  #pair: IdentityKeyPair;
  #registration: number;
  #sessions = new Map<string, SessionRecord | null>();
  #identities = new Map<string, PublicKey | null>();
  #pending = new Map<string, SessionRecord>();
  #senderKeys = new Map<string, SenderKeyRecord | null>();
  #writtenIn = 0;

  constructor(
    person: string,
    identity: { readonly pair: IdentityKeyPair; readonly registration: number },
    tables: SignalTables,
    commits: CommitGroup,
  ) {
    this.#person = person;
    this.#tables = tables;
    this.#commits = commits;
    this.#pair = identity.pair;
    this.#registration = identity.registration;
  }

  get pair(): IdentityKeyPair {
    return this.#pair;
  }
  get privateKey() {
    return this.#pair.privateKey;
  }
  get registration(): number {
    return this.#registration;
  }

  session(address: string): SessionRecord | null {
    const cached = this.#sessions.get(address);
    if (cached !== undefined) return cached;
    const row = this.#tables.session(this.#person, address);
    const record = row === undefined ? null : SessionRecord.deserialize(new Uint8Array(row));
    this.#sessions.set(address, record);
    return record;
  }

  identity(address: string): PublicKey | null {
    const cached = this.#identities.get(address);
    if (cached !== undefined) return cached;
    const row = this.#tables.identity(this.#person, address);
    const key = row === undefined ? null : PublicKey.deserialize(Uint8Array.from(row));
    this.#identities.set(address, key);
    return key;
  }

  prekey(kind: SecretKind, id: number): Uint8Array | undefined {
    return this.#tables.prekey(this.#person, kind, id);
  }

  kyberUsed(kyber: number, signed: number, base: Uint8Array): boolean {
    return this.#tables.kyberUsed(this.#person, kyber, signed, base);
  }

  senderKey(address: string, distribution: string): SenderKeyRecord | null {
    const name = senderKeyName(address, distribution);
    const cached = this.#senderKeys.get(name);
    if (cached !== undefined) return cached;
    const row = this.#tables.senderKey(this.#person, address, distribution);
    const record = row === undefined ? null : SenderKeyRecord.deserialize(Uint8Array.from(row));
    this.#senderKeys.set(name, record);
    return record;
  }

  /** Begins a transaction with one address. */
  transaction(address: string): SignalTransaction {
    return signalTransaction(this, address);
  }

  /** Commits a transaction's changes and `work` together. */
  async commit<T>(changes: SignalChanges, work: () => T): Promise<T> {
    for (const [address, record] of changes.sessions) {
      this.#sessions.set(address, record);
      this.#pending.set(address, record);
    }
    for (const [address, key] of changes.identities) this.#identities.set(address, key);
    for (const [name, { record }] of changes.senderKeys) this.#senderKeys.set(name, record);
    try {
      const { value, written } = await this.#commits.commit(() => {
        const written = this.#write(changes);
        return { value: work(), written };
      });
      for (const [address, record] of written) {
        if (this.#pending.get(address) === record) this.#pending.delete(address);
      }
      return value;
    } catch (failure) {
      this.#forgetMemory();
      throw failure;
    }
  }

  /** Takes a new identity, which the caller has written: nothing of the old one is left in memory. */
  replace(identity: { readonly pair: IdentityKeyPair; readonly registration: number }): void {
    this.#pair = identity.pair;
    this.#registration = identity.registration;
    this.#forgetMemory();
  }

  /** Writes the changed sessions once a commit group, for all of its transactions. */
  #writeSessions(): readonly (readonly [string, SessionRecord])[] {
    if (this.#writtenIn === this.#commits.attempt) return [];
    this.#writtenIn = this.#commits.attempt;
    const written = [...this.#pending];
    for (const [address, record] of written) {
      this.#tables.saveSession(this.#person, address, record.serialize());
    }
    return written;
  }

  #write(changes: SignalChanges): readonly (readonly [string, SessionRecord])[] {
    const written = this.#writeSessions();
    for (const [address, key] of changes.identities) {
      this.#tables.saveIdentity(this.#person, address, key.serialize());
    }
    for (const { address, distribution, record } of changes.senderKeys.values()) {
      this.#tables.saveSenderKey(this.#person, address, distribution, record.serialize());
    }
    for (const id of changes.spentEc) this.#tables.dropPrekey(this.#person, "ec", id);
    for (const { kyber, signed, base } of changes.kyberUses) {
      this.#tables.saveKyberUsed(this.#person, kyber, signed, base);
      this.#tables.dropPrekey(this.#person, "kyber", kyber);
    }
    return written;
  }

  #forgetMemory(): void {
    this.#sessions = new Map();
    this.#identities = new Map();
    this.#pending = new Map();
    this.#senderKeys = new Map();
  }
}
