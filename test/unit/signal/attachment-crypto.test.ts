import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { encryptAttachment as byMock } from "@signalapp/mock-server/src/crypto.js";
import fc from "fast-check";
import {
  decryptAttachment,
  type ExpectedFile,
  encryptAttachment,
  longestDownload,
  paddedLength,
  uploadLength,
} from "../../../src/networks/signal/media/attachment-crypto.ts";
import { collected, inChunks } from "../../kit/chunks.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
const plain = fc.uint8Array({ maxLength: 3_000 });

const withZeros = (file: Uint8Array) =>
  Buffer.concat([file, Buffer.alloc(paddedLength(file.length) - file.length)]);
/** As the mock server's phones encrypt, which pad nothing. */
const mocks = (file: Uint8Array, key: Uint8Array, iv: Uint8Array) =>
  byMock(Buffer.from(file), {
    aesKey: Buffer.from(key.subarray(0, 32)),
    macKey: Buffer.from(key.subarray(32)),
    iv: Buffer.from(iv),
  });

const read = (blob: Uint8Array, expected: ExpectedFile, pieces: readonly number[] = [1_000]) =>
  collected(decryptAttachment(inChunks(blob, pieces), expected));

describe("a file for Signal's hosts", () => {
  // Computed by the formula in another language.
  test.each([
    [0, 541],
    [1, 541],
    [541, 541],
    [542, 568],
    [568, 568],
    [569, 596],
    [1_000, 1_020],
    [65_536, 67_789],
    [1_000_000, 1_041_743],
    [1_048_576, 1_093_831],
    [10_485_760, 10_835_458],
    [104_857_600, 107_335_738],
  ])("of %d bytes is padded to %d", (size, length) => {
    expect(paddedLength(size)).toBe(length);
  });

  test("is never padded to less than itself, nor to more than a twentieth more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 541, max: 2 ** 31 }), (size) => {
        expect(paddedLength(size)).toBeGreaterThanOrEqual(size);
        expect(paddedLength(size)).toBeLessThanOrEqual(Math.ceil(size * 1.05));
        expect(longestDownload(size)).toBeGreaterThanOrEqual(uploadLength(size));
      }),
    );
  });

  test("is byte for byte what the mock server's own code makes of it with the zeros, however it comes", async () => {
    await fc.assert(
      fc.asyncProperty(plain, bytes(64), bytes(16), sizes, async (file, key, iv, pieces) => {
        const { bytes: blob, result: digest } = await collected(
          encryptAttachment(inChunks(file, pieces), file.length, { key, iv }),
        );
        const theirs = mocks(withZeros(file), key, iv);
        expect(blob.equals(theirs.blob)).toBe(true);
        expect(Buffer.from(digest).equals(theirs.digest)).toBe(true);
        expect(blob).toHaveLength(uploadLength(file.length));
      }),
    );
  });

  test("is read as it was written, padded or not, however it comes", async () => {
    await fc.assert(
      fc.asyncProperty(plain, bytes(64), bytes(16), sizes, async (file, key, iv, pieces) => {
        for (const content of [file, withZeros(file)]) {
          const { blob, digest } = mocks(content, key, iv);
          const expected = { encryptionKey: key, digest, size: file.length };
          const { bytes: got } = await read(blob, expected, pieces);
          expect(got.equals(file)).toBe(true);
        }
      }),
    );
  });

  test("has whatever its sender's app put behind it cut off, as Signal's apps do", async () => {
    const file = randomBytes(600);
    const key = randomBytes(64);
    const padding = randomBytes(paddedLength(600) - 600);
    const { blob, digest } = mocks(Buffer.concat([file, padding]), key, randomBytes(16));
    for (const pieces of [[1], [16], [10_000]]) {
      const { bytes: got } = await read(blob, { encryptionKey: key, digest, size: 600 }, pieces);
      expect(got.equals(file)).toBe(true);
    }
  });

  test("that has another length than was said is not sent", async () => {
    const secrets = { key: randomBytes(64), iv: randomBytes(16) };
    for (const size of [9, 11])
      await expect(
        collected(encryptAttachment(inChunks(randomBytes(10), [4]), size, secrets)),
      ).rejects.toThrow("another length");
  });
});

describe("a file of somebody's that lies", () => {
  const key = new Uint8Array(randomBytes(64));
  const iv = new Uint8Array(randomBytes(16));
  const file = randomBytes(5_000);
  const { blob, digest } = mocks(withZeros(file), key, iv);
  const truth = { encryptionKey: key, digest, size: file.length };
  /** A blob with the right MAC and digest around any ciphertext. */
  const proved = (ciphertext: Uint8Array) => {
    const body = Buffer.concat([iv, ciphertext]);
    const whole = Buffer.concat([body, createHmac("sha256", key.subarray(32)).update(body).digest()]);
    return [whole, { ...truth, digest: createHash("sha256").update(whole).digest() }] as const;
  };
  const encrypted = (content: Uint8Array, padding: boolean) => {
    const cipher = createCipheriv("aes-256-cbc", key.subarray(0, 32), iv).setAutoPadding(padding);
    return Buffer.concat([cipher.update(content), cipher.final()]);
  };

  test.each<[string, Uint8Array, Partial<ExpectedFile>]>([
    ["its digest", blob, { digest: randomBytes(32) }],
    ["its key", blob, { encryptionKey: Buffer.concat([randomBytes(32), key.subarray(32)]) }],
    ["the key of its MAC", blob, { encryptionKey: Buffer.concat([key.subarray(0, 32), randomBytes(32)]) }],
    ["its size, which is more", blob, { size: paddedLength(5_000) + 1 }],
    ["its size, which is much less", blob, { size: 5 }],
    ["its end, which is missing", blob.subarray(0, -1), {}],
    ["its end, which is longer", Buffer.concat([blob, Buffer.alloc(16)]), {}],
    ["being there at all", new Uint8Array(0), {}],
    ["having a MAC", blob.subarray(0, 47), {}],
    ["having anything beside a MAC", blob.subarray(0, 48), {}],
  ])("about %s is refused", async (_, bytes, lie) => {
    for (const pieces of [[1], [7, 16], [100_000]])
      await expect(read(bytes, { ...truth, ...lie }, pieces)).rejects.toMatchObject({
        reason: "bad-input",
        certain: true,
        words: expect.stringMatching(/^The file is /),
      });
  });

  test("with a right MAC and digest is refused where its ciphertext is none", async () => {
    for (const ciphertext of [
      new Uint8Array(0),
      randomBytes(17),
      encrypted(Buffer.alloc(6_000), false),
      encrypted(file.subarray(0, 4_999), true),
    ])
      await expect(read(...proved(ciphertext))).rejects.toMatchObject({ reason: "bad-input" });
  });

  test("in a single bit, anywhere, is refused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(blob.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Uint8Array.from(blob);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        await expect(read(changed, truth)).rejects.toMatchObject({ reason: "bad-input" });
      }),
    );
  });

  test("without an end is given up at the length that its size allows", async () => {
    let taken = 0;
    async function* endless() {
      for (;;) {
        taken += 1_000;
        yield new Uint8Array(1_000);
      }
    }
    await expect(collected(decryptAttachment(endless(), truth))).rejects.toMatchObject({
      reason: "bad-input",
    });
    expect(taken).toBeLessThanOrEqual(longestDownload(5_000) + 1_000);
  });
});
