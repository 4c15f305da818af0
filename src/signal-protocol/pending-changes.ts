import { Buffer } from "node:buffer";
import type { PublicKey, SenderKeyRecord, SessionRecord } from "@signalapp/libsignal-client";
import type { Writes } from "../core/ports/store.ts";
import {
  type AccountKey,
  type DeviceAddress,
  type KyberUse,
  type PreKeyKind,
  signalRecords,
} from "./signal-records.ts";

interface PendingSenderKey {
  readonly sender: DeviceAddress;
  readonly distribution: string;
  readonly record: SenderKeyRecord;
}

const serialized = new WeakMap<SessionRecord, Uint8Array>();

/** Serialising costs as much as half a ratchet step, so each record is serialised once. */
export function sessionBytes(session: SessionRecord): Uint8Array {
  const known = serialized.get(session);
  if (known) return known;
  const bytes = session.serialize();
  serialized.set(session, bytes);
  return bytes;
}

/** What a unit of work has changed and not committed yet. */
export class PendingChanges {
  /** By device. */
  readonly sessions: Map<string, { readonly address: DeviceAddress; readonly record: SessionRecord }>;
  /** By name; `changed` where it took another one's place. */
  readonly identities: Map<string, { readonly key: PublicKey; readonly changed: boolean }>;
  /** By device and distribution. */
  readonly senderKeys: Map<string, PendingSenderKey>;
  readonly used: { readonly kind: PreKeyKind; readonly id: number }[];
  readonly kyberUses: KyberUse[];

  constructor(before?: PendingChanges) {
    this.sessions = new Map(before?.sessions);
    this.identities = new Map(before?.identities);
    this.senderKeys = new Map(before?.senderKeys);
    this.used = [...(before?.used ?? [])];
    this.kyberUses = [...(before?.kyberUses ?? [])];
  }

  usesKyber({ kyberId, signedId, baseKey }: KyberUse): boolean {
    return this.kyberUses.some(
      (use) =>
        use.kyberId === kyberId && use.signedId === signedId && Buffer.compare(use.baseKey, baseKey) === 0,
    );
  }

  /** Writes what is pending at this moment. */
  record(of: AccountKey): (tx: Writes) => void {
    const sessions = Array.from(this.sessions.values(), ({ address, record }) => ({
      address,
      bytes: sessionBytes(record),
    }));
    const identities = Array.from(this.identities, ([name, { key }]) => ({ name, bytes: key.serialize() }));
    const senderKeys = Array.from(this.senderKeys.values(), ({ sender, distribution, record }) => ({
      sender,
      distribution,
      bytes: record.serialize(),
    }));
    const used = [...this.used];
    const kyberUses = [...this.kyberUses];
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
}
