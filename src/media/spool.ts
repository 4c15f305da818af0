import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BridgeError } from "../core/model/errors.ts";
import { sizeWords } from "../core/model/limits.ts";
import type { MediaFile } from "../core/model/media.ts";
import { systemCode } from "../core/model/system-code.ts";
import { collectChunkGarbage } from "./chunk-garbage.ts";

const CHUNK = 64 * 1024;

/** Files in transfer, in a folder of this process alone, under random names, readable only by the bridge's user. */
export class Spool implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Opens the folder and deletes the files of an earlier process. Throws BridgeError `storage`. */
  static async open(folder: string): Promise<Spool> {
    const path = resolve(folder);
    try {
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      const why = systemCode(error) ?? "no reason given";
      throw new BridgeError("storage", {
        words: `The folder ${path} cannot be used for files on their way (${why}). Its administrator must name another as media.folder, or let the bridge's user write there.`,
        certain: true,
        cause: error,
      });
    }
    return new Spool(path);
  }

  /** Makes an empty file for a tool to fill; answers its path. */
  async reserve(): Promise<string> {
    const path = join(this.folder, randomUUID());
    await using _ = await open(path, "wx", 0o600);
    return path;
  }

  /** Writes a stream of at most `limit` bytes to a file. Throws BridgeError `too-large` or `storage`. */
  async take(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<MediaFile> {
    const path = await this.reserve().catch((error: unknown) => Promise.reject(full(error)));
    try {
      await using handle = await open(path, "w", 0o600);
      return new SpooledFile(path, await pour(bytes, handle, limit));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function pour(bytes: AsyncIterable<Uint8Array>, handle: FileHandle, limit: number): Promise<number> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > limit) {
      throw new BridgeError("too-large", {
        words: `The file is larger than the ${sizeWords(limit)} that can be sent.`,
        certain: true,
      });
    }
    await writeAll(handle, chunk);
    collectChunkGarbage(chunk.length);
  }
  return size;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, at);
      at += bytesWritten;
    }
  } catch (error) {
    throw full(error);
  }
}

/** A complete file of the spool; disposing deletes it. */
export class SpooledFile implements MediaFile {
  readonly path: string;
  readonly size: number;

  constructor(path: string, size: number) {
    this.path = path;
    this.size = size;
  }

  async *read(): AsyncIterable<Uint8Array> {
    await using handle = await open(this.path, "r");
    for (;;) {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(CHUNK), 0, CHUNK);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      collectChunkGarbage(bytesRead);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { force: true });
  }
}

function full(cause: unknown): BridgeError {
  return new BridgeError("storage", {
    words:
      "The bridge could not keep a file on its disk. Its administrator must make room or check the folder.",
    certain: true,
    retryAfter: 0,
    cause,
  });
}
