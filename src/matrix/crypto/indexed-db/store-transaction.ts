import type { IndexSchema, ObjectStoreSchema } from "../crypto-records.ts";
import type { Request } from "./request.ts";
import type { RowLayer } from "./row-layer.ts";

export type Mode = "readonly" | "readwrite" | "versionchange";

/** The object stores that a database has. */
export interface Stores {
  storeSchema(name: string): ObjectStoreSchema | undefined;
  addIndex(store: string, index: IndexSchema): void;
}

/** A transaction as its object stores use it. */
export interface StoreTransaction {
  readonly mode: Mode;
  readonly layer: RowLayer;
  readonly db: Stores;
  /** Puts a request behind those before it. */
  ask<Asked extends Request>(request: Asked, act: () => Promise<unknown>): Asked;
}

/** An object store as its indexes and cursors use it. */
export interface CursorSource {
  readonly name: string;
  readonly transaction: StoreTransaction;
  put(value: unknown, key: unknown): Request;
  delete(query: unknown): Request;
}
