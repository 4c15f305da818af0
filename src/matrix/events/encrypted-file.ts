import type { FileKey, HomeserverFile } from "../../core/model/media.ts";
import { fieldOf, jsonOf } from "../http/json.ts";
import { parseMxc } from "../http/mxc.ts";

/** What decrypts a file and verifies it; `sha256` of the ciphertext, in padded base64. */
export interface CipherParts {
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly sha256: string;
}

/** The file of an `EncryptedFile` (spec: Extensions to `m.room.message` msgtypes), or what of it cannot be used, in words. */
export function encryptedFileIn(file: unknown, elsewhere?: unknown): HomeserverFile | string {
  const uri = fieldOf(file, "url") ?? elsewhere;
  if (parseMxc(uri) === undefined) return "an encrypted file without an address";
  if (fieldOf(file, "v") !== "v2" || fieldOf(fieldOf(file, "key"), "alg") !== "A256CTR")
    return "a file that is encrypted in an unknown way";
  const key = bytesIn(fieldOf(fieldOf(file, "key"), "k"), 32);
  const iv = bytesIn(fieldOf(file, "iv"), 16);
  if (!key || !iv) return "an encrypted file without the key to it";
  const sha256 = bytesIn(fieldOf(fieldOf(file, "hashes"), "sha256"), 32);
  if (!sha256) return "an encrypted file without its hash";
  return { uri: uri as string, key: fileKeyOf({ key, iv, sha256: sha256.toString("base64") }) };
}

/** As events carry it. */
export function encryptedFile(uri: string, by: FileKey): object {
  const parts = cipherOf(by);
  if (!parts) throw new Error("a file's key is malformed");
  const { key, iv, sha256 } = parts;
  return {
    url: uri,
    v: "v2",
    key: {
      alg: "A256CTR",
      ext: true,
      k: key.toString("base64url"),
      key_ops: ["encrypt", "decrypt"],
      kty: "oct",
    },
    iv: unpadded(iv.toString("base64")),
    hashes: { sha256: unpadded(sha256) },
  };
}

/** As it is stored. */
export const fileKeyOf = ({ key, iv, sha256 }: CipherParts): FileKey =>
  JSON.stringify({ key: key.toString("base64"), iv: iv.toString("base64"), sha256 }) as FileKey;

/** Undefined for what {@link fileKeyOf} did not make. */
export function cipherOf(stored: FileKey): CipherParts | undefined {
  const parts = jsonOf(stored);
  const key = bytesIn(fieldOf(parts, "key"), 32);
  const iv = bytesIn(fieldOf(parts, "iv"), 16);
  const sha256 = bytesIn(fieldOf(parts, "sha256"), 32);
  return key && iv && sha256 && { key, iv, sha256: sha256.toString("base64") };
}

/** Base64 of either alphabet, padded or not, of exactly so many bytes. */
function bytesIn(text: unknown, length: number): Buffer | undefined {
  if (typeof text !== "string" || !/^[\w+/-]{1,64}={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.length === length ? bytes : undefined;
}

const unpadded = (base64: string): string => base64.replace(/=+$/, "");
