import { expect, test } from "@jest/globals";
import { Attachment, EncryptedAttachment, initAsync } from "@matrix-org/matrix-sdk-crypto-wasm";
import fc from "fast-check";
import type { FileKey, HomeserverFile } from "../../../src/core/model/media.ts";
import { openSealed, sealFile } from "../../../src/matrix/crypto/file-cipher.ts";
import { encryptedFile, encryptedFileIn } from "../../../src/matrix/events/encrypted-file.ts";

const whole = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};

function inChunks(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]) {
  return {
    size: bytes.length,
    async *read() {
      let at = 0;
      for (const size of sizes) {
        yield bytes.subarray(at, at + size);
        at += size;
      }
      yield bytes.subarray(at);
    },
  };
}

function fileIn(content: unknown): Required<HomeserverFile> {
  const file = encryptedFileIn(content);
  if (typeof file === "string" || file.key === undefined) throw new Error("no encrypted file");
  return { uri: file.uri, key: file.key };
}

const url = "mxc://example.org/file";
const keyed = (k: string, iv: string, sha256: string) => ({
  url,
  v: "v2",
  key: { alg: "A256CTR", ext: true, k, key_ops: ["encrypt", "decrypt"], kty: "oct" },
  iv,
  hashes: { sha256 },
});
const bytesAndChunks = [fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(40), { maxLength: 12 })] as const;

// The vectors of matrix-encrypt-attachment, whose tests clients share.
test.each([
  ["", "A".repeat(43), "A".repeat(22), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", ""],
  [
    "5xJZTt5cQicm+9f4",
    `${"_".repeat(42)}8`,
    "//////////8AAAAAAAAAAA",
    "YzF08lARDdOCzJpzuSwsjTNlQc4pHxpdHcXiD/wpK6k",
    "Hello, World",
  ],
  [
    "zhtFStAeFx0s+9L/sSQO+WQMtldqYEHqTxMduJrCIpnkyer09kxJJuA4K+adQE4w+7jZe/vR9kIcqj9rOhDR8Q",
    `${"_".repeat(42)}8`,
    "//////////8AAAAAAAAAAA",
    "IOq7/dHHB+mfHfxlRY5XMeCWEwTPmlf4cJcgrkf6fVU",
    "alphanumerically".repeat(4),
  ],
])("what others encrypted as %j is read", async (ciphertext, k, iv, sha256, said) => {
  const { key } = fileIn(keyed(k, iv, sha256));
  const opened = await whole(openSealed(inChunks(Buffer.from(ciphertext, "base64")).read(), key));
  expect(opened.toString()).toBe(said);
  expect(encryptedFile(url, key)).toEqual(keyed(k, iv, sha256));
});

test("any bytes, however they come, are read as they were, by us and by Matrix's crypto library, both ways", async () => {
  await initAsync();
  await fc.assert(
    fc.asyncProperty(...bytesAndChunks, ...bytesAndChunks, async (bytes, sizes, others, theirSizes) => {
      const sealed = await sealFile(inChunks(bytes, sizes));
      const ciphertext = await whole(sealed.read());
      expect(ciphertext).toHaveLength(sealed.size);
      const content = encryptedFile(url, sealed.key);
      expect(fileIn(content)).toEqual({ uri: url, key: sealed.key });
      expect(await whole(openSealed(inChunks(ciphertext, theirSizes).read(), sealed.key))).toEqual(
        Buffer.from(bytes),
      );
      expect(Attachment.decrypt(new EncryptedAttachment(ciphertext, JSON.stringify(content)))).toEqual(bytes);

      const theirs = Attachment.encrypt(others);
      const { key } = fileIn({ ...(JSON.parse(theirs.mediaEncryptionInfo ?? "") as object), url });
      const got = await whole(openSealed(inChunks(theirs.encryptedData, sizes).read(), key));
      expect(got).toEqual(Buffer.from(others));
    }),
    { numRuns: 60 },
  );
});

test("a repeat has the same key and bytes, and another file never the same key", async () => {
  await fc.assert(
    fc.asyncProperty(...bytesAndChunks, fc.uint8Array({ maxLength: 300 }), async (bytes, sizes, others) => {
      const first = await sealFile(inChunks(bytes));
      const again = await sealFile(inChunks(bytes, sizes), first.key);
      expect(again.key).toBe(first.key);
      expect(await whole(again.read())).toEqual(await whole(first.read()));
      fc.pre(!Buffer.from(others).equals(bytes));
      const other = await sealFile(inChunks(others), first.key);
      const [one, two] = [first.key, other.key].map((key) => JSON.parse(key) as Record<string, string>);
      expect(two?.["key"]).not.toBe(one?.["key"]);
      expect(two?.["iv"]).not.toBe(one?.["iv"]);
    }),
    { numRuns: 40 },
  );
  // The half of the counter that counts begins at zero.
  const { iv } = JSON.parse((await sealFile(inChunks(Buffer.from("x")))).key) as { iv: string };
  expect(Buffer.from(iv, "base64").subarray(8)).toEqual(Buffer.alloc(8));
});

test("a file that was changed anywhere, cut or lengthened ends in words, at its end at the latest", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), async (bytes, at) => {
      const sealed = await sealFile(inChunks(bytes));
      const ciphertext = await whole(sealed.read());
      const changed = Buffer.from(ciphertext);
      changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 1;
      for (const wrong of [changed, ciphertext.subarray(0, -1), Buffer.concat([ciphertext, Buffer.of(0)])]) {
        await expect(whole(openSealed(inChunks(wrong).read(), sealed.key))).rejects.toMatchObject({
          reason: "unreadable",
          certain: true,
          retryAfter: undefined,
          words: expect.stringContaining("not the one that was encrypted"),
        });
      }
    }),
    { numRuns: 30 },
  );
});

test("a stored key that is damaged ends in words", async () => {
  for (const key of ["", "{}", "[1]", '{"key":"AAAA","iv":"AAAA","sha256":"AAAA"}'])
    await expect(whole(openSealed(inChunks(Buffer.from("x")).read(), key as FileKey))).rejects.toMatchObject({
      reason: "unreadable",
    });
});
