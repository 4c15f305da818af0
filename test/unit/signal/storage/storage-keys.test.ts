import { randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  decryptStorageItem,
  decryptStorageManifest,
  deriveStorageKey,
  encryptStorageItem,
  encryptStorageManifest,
} from "@signalapp/mock-server/src/crypto.js";
import fc from "fast-check";
import { openStored, StorageKeys, sealStored } from "../../../../src/networks/signal/storage/storage-keys.ts";

const buffer = (bytes: Uint8Array): Buffer<ArrayBuffer> => Buffer.from(Uint8Array.from(bytes));
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const ids = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe("what is stored at the storage service", () => {
  test("a manifest of ours is read by Signal's mock server, and one of its by us", () => {
    fc.assert(
      fc.property(bytes32, fc.bigInt({ min: 1n, max: 2n ** 40n }), (masterKey, version) => {
        const theirs = deriveStorageKey(buffer(masterKey));
        const ours = new StorageKeys(masterKey).manifest(version);
        // A manifest's own version, as its first field.
        const sealed = encryptStorageManifest(theirs, {
          version,
          identifiers: [],
          sourceDevice: 2,
          recordIkm: null,
        });
        const plain = openStored(ours, sealed.value ?? new Uint8Array());
        const back = decryptStorageManifest(theirs, { version, value: buffer(sealStored(ours, plain)) });
        expect(back.version).toBe(version);
      }),
      { numRuns: 20 },
    );
  });

  test("so is a record, by the manifest's key for records and without one", () => {
    fc.assert(
      fc.property(bytes32, ids, fc.option(bytes32, { nil: undefined }), (masterKey, id, ikm) => {
        const storageKey = deriveStorageKey(buffer(masterKey));
        const recordIkm = ikm && buffer(ikm);
        const key = new StorageKeys(masterKey).record(id, ikm);
        const record = { record: { contact: { e164: "+31612345678", blocked: true } } };
        const item = encryptStorageItem({ storageKey, key: buffer(id), recordIkm, record } as never);
        const plain = openStored(key, item.value ?? new Uint8Array());
        const value = buffer(sealStored(key, plain));
        const back = decryptStorageItem({ storageKey, recordIkm, item: { key: buffer(id), value } });
        expect(back.record?.contact).toMatchObject({ e164: "+31612345678", blocked: true });
      }),
      { numRuns: 20 },
    );
  });

  test("bytes that were changed, cut or sealed with another key are not opened", () => {
    const key = randomBytes(32);
    const sealed = sealStored(key, Buffer.from("plain"));
    expect(Buffer.from(openStored(key, sealed)).toString()).toBe("plain");
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => openStored(key, changed)).toThrow();
      expect(() => openStored(key, sealed.subarray(0, at))).toThrow();
    }
    expect(() => openStored(randomBytes(32), sealed)).toThrow();
  });
});
