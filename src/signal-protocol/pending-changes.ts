import { Buffer } from "node:buffer";
import type { PublicKey, SenderKeyRecord, SessionRecord } from "@signalapp/libsignal-client";
import type { Writes } from "../core/ports/store.ts";
import { deviceKey } from "./device-key.ts";
import {
  type AccountKey,
  type DeviceAddress,
  type KyberUse,
  type PreKeyKind,
  signalRecords,
} from "./signal-records.ts";

interface ChangedSession {
  readonly address: DeviceAddress;
  readonly record: SessionRecord;
}

interface ChangedIdentity {
  readonly name: string;
  readonly key: PublicKey;
  /** Whether it replaced another identity. */
  readonly changed: boolean;
}

interface ChangedSenderKey {
  readonly sender: DeviceAddress;
  readonly distribution: string;
  readonly record: SenderKeyRecord;
}

interface UsedPreKey {
  readonly kind: PreKeyKind;
  readonly id: number;
}

const serialized = new WeakMap<SessionRecord, Uint8Array>();

/** The serialised session; each record is serialised once, because it costs half a ratchet step. */
export function sessionBytes(session: SessionRecord): Uint8Array {
  const cached = serialized.get(session);
  if (cached) return cached;
  const bytes = session.serialize();
  serialized.set(session, bytes);
  return bytes;
}

/** What a unit of work has changed and not yet committed. */
export class PendingChanges {
  readonly #sessions = new Map<string, ChangedSession>();
  readonly #identities = new Map<string, ChangedIdentity>();
  readonly #senderKeys = new Map<string, ChangedSenderKey>();
  readonly #used: UsedPreKey[] = [];
  readonly #kyberUses: KyberUse[] = [];
  /** Functions that undo what was done since the last savepoint, the last one first. */
  #undo: (() => void)[] = [];

  /** Returns a function that undoes what is done after this call; only the newest one may be called. */
  savepoint(): () => void {
    const undo: (() => void)[] = [];
    this.#undo = undo;
    return () => {
      for (const act of undo.toReversed()) act();
    };
  }

  get sessions(): readonly ChangedSession[] {
    return [...this.#sessions.values()];
  }

  get identities(): readonly ChangedIdentity[] {
    return [...this.#identities.values()];
  }

  session(address: DeviceAddress): SessionRecord | undefined {
    return this.#sessions.get(deviceKey(address))?.record;
  }

  setSession(address: DeviceAddress, record: SessionRecord): void {
    this.#set(this.#sessions, deviceKey(address), { address, record });
  }

  identity(name: string): ChangedIdentity | undefined {
    return this.#identities.get(name);
  }

  setIdentity(identity: ChangedIdentity): void {
    this.#set(this.#identities, identity.name, identity);
  }

  senderKey(sender: DeviceAddress, distribution: string): SenderKeyRecord | undefined {
    return this.#senderKeys.get(senderKeyKey(sender, distribution))?.record;
  }

  setSenderKey(sender: DeviceAddress, distribution: string, record: SenderKeyRecord): void {
    this.#set(this.#senderKeys, senderKeyKey(sender, distribution), { sender, distribution, record });
  }

  isUsed({ kind, id }: UsedPreKey): boolean {
    return this.#used.some((used) => used.kind === kind && used.id === id);
  }

  use(preKey: UsedPreKey): void {
    this.#push(this.#used, preKey);
  }

  isKyberUsed({ kyberId, signedId, baseKey }: KyberUse): boolean {
    return this.#kyberUses.some(
      (use) =>
        use.kyberId === kyberId && use.signedId === signedId && Buffer.compare(use.baseKey, baseKey) === 0,
    );
  }

  useKyber(use: KyberUse): void {
    this.#push(this.#kyberUses, use);
  }

  /** Lists the writes of what is pending at this call. */
  record(of: AccountKey): (tx: Writes) => void {
    const sessions = this.sessions.map(({ address, record }) => ({ address, bytes: sessionBytes(record) }));
    const identities = this.identities.map(({ name, key }) => ({ name, bytes: key.serialize() }));
    const senderKeys = Array.from(this.#senderKeys.values(), ({ record, ...of }) => ({
      ...of,
      bytes: record.serialize(),
    }));
    const used = [...this.#used];
    const kyberUses = [...this.#kyberUses];
    return (tx) => {
      const signal = tx.family(signalRecords);
      for (const { address, bytes } of sessions) signal.setSession(of, address, bytes);
      for (const { name, bytes } of identities) signal.setIdentity(of.login, name, bytes);
      for (const { sender, distribution, bytes } of senderKeys)
        signal.setSenderKey(of, sender, distribution, bytes);
      for (const { kind, id } of used) signal.removePreKey(of, kind, id);
      for (const use of kyberUses) signal.markKyberUsed(of, use);
    };
  }

  #set<Value>(values: Map<string, Value>, key: string, value: Value): void {
    const before = values.get(key);
    values.set(key, value);
    this.#undo.push(() => {
      if (before === undefined) values.delete(key);
      else values.set(key, before);
    });
  }

  #push<Value>(values: Value[], value: Value): void {
    values.push(value);
    this.#undo.push(() => void values.pop());
  }
}

const senderKeyKey = (sender: DeviceAddress, distribution: string): string =>
  `${deviceKey(sender)} ${distribution}`;
