import { type IdentityKeyPair, PublicKey, SessionRecord } from "@signalapp/libsignal-client";
import type { CommitGroup } from "../state/commit-group.ts";
import type { SecretKind, SignalTables } from "../state/signal-tables.ts";
import { type Changes, type Committed, overlay, type SignalTransaction } from "./signal-transaction.ts";

/**
 * One person's Signal state. Between an operation and its commit memory is ahead of the file: the next operation
 * builds on it at once, and several of one group write a session once. When a commit fails everything is read anew.
 */
export class SignalState implements Committed {
  readonly #person: string;
  readonly #tables: SignalTables;
  readonly #commits: CommitGroup;
  #pair: IdentityKeyPair;
  #registration: number;
  #sessions = new Map<string, SessionRecord | null>();
  #identities = new Map<string, PublicKey | null>();
  #pending = new Map<string, SessionRecord>();
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

  /** Begins something with one other party. */
  operation(address: string): SignalTransaction {
    return overlay(this, address);
  }

  /** Commits what an operation changed and `work` together. */
  async commit<T>(changes: Changes, work: () => T): Promise<T> {
    for (const [address, record] of changes.sessions) {
      this.#sessions.set(address, record);
      this.#pending.set(address, record);
    }
    for (const [address, key] of changes.identities) this.#identities.set(address, key);
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

  /** A new identity, written by the caller: all sessions, keys and prekeys of the old one are gone. */
  replace(identity: { readonly pair: IdentityKeyPair; readonly registration: number }): void {
    this.#pair = identity.pair;
    this.#registration = identity.registration;
    this.#forgetMemory();
  }

  /** Writes the sessions once in a group, whichever of its operations comes first. */
  #writeSessions(): readonly (readonly [string, SessionRecord])[] {
    if (this.#writtenIn === this.#commits.attempt) return [];
    this.#writtenIn = this.#commits.attempt;
    const written = [...this.#pending];
    for (const [address, record] of written) {
      this.#tables.saveSession(this.#person, address, record.serialize());
    }
    return written;
  }

  #write(changes: Changes): readonly (readonly [string, SessionRecord])[] {
    const written = this.#writeSessions();
    for (const [address, key] of changes.identities) {
      this.#tables.saveIdentity(this.#person, address, key.serialize());
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
  }
}
