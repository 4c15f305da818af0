import type { PrivateKey, ProtocolAddress, PublicKey, SenderKeyStore } from "@signalapp/libsignal-client";
import type {
  Device,
  EnvelopeType,
  Group,
  PrimaryDevice,
  Proto,
  Server,
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
  readonly identity: Map<ServiceIdKind, Identity>;
  readonly senderKeys: Map<ServiceIdKind, SenderKeyStore>;
  readonly preKeys: Map<ServiceIdKind, object>;
  readonly kyberPreKeys: Map<ServiceIdKind, object>;
  readonly signedPreKeys: Map<ServiceIdKind, object>;
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

/** The accounts of a server, by each of their ids; it has no way to give one a second id. */
export const accountsOf = (server: Server): Map<string, Device> =>
  (server as unknown as { readonly primaryByServiceId: Map<string, Device> }).primaryByServiceId;

export const internals = (phone: PrimaryDevice): PhoneInternals => phone as unknown as PhoneInternals;
