import { randomBytes } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { MOST_READ, type StorageService } from "../service/storage-service.ts";
import {
  type ManifestRecord,
  ManifestRecord_IdentifierSchema,
  ManifestRecordSchema,
  ReadOperationSchema,
  StorageItemSchema,
  StorageItemsSchema,
  StorageManifestSchema,
  type StorageRecord,
  StorageRecordSchema,
  WriteOperationSchema,
} from "../wire/gen/storage_pb.js";
import { decodeWhole } from "../wire/protobuf.ts";
import { openStored, type StorageKeys, sealStored } from "./storage-keys.ts";

/** A contact's record, and a group's, by their numbers in a manifest. */
export const CONTACT = 1;
export const GROUP = 3;

/** A record of the account, under the id that the manifest has for its present content. */
export interface StoredRecord {
  readonly id: Uint8Array;
  readonly record: StorageRecord;
}

interface StoredAccountParts {
  readonly service: Pick<StorageService, "manifestAfter" | "read" | "write">;
  readonly keys: StorageKeys;
  /** Ours, which a manifest names that we write. */
  readonly device: number;
}

const ID = 16;

/** What an account keeps at the storage service, decrypted. Fields that we do not know are written back as they were. */
export class StoredAccount {
  readonly #parts: StoredAccountParts;

  constructor(parts: StoredAccountParts) {
    this.#parts = parts;
  }

  /**
   * A manifest newer than a version; undefined where there is none. Throws BridgeError, and another error where it
   * cannot be decrypted.
   */
  async manifestAfter(version: bigint): Promise<ManifestRecord | undefined> {
    const { service, keys } = this.#parts;
    const sealed = await service.manifestAfter(version);
    if (!sealed) return undefined;
    const outer = decodeWhole(StorageManifestSchema, sealed);
    return decodeWhole(ManifestRecordSchema, openStored(keys.manifest(outer.version), outer.value));
  }

  /** Records of a manifest by their ids; one that is gone or cannot be read is left out, with `unread` told of it. */
  async *records(
    { recordIkm }: ManifestRecord,
    ids: readonly Uint8Array[],
    unread: (fault: unknown) => void,
  ): AsyncGenerator<StoredRecord> {
    const { service, keys } = this.#parts;
    for (let start = 0; start < ids.length; start += MOST_READ) {
      const readKey = ids.slice(start, start + MOST_READ).map((id) => Uint8Array.from(id));
      const operation = toBinary(ReadOperationSchema, create(ReadOperationSchema, { readKey }));
      const { items } = decodeWhole(StorageItemsSchema, await service.read(operation));
      for (const { key: id, value } of items) {
        try {
          const plain = openStored(keys.record(id, recordIkm), value);
          yield { id, record: decodeWhole(StorageRecordSchema, plain) };
        } catch (fault) {
          unread(fault);
        }
      }
    }
  }

  /**
   * Writes a record of a kind, in place of the one under `old` where there is one, as the manifest after the given one;
   * undefined where another device wrote that before. Throws BridgeError.
   */
  async put(
    manifest: ManifestRecord,
    type: number,
    record: StorageRecord,
    old?: Uint8Array,
  ): Promise<{ readonly manifest: ManifestRecord; readonly id: Uint8Array } | undefined> {
    const { service, keys, device } = this.#parts;
    const id = new Uint8Array(randomBytes(ID));
    const version = manifest.version + 1n;
    const identifiers = [
      ...manifest.identifiers.filter(({ raw }) => old === undefined || !isSame(raw, old)),
      create(ManifestRecord_IdentifierSchema, { raw: id, type }),
    ];
    const next = { ...manifest, version, sourceDevice: device, identifiers };
    const sealedManifest = sealStored(keys.manifest(version), toBinary(ManifestRecordSchema, next));
    const sealed = sealStored(keys.record(id, manifest.recordIkm), toBinary(StorageRecordSchema, record));
    const operation = create(WriteOperationSchema, {
      manifest: create(StorageManifestSchema, { version, value: sealedManifest }),
      insertItem: [create(StorageItemSchema, { key: id, value: sealed })],
      deleteKey: old === undefined ? [] : [Uint8Array.from(old)],
    });
    return (await service.write(toBinary(WriteOperationSchema, operation)))
      ? { manifest: next, id }
      : undefined;
  }
}

export const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
