import { createHash } from "node:crypto";
import type { MediaTools } from "../../src/core/model/media.ts";
import { memoryFile } from "./memory-file.ts";

/** Media tools that look at no file: what a file is said to be is what it is. */
export const memoryTools: MediaTools = {
  inspect: async (_file, kind) => ({
    mimetype: kind === "image" ? "image/png" : "application/octet-stream",
  }),
  toVoiceNote: async () => undefined,
  toPicture: async () => undefined,
  toLoop: async () => undefined,
  toVideo: async () => undefined,
  withoutMetadata: async () => "clean",
  async spool(bytes) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    return memoryFile(Buffer.concat(chunks));
  },
  async digest(file) {
    const hash = createHash("sha256");
    for await (const chunk of file.read()) hash.update(chunk);
    return hash.digest("hex");
  },
  qrCode: async (data) => ({ png: data, width: 392, height: 392 }),
  avatar: async ({ colour, initials, shape }) => Buffer.from(`${colour} ${initials ?? shape}`),
};
