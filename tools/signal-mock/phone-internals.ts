import type { PrivateKey, ProtocolAddress, PublicKey, SenderKeyStore } from "@signalapp/libsignal-client";
import type {
  Device,
  EnvelopeType,
  Group,
  PrimaryDevice,
  Proto,
  ServiceIdKind,
} from "@signalapp/mock-server";

interface Decrypted {
  readonly unsealedSource: Device;
  readonly content: Proto.Content;
  readonly envelopeType: EnvelopeType;
}

type Decrypt = (
  source: Device | undefined,
  kind: ServiceIdKind,
  type: EnvelopeType,
  bytes: Buffer<ArrayBuffer>,
) => Promise<Decrypted>;

/** What a phone knows of keys, its own among them. */
interface Identity {
  updateIdentityKey(key: PrivateKey): Promise<void>;
  updateLocalRegistrationId(id: number): Promise<void>;
  saveIdentity(name: ProtocolAddress, key: PublicKey): Promise<unknown>;
}

/** What of the mock's phone is private, and needed to play it: its typings hide it, its code does not. */
interface PhoneInternals {
  decrypt: Decrypt;
  readonly identity: ReadonlyMap<ServiceIdKind, Identity>;
  readonly senderKeys: ReadonlyMap<ServiceIdKind, SenderKeyStore>;
  readonly sessions: { readonly sessions: Map<string, unknown> };
  encryptContent(
    target: Device,
    content: Proto.Content.Params,
    options: {
      readonly timestamp: number;
      readonly sealed: boolean;
      readonly serviceIdKind: ServiceIdKind;
      /** Encrypts with the sender key of this distribution, for a group. */
      readonly distributionId?: string;
      readonly group?: Group;
    },
  ): Promise<Buffer<ArrayBuffer>>;
}

export const internals = (phone: PrimaryDevice): PhoneInternals => phone as unknown as PhoneInternals;
