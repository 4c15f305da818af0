import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import {
  decryptMedia,
  encryptedLength,
  encryptMedia,
  type MediaDigests,
} from "../../../src/networks/meta-interop/wire/media-crypto.ts";

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function sealed(bytes: Uint8Array, key: Uint8Array, size = 1024) {
  const out: Uint8Array[] = [];
  const stream = encryptMedia(pieces(bytes, size), key, "image");
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { ciphertext: Buffer.concat(out), digests: next.value };
    out.push(next.value);
  }
}

async function opened(ciphertext: Uint8Array, key: Uint8Array, digests: MediaDigests, size = 1024) {
  const out: Uint8Array[] = [];
  for await (const chunk of decryptMedia(pieces(ciphertext, size), key, "image", digests)) out.push(chunk);
  return Buffer.concat(out);
}

describe("media", () => {
  test("is what the published recipe makes, whatever the pieces", async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const size = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(bytes, size, size, async (file, write, read) => {
        const key = randomBytes(32);
        const { ciphertext, digests } = await sealed(file, key, write);
        const keys = Buffer.from(hkdfSync("sha256", key, "", "WhatsApp Image Keys", 112));
        const cipher = createCipheriv("aes-256-cbc", keys.subarray(16, 48), keys.subarray(0, 16));
        const body = Buffer.concat([cipher.update(file), cipher.final()]);
        const mac = createHmac("sha256", keys.subarray(48, 80)).update(keys.subarray(0, 16)).update(body);
        expect(ciphertext).toEqual(Buffer.concat([body, mac.digest().subarray(0, 10)]));
        expect(digests.encryptedLength).toBe(encryptedLength(file.length));
        expect(digests.fileEncSha256).toEqual(createHash("sha256").update(ciphertext).digest());
        expect(await opened(ciphertext, key, digests, read)).toEqual(Buffer.from(file));
      }),
      { numRuns: 60 },
    );
  });

  test("that was tampered with, cut, or is another one than announced is refused", async () => {
    const key = randomBytes(32);
    const { ciphertext, digests } = await sealed(randomBytes(5_000), key);
    const flipped = Buffer.from(ciphertext);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    const refused = { name: "WireError", reason: "malformed" };
    await expect(opened(flipped, key, digests)).rejects.toMatchObject(refused);
    await expect(opened(ciphertext.subarray(0, -16), key, digests)).rejects.toMatchObject(refused);
    await expect(opened(ciphertext.subarray(0, 5), key, digests)).rejects.toMatchObject(refused);
    await expect(opened(new Uint8Array(0), key, digests)).rejects.toMatchObject(refused);
    await expect(opened(Buffer.concat([ciphertext, Buffer.alloc(16)]), key, digests)).rejects.toMatchObject(
      refused,
    );
    await expect(opened(ciphertext, randomBytes(32), digests)).rejects.toMatchObject(refused);
    await expect(opened(ciphertext, key, { ...digests, fileSha256: randomBytes(32) })).rejects.toMatchObject(
      refused,
    );
    await expect(opened(ciphertext, key, { ...digests, fileLength: 4_999 })).rejects.toMatchObject(refused);
  });
});
