import { isFieldSet } from "@bufbuild/protobuf";
import { optional, required } from "./fields.ts";
import {
  ProvisionEnvelopeSchema,
  type ProvisionMessage,
  ProvisionMessageSchema,
} from "./gen/provisioning_pb.js";
import { decodeProtobuf } from "./protobuf.ts";
import { openProvisionBody } from "./provision-envelope.ts";
import { readAci, readPni, type ServiceId } from "./service-id.ts";

/** What a primary device gives to one that is linked to it. */
export interface Provision {
  readonly aci: ServiceId;
  readonly aciIdentity: KeyPair;
  /** The phone number's identity; absent for an account without one. */
  readonly pni?: { readonly id: ServiceId; readonly identity: KeyPair };
  /** E.164; absent for an account without one. */
  readonly number?: string;
  readonly code: string;
  readonly profileKey: Uint8Array;
  /** Whether the person lets others know what they read; undefined where the phone does not say. */
  readonly readReceipts: boolean | undefined;
  readonly masterKey?: Uint8Array;
  readonly accountEntropyPool?: string;
  readonly mediaRootBackupKey?: Uint8Array;
  /** 16 bytes, of an account without a phone number. */
  readonly authCredentialSalt?: Uint8Array;
}

/** As serialized by libsignal: 33 bytes and 32. */
interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

const PROFILE_KEY_BYTES = 32;

/**
 * Reads what the provisioning connection hands over. `privateKey`: of the pair whose public key the QR code showed, 32
 * bytes. Throws `malformed`, and `unproved` for what was not encrypted to that key.
 */
export function decodeProvision(envelope: Uint8Array, privateKey: Uint8Array): Provision {
  const { publicKey, body } = decodeProtobuf(ProvisionEnvelopeSchema, envelope);
  const message = decodeProtobuf(ProvisionMessageSchema, openProvisionBody(body, publicKey, privateKey));
  if (message.profileKey.length !== PROFILE_KEY_BYTES) required(undefined, "the profile key");
  return {
    aci: required(readAci(message.aci, message.aciBinary), "the account's id"),
    aciIdentity: keyPair(message.aciIdentityKeyPublic, message.aciIdentityKeyPrivate),
    ...optional("pni", phoneNumberOf(message)),
    ...optional("number", message.number),
    code: required(message.provisioningCode || undefined, "the provisioning code"),
    profileKey: message.profileKey,
    readReceipts: isFieldSet(message, ProvisionMessageSchema.field.readReceipts)
      ? message.readReceipts
      : undefined,
    ...optional("masterKey", message.masterKey),
    ...optional("accountEntropyPool", message.accountEntropyPool),
    ...optional("mediaRootBackupKey", message.mediaRootBackupKey),
    ...optional("authCredentialSalt", message.authCredentialSalt),
  };
}

/** Undefined where nothing is said of a number: the account has none. */
function phoneNumberOf(message: ProvisionMessage): Provision["pni"] {
  const { number, pni, pniBinary, pniIdentityKeyPublic, pniIdentityKeyPrivate } = message;
  const said = [number, pni, pniBinary, pniIdentityKeyPublic, pniIdentityKeyPrivate];
  if (said.every(({ length }) => length === 0)) return undefined;
  return {
    id: required(readPni(pni, pniBinary), "the phone number's id"),
    identity: keyPair(pniIdentityKeyPublic, pniIdentityKeyPrivate),
  };
}

function keyPair(publicKey: Uint8Array, privateKey: Uint8Array): KeyPair {
  if (publicKey.length === 0 || privateKey.length === 0) required(undefined, "an identity key");
  return { publicKey, privateKey };
}
