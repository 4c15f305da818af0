import { create, toBinary } from "@bufbuild/protobuf";
import { PrivateKey, PublicKey } from "@signalapp/libsignal-client";
import { WireError } from "../errors.ts";
import {
  type CertChain_NoiseCertificate,
  CertChain_NoiseCertificate_DetailsSchema,
  CertChainSchema,
  type CertChain_NoiseCertificate_Details as Details,
} from "../gen/handshake_pb.js";
import { decodeProtobuf } from "../protobuf.ts";
import { generateKeyPair, KEY_LENGTH } from "./x25519.ts";

const rootSerial = 0;
const signatureLength = 64;
/** What libsignal puts before a raw X25519 key. */
const djbType = Uint8Array.of(5);

/**
 * A chain for a server's static key: the root (32-byte private key, serial 0) signs a new intermediate key, which signs the
 * leaf. XEdDSA over the encoded details.
 */
export function issueChain(options: {
  readonly rootKey: Uint8Array;
  readonly serverStatic: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
}): Uint8Array<ArrayBuffer> {
  const intermediate = generateKeyPair();
  const validity = { notBefore: seconds(options.notBefore), notAfter: seconds(options.notAfter) };
  const sign = (key: Uint8Array, serial: number, issuerSerial: number, subject: Uint8Array) => {
    const fields = { serial, issuerSerial, key: new Uint8Array(subject), ...validity };
    const schema = CertChain_NoiseCertificate_DetailsSchema;
    const details = toBinary(schema, create(schema, fields));
    return { details, signature: PrivateKey.deserialize(new Uint8Array(key)).sign(details) };
  };
  return toBinary(
    CertChainSchema,
    create(CertChainSchema, {
      intermediate: sign(options.rootKey, 1, rootSerial, intermediate.publicKey),
      leaf: sign(intermediate.privateKey, 2, 1, options.serverStatic),
    }),
  );
}

/**
 * Accepts a chain only if the root (32-byte public key) signed the intermediate, the intermediate signed the leaf, both are
 * valid at `now`, and the leaf is for the static key that the handshake proved. Throws `certificate`.
 */
export function verifyChain(
  chain: Uint8Array,
  options: { readonly rootKey: Uint8Array; readonly serverStatic: Uint8Array; readonly now: Date },
): void {
  const { leaf, intermediate } = orRefuse("the certificate chain", () =>
    decodeProtobuf(CertChainSchema, chain),
  );
  const middle = checked(
    "the intermediate certificate",
    intermediate,
    options.rootKey,
    rootSerial,
    options.now,
  );
  const last = checked("the server's certificate", leaf, middle.key, middle.serial, options.now);
  if (!Buffer.from(last.key).equals(options.serverStatic)) {
    throw refusal("the server's certificate is for another key than the handshake's");
  }
}

function checked(
  what: string,
  certificate: CertChain_NoiseCertificate | undefined,
  issuerKey: Uint8Array,
  issuerSerial: number,
  now: Date,
): Details {
  if (certificate === undefined) throw refusal(`${what} is missing`);
  if (!signed(certificate, issuerKey)) throw refusal(`${what} is not signed by its issuer`);
  const details = orRefuse(what, () =>
    decodeProtobuf(CertChain_NoiseCertificate_DetailsSchema, certificate.details),
  );
  if (details.issuerSerial !== issuerSerial) throw refusal(`${what} names another issuer`);
  if (details.key.length !== KEY_LENGTH) throw refusal(`${what} holds no key of 32 bytes`);
  if (seconds(now) < details.notBefore) throw refusal(`${what} is not valid yet`);
  if (seconds(now) > details.notAfter) throw refusal(`${what} has expired`);
  return details;
}

function signed({ details, signature }: CertChain_NoiseCertificate, issuerKey: Uint8Array): boolean {
  if (signature.length !== signatureLength || issuerKey.length !== KEY_LENGTH) return false;
  try {
    const key = PublicKey.deserialize(new Uint8Array([...djbType, ...issuerKey]));
    return key.verify(new Uint8Array(details), new Uint8Array(signature));
  } catch {
    return false;
  }
}

function orRefuse<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw refusal(`${what} cannot be read`, { cause });
  }
}

const seconds = (date: Date): bigint => BigInt(Math.floor(date.getTime() / 1000));
const refusal = (message: string, options?: ErrorOptions): WireError =>
  new WireError("certificate", message, options);
