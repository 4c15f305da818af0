import {
  type CiphertextMessage,
  CiphertextMessageType,
  ContentHint,
  IdentityChange,
  type IdentityKeyPair,
  type IdentityKeyStore,
  type PrivateKey,
  ProtocolAddress,
  type PublicKey,
  type SenderCertificate,
  sealedSenderDecryptToUsmc,
  sealedSenderEncrypt,
  sealedSenderMultiRecipientEncrypt,
  UnidentifiedSenderMessageContent,
} from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import type { OwnKeys } from "./key-maker.ts";
import { reasonOf } from "./libsignal-errors.ts";
import type { DeviceAddress } from "./signal-records.ts";
import type { SignalTransaction } from "./signal-transaction.ts";

/** What a sealed message holds: a ciphertext, or what is sent without one because there is no session. */
type SealedType = "pkmsg" | "msg" | "sender-key" | "plaintext";

export interface UnsealedMessage {
  /** As the server's certificate names the device. */
  readonly sender: DeviceAddress;
  readonly type: SealedType;
  readonly bytes: Uint8Array;
  /** Whether the sender keeps it to send it again: only then it is asked for. */
  readonly hint: "default" | "resendable" | "implicit";
  readonly group: Uint8Array | undefined;
}

export type Unsealed =
  | ({ readonly kind: "unsealed" } & UnsealedMessage)
  /** Nobody can be named as its sender. */
  | { readonly kind: "refused"; readonly reason: string };

/** libsignal's types and hints are bare numbers. */
const TYPES: ReadonlyMap<number, SealedType> = new Map([
  [CiphertextMessageType.PreKey, "pkmsg"],
  [CiphertextMessageType.Whisper, "msg"],
  [CiphertextMessageType.SenderKey, "sender-key"],
  [CiphertextMessageType.Plaintext, "plaintext"],
]);
const HINTS: ReadonlyMap<number, UnsealedMessage["hint"]> = new Map([
  [ContentHint.Resendable, "resendable"],
  [ContentHint.Implicit, "implicit"],
]);

/**
 * Opens the outer layer of a sealed message, which changes nothing that is stored. The sender is believed only by a
 * certificate that one of `trustRoots` vouches for, valid at `at`: when the server took the message, in milliseconds
 * since the epoch.
 */
export async function unseal(
  own: OwnKeys,
  bytes: Uint8Array,
  { trustRoots, at }: { readonly trustRoots: readonly PublicKey[]; readonly at: number },
): Promise<Unsealed> {
  try {
    const content = await sealedSenderDecryptToUsmc(arrayBytes(bytes), new OwnIdentity(own));
    const certificate = content.senderCertificate();
    if (!certificate.validateWithTrustRoots([...trustRoots], at))
      return { kind: "refused", reason: "its sender's certificate is not valid" };
    const type = TYPES.get(content.msgType());
    if (!type) return { kind: "refused", reason: "its content is of an unknown type" };
    return {
      kind: "unsealed",
      sender: { name: certificate.senderUuid(), device: certificate.senderDeviceId() },
      type,
      bytes: content.contents(),
      hint: HINTS.get(content.contentHint()) ?? "default",
      group: content.groupId() ?? undefined,
    };
  } catch (error) {
    return { kind: "refused", reason: reasonOf(error) };
  }
}

/** What a sealed message says of itself to whoever opens it. */
interface Sealing {
  readonly certificate: SenderCertificate;
  readonly hint: ContentHint;
  /** The id of the group that it is for. */
  readonly group?: Uint8Array<ArrayBuffer> | undefined;
}

/** Hides from the server who sends `message` to a device of a person whose identity is known. */
export async function sealFor(
  work: SignalTransaction,
  recipient: DeviceAddress,
  message: CiphertextMessage,
  { certificate, hint, group }: Sealing,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = UnidentifiedSenderMessageContent.new(message, certificate, hint, group ?? null);
  const to = ProtocolAddress.new(recipient.name, recipient.device);
  const step = await work.step(recipient.name, (stores) => sealedSenderEncrypt(content, to, stores));
  if (step.kind === "failed") throw step.error;
  return step.value;
}

/**
 * As {@link sealFor}, one message for many devices, with each of whom there is a session: what the server takes at once
 * and hands to each.
 */
export async function sealForMany(
  work: SignalTransaction,
  recipients: readonly DeviceAddress[],
  message: CiphertextMessage,
  { certificate, hint, group }: Sealing,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = UnidentifiedSenderMessageContent.new(message, certificate, hint, group ?? null);
  const to = recipients.map(({ name, device }) => ProtocolAddress.new(name, device));
  const step = await work.step(work.local.name(), (stores) =>
    sealedSenderMultiRecipientEncrypt({
      content,
      recipients: to,
      identityStore: stores,
      sessionStore: stores,
    }),
  );
  if (step.kind === "failed") throw step.error;
  return step.value;
}

/** The only part of an identity store that the outer layer needs. */
class OwnIdentity implements IdentityKeyStore {
  readonly #own: OwnKeys;

  constructor(own: OwnKeys) {
    this.#own = own;
  }

  async getIdentityKey(): Promise<PrivateKey> {
    return this.#own.identity.privateKey;
  }

  async getIdentityKeyPair(): Promise<IdentityKeyPair> {
    return this.#own.identity;
  }

  async getLocalRegistrationId(): Promise<number> {
    return this.#own.registrationId;
  }

  async saveIdentity(): Promise<IdentityChange> {
    return IdentityChange.NewOrUnchanged;
  }

  async isTrustedIdentity(): Promise<boolean> {
    return false;
  }

  async getIdentity(): Promise<PublicKey | null> {
    return null;
  }
}
