/** libsignal's stores in memory: the other end of a session in tests. */
import {
  IdentityChange,
  type IdentityKeyPair,
  IdentityKeyStore,
  KyberPreKeyRecord,
  KyberPreKeyStore,
  PreKeyRecord,
  PreKeyStore,
  type PrivateKey,
  type ProtocolAddress,
  type PublicKey,
  type SenderKeyRecord,
  SenderKeyStore,
  type SessionRecord,
  SessionStore,
  SignedPreKeyRecord,
  SignedPreKeyStore,
} from "@signalapp/libsignal-client";
import {
  type NewIdentity,
  type NewPrekey,
  newIdentity,
  newKyberPrekey,
  newSignedPrekey,
  oneTimePrekeys,
} from "../../src/sandbox/phone/person-keys.ts";

const deviceKey = (address: ProtocolAddress): string => `${address.name()}.${address.deviceId()}`;

class Sessions extends SessionStore {
  readonly kept = new Map<string, SessionRecord>();
  async saveSession(address: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.kept.set(deviceKey(address), record);
  }
  async getSession(address: ProtocolAddress): Promise<SessionRecord | null> {
    return this.kept.get(deviceKey(address)) ?? null;
  }
  async getExistingSessions(): Promise<SessionRecord[]> {
    return [];
  }
}

class Identities extends IdentityKeyStore {
  readonly pair: IdentityKeyPair;
  readonly registration: number;
  readonly kept = new Map<string, PublicKey>();
  constructor(pair: IdentityKeyPair, registration: number) {
    super();
    this.pair = pair;
    this.registration = registration;
  }
  async getIdentityKey(): Promise<PrivateKey> {
    return this.pair.privateKey;
  }
  async getLocalRegistrationId(): Promise<number> {
    return this.registration;
  }
  async saveIdentity(name: ProtocolAddress, key: PublicKey): Promise<IdentityChange> {
    this.kept.set(name.name(), key);
    return IdentityChange.NewOrUnchanged;
  }
  async isTrustedIdentity(): Promise<boolean> {
    return true;
  }
  async getIdentity(name: ProtocolAddress): Promise<PublicKey | null> {
    return this.kept.get(name.name()) ?? null;
  }
}

class Prekeys extends PreKeyStore {
  readonly kept = new Map<number, Uint8Array>();
  async savePreKey(): Promise<void> {
    throw new Error("not used");
  }
  async getPreKey(id: number): Promise<PreKeyRecord> {
    return PreKeyRecord.deserialize(Uint8Array.from(this.kept.get(id) ?? []));
  }
  async removePreKey(id: number): Promise<void> {
    this.kept.delete(id);
  }
}

class SignedPrekeys extends SignedPreKeyStore {
  readonly kept = new Map<number, Uint8Array>();
  async saveSignedPreKey(): Promise<void> {
    throw new Error("not used");
  }
  async getSignedPreKey(id: number): Promise<SignedPreKeyRecord> {
    return SignedPreKeyRecord.deserialize(Uint8Array.from(this.kept.get(id) ?? []));
  }
}

class KyberPrekeys extends KyberPreKeyStore {
  readonly kept = new Map<number, Uint8Array>();
  async saveKyberPreKey(): Promise<void> {
    throw new Error("not used");
  }
  async getKyberPreKey(id: number): Promise<KyberPreKeyRecord> {
    return KyberPreKeyRecord.deserialize(Uint8Array.from(this.kept.get(id) ?? []));
  }
  async markKyberPreKeyUsed(): Promise<void> {}
}

class SenderKeys extends SenderKeyStore {
  readonly kept = new Map<string, SenderKeyRecord>();
  async saveSenderKey(sender: ProtocolAddress, distribution: string, record: SenderKeyRecord): Promise<void> {
    this.kept.set(`${deviceKey(sender)} ${distribution}`, record);
  }
  async getSenderKey(sender: ProtocolAddress, distribution: string): Promise<SenderKeyRecord | null> {
    return this.kept.get(`${deviceKey(sender)} ${distribution}`) ?? null;
  }
}

/**
 * A device with prekeys of its own; `upload` are those it would give to a server. Devices of one person have one
 * identity.
 */
export function memoryDevice(oneTime = 30, { pair, registration }: NewIdentity = newIdentity()) {
  const stores = {
    sessions: new Sessions(),
    identities: new Identities(pair, registration),
    prekeys: new Prekeys(),
    signedPrekeys: new SignedPrekeys(),
    kyberPrekeys: new KyberPrekeys(),
    senderKeys: new SenderKeys(),
  };
  let next = 1;
  const keep = (keys: readonly NewPrekey[]): readonly NewPrekey[] => {
    for (const { kind, id, record } of keys) {
      const store = {
        ec: stores.prekeys,
        signed: stores.signedPrekeys,
        kyber: stores.kyberPrekeys,
        last: stores.kyberPrekeys,
      };
      store[kind].kept.set(id, record);
    }
    return keys;
  };
  const more = (count: number): readonly NewPrekey[] => {
    const first = next;
    next += count;
    return keep(oneTimePrekeys(first, count, pair));
  };
  const lasting = keep([newSignedPrekey(next++, pair), newKyberPrekey(next++, "last", pair)]);
  return { pair, registration, ...stores, upload: [...lasting, ...more(oneTime)], more };
}
export type MemoryDevice = ReturnType<typeof memoryDevice>;
