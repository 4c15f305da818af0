import type { EventId, OutboxId, RoomId, UserId } from "../../core/model/ids.ts";
import type { FamilyKey } from "../../core/ports/family-store.ts";
import type { SessionPlace } from "./message-index.ts";

/** What an object store of an IndexedDB database is: its keys stand beside its values, and none is made by itself. */
export interface ObjectStoreSchema {
  readonly name: string;
  readonly indexes: readonly IndexSchema[];
}

export interface IndexSchema {
  readonly name: string;
  /** Of one value, or of an array of several. */
  readonly keyPath: string | readonly string[];
  readonly unique: boolean;
}

export interface DatabaseSchema {
  readonly version: number;
  readonly stores: readonly ObjectStoreSchema[];
}

/** An object store of a database. */
export interface StorePlace {
  readonly database: string;
  readonly store: string;
}

/** Of encoded keys, which are ordered as bytes; a bound that is absent is none. */
export interface ByteRange {
  readonly lower?: Uint8Array | undefined;
  readonly upper?: Uint8Array | undefined;
  readonly lowerOpen: boolean;
  readonly upperOpen: boolean;
}

export interface CryptoRow {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly value: Uint8Array<ArrayBuffer>;
}

/** Where an index has a row. */
export interface IndexEntry {
  readonly index: string;
  readonly value: Uint8Array;
}

/** What of an object store is read: by its keys, or by those of an index; ascending. */
export interface RowsWanted {
  readonly place: StorePlace;
  readonly index?: string | undefined;
  readonly range: ByteRange;
  /** Only what comes behind this row. */
  readonly after?: Pick<IndexedRow, "at" | "key"> | undefined;
  readonly limit?: number | undefined;
}

/** `at`: the row's key in the index, or its own where none is asked. */
export interface IndexedRow extends CryptoRow {
  readonly at: Uint8Array<ArrayBuffer>;
}

/** The device of one of our users that encrypts. */
export interface CryptoDevice {
  readonly user: UserId;
  readonly device: string;
  /** Whether its keys and their signatures were published. */
  readonly published: boolean;
  /** The private cross-signing keys in unpadded base64, once there are any: they outlive the device. */
  readonly seeds?: CrossSigningSeeds | undefined;
  /** Its public Ed25519 key in unpadded base64: rows that lost theirs would make another. */
  readonly key?: string | undefined;
}

interface StoredDevice extends CryptoDevice {
  /** Whether another device must take its place before anything else is done. */
  readonly isDoubted: boolean;
}

/** What a row of the outbox is sent as, at each try. */
interface SealedRow {
  readonly row: OutboxId;
  /** The content of its `m.room.encrypted` event, as JSON. */
  readonly content: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Where in its session. */
  readonly place?: SessionPlace | undefined;
}

interface StoredSeal extends Omit<SealedRow, "place"> {
  /** The room that its session is for, where that is known. */
  readonly room: RoomId | undefined;
}

/** Spec: Cross-signing. */
export interface CrossSigningSeeds {
  readonly master: string;
  readonly selfSigning: string;
  readonly userSigning: string;
}

/** The rows of the IndexedDB databases in which the Matrix crypto library keeps its machines. */
export interface CryptoReads {
  schema(database: string): Promise<DatabaseSchema | undefined>;
  get(place: StorePlace, key: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** In the order of `at`, and of the keys where these are the same. */
  rows(wanted: RowsWanted): Promise<readonly IndexedRow[]>;
  databases(): Promise<readonly string[]>;
  device(user: UserId): Promise<StoredDevice | undefined>;
  countDevices(): Promise<number>;
  /** So many at most. */
  devices(most: number): Promise<readonly CryptoDevice[]>;
  /** Whether the room was encrypted at any time: it is never written to in the clear again. */
  isEncrypted(room: RoomId): Promise<boolean>;
  /** All that were. */
  encryptedRooms(): Promise<readonly RoomId[]>;
  sealed(row: OutboxId): Promise<StoredSeal | undefined>;
  /** Whether one of ours wrote at that place, which not every row that was sent says for ever. */
  isSealed(place: SessionPlace): Promise<boolean>;
  /** The event that was read at a place of a session. */
  opened(place: SessionPlace): Promise<EventId | undefined>;
}

export interface CryptoWrites {
  /** Rows of stores that the schema does not have are deleted. */
  setSchema(database: string, schema: DatabaseSchema): void;
  put(place: StorePlace, row: CryptoRow, entries: readonly IndexEntry[]): void;
  remove(place: StorePlace, key: Uint8Array): void;
  clear(place: StorePlace): void;
  removeDatabase(database: string): void;
  /** It is not doubted any more. */
  setDevice(device: CryptoDevice): void;
  /** Whoever of ours this is, or everybody, gets another device before they do anything else. */
  doubt(user?: UserId): void;
  setEncrypted(room: RoomId): void;
  /** In place of what the row was encrypted to before, for another room. */
  seal(sealed: SealedRow): void;
  /** Forgets what was sealed before that time and has been sent, or given up; of the oldest rows, so many at most. */
  unsealEnded(before: number, most: number): void;
  /** Notes that `reader`, one of ours, has the key of a room's session; `at`: when it was used. */
  useSession(session: string, reader: UserId, room: RoomId, at: number): void;
  /** Forgets the keys of sessions that were not used since then, so many at most, and what was read with them. */
  forgetSessions(before: number, most: number): void;
  /** Keeps who was the first at a place of a session. */
  open(place: SessionPlace, event: EventId): void;
}

export const cryptoRecords: FamilyKey<CryptoReads, CryptoWrites> = { family: "matrix-crypto" };
