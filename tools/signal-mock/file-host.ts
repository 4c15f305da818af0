import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Proto } from "@signalapp/mock-server";
import type { PlayedServer } from "./played-server.ts";

type Pointer = Proto.AttachmentPointer.Params;

/** A file that somebody sends, before its encryption. */
export interface PlainFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** More of the pointer to it, or what it says instead of the truth. */
  readonly pointer?: Partial<Pointer>;
}

/** Which of Signal's hosts of files this one is. */
const CDN = 3;

/** Encrypted files at the mock server, put there and fetched as phones do. */
export class FileHost {
  readonly #server: PlayedServer;
  readonly #folder: string;

  constructor(server: PlayedServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  async put({ bytes, contentType, pointer }: PlainFile): Promise<Pointer> {
    const key = randomBytes(64);
    const iv = randomBytes(16);
    const cipher = createCipheriv("aes-256-cbc", key.subarray(0, 32), iv);
    const padded = Buffer.concat([bytes, Buffer.alloc(paddedSize(bytes.length) - bytes.length)]);
    const hidden = Buffer.concat([iv, cipher.update(padded), cipher.final()]);
    const blob = Buffer.concat([hidden, createHmac("sha256", key.subarray(32)).update(hidden).digest()]);
    const cdnKey = randomBytes(15).toString("base64url");
    await this.#server.storeAttachmentOnCdn(CDN, cdnKey, Uint8Array.from(blob));
    return {
      attachmentIdentifier: { cdnKey },
      cdnNumber: CDN,
      contentType,
      key: Uint8Array.from(key),
      size: bytes.length,
      digest: Uint8Array.from(createHash("sha256").update(blob).digest()),
      uploadTimestamp: BigInt(Date.now()),
      clientUuid: null,
      thumbnail: null,
      incrementalMac: null,
      chunkSize: null,
      fileName: null,
      flags: null,
      width: null,
      height: null,
      caption: null,
      blurHash: null,
      ...pointer,
    };
  }

  /** The plain bytes. Throws where the file is not what the pointer says. */
  async fetch({ attachmentIdentifier, key, digest, size }: Proto.AttachmentPointer): Promise<Uint8Array> {
    const name = attachmentIdentifier?.cdnKey ?? "";
    if (!/^[\w-]+$/.test(name)) throw new Error("An attachment without a key at the host");
    const blob = await readFile(join(this.#folder, name));
    const secrets = Buffer.from(key ?? []);
    const hidden = blob.subarray(0, -32);
    const mac = createHmac("sha256", secrets.subarray(32)).update(hidden).digest();
    if (!mac.equals(blob.subarray(-32))) throw new Error("The attachment's MAC is wrong");
    const told = Buffer.from(digest ?? []);
    if (!createHash("sha256").update(blob).digest().equals(told))
      throw new Error("The attachment's digest is wrong");
    const cipher = createDecipheriv("aes-256-cbc", secrets.subarray(0, 32), hidden.subarray(0, 16));
    const padded = Buffer.concat([cipher.update(hidden.subarray(16)), cipher.final()]);
    return padded.subarray(0, size ?? 0);
  }
}

/** The size that hides a file's own: the next power of 1.05, at least 541 bytes. */
const paddedSize = (size: number): number =>
  Math.max(541, Math.floor(1.05 ** Math.ceil(Math.log(Math.max(size, 1)) / Math.log(1.05))));
