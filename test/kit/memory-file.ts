import { fileOf, type MediaFile } from "../../src/core/model/media.ts";

/** Bytes as a file without a place on disk. */
export function memoryFile(bytes: Uint8Array): MediaFile {
  return { ...fileOf(bytes), path: "/nowhere", async [Symbol.asyncDispose]() {} };
}
