import { BridgeError } from "../../src/core/model/errors.ts";
import { fileOf, type HomeserverFile, type MediaFile } from "../../src/core/model/media.ts";
import { openSealed } from "../../src/matrix/crypto/file-cipher.ts";
import { memoryFile } from "./memory-file.ts";

interface Described {
  readonly mimetype: string;
  readonly name: string | undefined;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** A homeserver's files by address; undefined for a reserved address. */
export class MemoryFiles extends Map<string, ({ readonly bytes: Buffer } & Described) | undefined> {
  async put(uri: string, file: Pick<MediaFile, "read">, described: Described): Promise<void> {
    if (!this.has(uri))
      throw new BridgeError("gone", { words: "no such place", certain: true, retryAfter: 0 });
    if (this.get(uri) !== undefined) return;
    this.set(uri, { bytes: await bytesOf(file.read()), ...described });
  }

  async open({ uri, key }: HomeserverFile, limit: number): Promise<MediaFile> {
    if (!/^mxc:\/\/[^/.]+\/[\w-]+$/.test(uri)) {
      throw new BridgeError("bad-input", { words: "no such address", certain: true });
    }
    const bytes = this.get(uri)?.bytes;
    if (!bytes) throw new BridgeError("not-found", { words: "no such file", certain: true });
    if (bytes.length > limit) throw new BridgeError("too-large", { words: "too large", certain: true });
    return memoryFile(key === undefined ? bytes : await bytesOf(openSealed(fileOf(bytes).read(), key)));
  }
}
