import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

// The connector has code of its own for this, so that one mistake cannot be on both sides.

/** The kind of file, which chooses the HKDF info string of its keys. */
export type MediaKind = "image" | "video" | "audio" | "document";

const infos: Record<MediaKind, string> = {
  image: "WhatsApp Image Keys",
  video: "WhatsApp Video Keys",
  audio: "WhatsApp Audio Keys",
  document: "WhatsApp Document Keys",
};
const macLength = 10;

/** What a message states of an encrypted file, but for its address. Hashes and key are 32 bytes each. */
export interface SealedFile {
  readonly fileLength: number;
  readonly fileSha256: Uint8Array;
  readonly fileEncSha256: Uint8Array;
  readonly mediaKey: Uint8Array;
}

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** HKDF-SHA256 of the media key, 112 bytes: iv 16, cipher key 32, MAC key 32, and 32 that are not used. */
function derive(kind: MediaKind, mediaKey: Uint8Array) {
  const keys = Buffer.from(hkdfSync("sha256", mediaKey, new Uint8Array(0), infos[kind], 112));
  return { iv: keys.subarray(0, 16), cipher: keys.subarray(16, 48), mac: keys.subarray(48, 80) };
}

const macOf = (key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer =>
  createHmac("sha256", key).update(iv).update(ciphertext).digest().subarray(0, macLength);

/** AES-256-CBC under fresh keys, then the first ten bytes of the MAC over IV and ciphertext. */
export function sealMedia(
  kind: MediaKind,
  plain: Uint8Array,
): { readonly file: SealedFile; readonly hosted: Uint8Array } {
  const mediaKey = randomBytes(32);
  const { iv, cipher, mac } = derive(kind, mediaKey);
  const aes = createCipheriv("aes-256-cbc", cipher, iv);
  const ciphertext = Buffer.concat([aes.update(plain), aes.final()]);
  const hosted = Buffer.concat([ciphertext, macOf(mac, iv, ciphertext)]);
  const file = {
    fileLength: plain.length,
    fileSha256: sha256(plain),
    fileEncSha256: sha256(hosted),
    mediaKey,
  };
  return { file, hosted };
}

/** The decrypted file, or in words what differs from the message. */
export function openMedia(kind: MediaKind, file: SealedFile, hosted: Uint8Array): Uint8Array | string {
  if (!sha256(hosted).equals(file.fileEncSha256)) return "the hash of the encrypted file differs";
  const { iv, cipher, mac } = derive(kind, file.mediaKey);
  const ciphertext = hosted.subarray(0, -macLength);
  const given = hosted.subarray(-macLength);
  if (given.length !== macLength || !timingSafeEqual(given, macOf(mac, iv, ciphertext)))
    return "the MAC differs";
  try {
    const aes = createDecipheriv("aes-256-cbc", cipher, iv);
    const plain = Buffer.concat([aes.update(ciphertext), aes.final()]);
    if (!sha256(plain).equals(file.fileSha256)) return "the hash of the file differs";
    return plain.length === file.fileLength ? plain : "the length of the file differs";
  } catch {
    return "the encrypted file is malformed";
  }
}
