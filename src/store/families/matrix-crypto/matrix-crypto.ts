import type { Database } from "better-sqlite3";
import type { EventId, OutboxId, RoomId, UserId } from "../../../core/model/ids.ts";
import {
  type CrossSigningSeeds,
  type CryptoDevice,
  type CryptoReads,
  type CryptoWrites,
  cryptoRecords,
  type DatabaseSchema,
  type IndexedRow,
  type RowsWanted,
  type StorePlace,
} from "../../../matrix/crypto/crypto-records.ts";
import { bytes, command, query } from "../../database/query.ts";
import type { FamilyTables } from "../family-tables.ts";
import { forgetLogin, sessionWrites } from "./sessions.ts";

const STORE = `(SELECT crypto_store.id FROM crypto_store JOIN crypto_database ON crypto_database.id = database
  WHERE crypto_database.name = ? AND crypto_store.name = ?)`;
/** Before and behind all encoded keys. */
const NOTHING = new Uint8Array();
const END = Uint8Array.of(0xff);
/** More than any limit. */
const ALL = -1;

/**
 * Within both ends, each with whether it is itself outside, and behind a place. The ends alone are what the index is
 * searched by, so that there is always one: a condition that may be none would have all rows of a store read.
 */
const within = (at: string, key: string): string =>
  `AND ${at} >= ? AND ${at} <= ? AND (? OR ${at} > ?) AND (? OR ${at} < ?)
   AND (? OR (${at}, ${key}) > (?, ?)) ORDER BY ${at}, ${key} LIMIT 0 + ?`;

const sql = {
  schema: "SELECT schema FROM crypto_database WHERE name = ?",
  databases: "SELECT name FROM crypto_database ORDER BY name",
  get: `SELECT value FROM crypto_row WHERE store = ${STORE} AND key = ?`,
  rows: `SELECT key AS at, key, value FROM crypto_row WHERE store = ${STORE} ${within("key", "key")}`,
  indexed: `SELECT entry.value AS at, entry.key, row.value FROM crypto_index AS entry
    JOIN crypto_row AS row ON row.store = entry.store AND row.key = entry.key
    WHERE entry.store = ${STORE} AND entry.name = ? ${within("entry.value", "entry.key")}`,
  setSchema: `INSERT INTO crypto_database (name, schema) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET schema = excluded.schema`,
  addStore: `INSERT INTO crypto_store (database, name)
    SELECT id, ? FROM crypto_database WHERE name = ? ON CONFLICT DO NOTHING`,
  stores: `SELECT crypto_store.name FROM crypto_store JOIN crypto_database ON crypto_database.id = database
    WHERE crypto_database.name = ?`,
  removeStore: `DELETE FROM crypto_store WHERE id = ${STORE}`,
  put: `INSERT INTO crypto_row (store, key, value) VALUES (${STORE}, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value`,
  enter: `INSERT INTO crypto_index (store, name, value, key) VALUES (${STORE}, ?, ?, ?) ON CONFLICT DO NOTHING`,
  remove: `DELETE FROM crypto_row WHERE store = ${STORE} AND key = ?`,
  leave: `DELETE FROM crypto_index WHERE store = ${STORE} AND key = ?`,
  clear: `DELETE FROM crypto_row WHERE store = ${STORE}`,
  leaveAll: `DELETE FROM crypto_index WHERE store = ${STORE}`,
  removeDatabase: "DELETE FROM crypto_database WHERE name = ?",
  device: `SELECT device, published, seeds, identity_key, is_doubted FROM crypto_device WHERE bridge_user = ?`,
  doubt: "UPDATE crypto_device SET is_doubted = 1 WHERE bridge_user = ?",
  doubtAll: "UPDATE crypto_device SET is_doubted = 1",
  devices:
    "SELECT bridge_user, device, published, seeds, identity_key, is_doubted FROM crypto_device LIMIT ?",
  countDevices: "SELECT count(*) AS count FROM crypto_device",
  isEncrypted: "SELECT 1 AS found FROM crypto_room WHERE id = ?",
  encryptedRooms: "SELECT id FROM crypto_room ORDER BY id",
  setEncrypted: "INSERT INTO crypto_room (id) VALUES (?) ON CONFLICT DO NOTHING",
  sealed: `SELECT content, at, (SELECT room FROM crypto_session WHERE crypto_session.id = session) AS room
    FROM crypto_sealed WHERE id = ?`,
  seal: "INSERT OR REPLACE INTO crypto_sealed (id, content, at, session, position) VALUES (?, ?, ?, ?, ?)",
  isSealed: "SELECT 1 AS found FROM crypto_sealed WHERE session = ? AND position = ?",
  unsealEnded: `DELETE FROM crypto_sealed WHERE id IN
    (SELECT id FROM crypto_sealed WHERE at < ? ORDER BY at LIMIT 0 + ?) AND NOT EXISTS (SELECT 1 FROM hs_outbox WHERE hs_outbox.id = crypto_sealed.id AND ended_at IS NULL)`,
  opened: "SELECT event FROM crypto_opened WHERE session = ? AND position = ?",
  open: "INSERT INTO crypto_opened (session, position, event) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  setDevice: `INSERT INTO crypto_device (bridge_user, device, published, seeds, identity_key) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (bridge_user) DO UPDATE SET device = excluded.device, published = excluded.published,
      seeds = excluded.seeds, identity_key = excluded.identity_key, is_doubted = 0`,
} as const;

type Place = [database: string, store: string];
type Key = [...Place, key: Uint8Array];
type Bound = [isAbsent: number, bound: Uint8Array];
type Within = [
  least: Uint8Array,
  most: Uint8Array,
  ...Bound,
  ...Bound,
  ...Bound,
  key: Uint8Array,
  limit: number,
];
interface RowFound {
  readonly at: Uint8Array;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const bound = (value: Uint8Array | undefined): Bound => (value ? [0, value] : [1, NOTHING]);

interface DeviceRow {
  readonly device: string;
  readonly published: number;
  readonly seeds: string | null;
  readonly identity_key: string | null;
  readonly is_doubted: number;
}

function deviceOf(user: UserId, { device, published, seeds, identity_key: key }: DeviceRow): CryptoDevice {
  // Written by `setDevice`.
  const parsed = seeds === null ? undefined : (JSON.parse(seeds) as CrossSigningSeeds);
  return { user, device, published: published === 1, seeds: parsed, key: key ?? undefined };
}

function params({ range, after, limit = ALL }: RowsWanted): Within {
  const { lower = NOTHING, upper = END, lowerOpen, upperOpen } = range;
  return [
    after && Buffer.compare(after.at, lower) > 0 ? after.at : lower,
    upper,
    ...bound(lowerOpen ? lower : undefined),
    ...bound(upperOpen ? upper : undefined),
    ...bound(after?.at),
    after?.key ?? NOTHING,
    limit,
  ];
}

function cryptoReads(db: Database): CryptoReads {
  const schema = query<[string], { readonly schema: string }>(db, sql.schema);
  const databases = query<[], { readonly name: string }>(db, sql.databases);
  const get = query<Key, { readonly value: Uint8Array }>(db, sql.get);
  const rows = query<[...Place, ...Within], RowFound>(db, sql.rows);
  const indexed = query<[...Place, index: string, ...Within], RowFound>(db, sql.indexed);
  const device = query<[UserId], DeviceRow>(db, sql.device);
  const devices = query<[number], DeviceRow & { readonly bridge_user: UserId }>(db, sql.devices);
  const isEncrypted = query<[RoomId], { readonly found: number }>(db, sql.isEncrypted);
  const encryptedRooms = query<[], { readonly id: RoomId }>(db, sql.encryptedRooms);
  const sealed = query<
    [OutboxId],
    { readonly content: string; readonly at: number; readonly room: RoomId | null }
  >(db, sql.sealed);
  const isSealed = query<[string, number], { readonly found: number }>(db, sql.isSealed);
  const countDevices = query<[], { readonly count: number }>(db, sql.countDevices);
  const opened = query<[string, number], { readonly event: EventId }>(db, sql.opened);
  const found = ({ at, key, value }: RowFound): IndexedRow => ({
    at: bytes(at),
    key: bytes(key),
    value: bytes(value),
  });
  return {
    schema: async (database) => {
      const row = schema.one(database);
      // Written by `setSchema`.
      return row && (JSON.parse(row.schema) as DatabaseSchema);
    },
    databases: async () => databases.all().map(({ name }) => name),
    device: async (user) => {
      const row = device.one(user);
      return row && { ...deviceOf(user, row), isDoubted: row.is_doubted === 1 };
    },
    devices: async (most) => devices.all(most).map((row) => deviceOf(row.bridge_user, row)),
    countDevices: async () => countDevices.one()?.count ?? 0,
    isSealed: async ({ session, position }) => isSealed.one(session, position) !== undefined,
    isEncrypted: async (room) => isEncrypted.one(room) !== undefined,
    encryptedRooms: async () => encryptedRooms.all().map(({ id }) => id),
    sealed: async (row) => {
      const stored = sealed.one(row);
      return stored && { row, ...stored, room: stored.room ?? undefined };
    },
    opened: async ({ session, position }) => opened.one(session, position)?.event,
    get: async ({ database, store }, key) => {
      const row = get.one(database, store, key);
      return row && bytes(row.value);
    },
    rows: async (wanted) => {
      const { place, index } = wanted;
      const { database, store } = place;
      const all =
        index === undefined
          ? rows.all(database, store, ...params(wanted))
          : indexed.all(database, store, index, ...params(wanted));
      return all.map(found);
    },
  };
}

function cryptoWrites(db: Database): CryptoWrites {
  const setSchema = command<[string, string]>(db, sql.setSchema);
  const addStore = command<[store: string, database: string]>(db, sql.addStore);
  const stores = query<[string], { readonly name: string }>(db, sql.stores);
  const removeStore = command<Place>(db, sql.removeStore);
  const put = command<[...Key, Uint8Array]>(db, sql.put);
  const enter = command<[...Place, string, Uint8Array, Uint8Array]>(db, sql.enter);
  const remove = command<Key>(db, sql.remove);
  const leave = command<Key>(db, sql.leave);
  const clear = command<Place>(db, sql.clear);
  const leaveAll = command<Place>(db, sql.leaveAll);
  const setDevice = command<[UserId, string, number, string | null, string | null]>(db, sql.setDevice);
  const doubt = command<[UserId]>(db, sql.doubt);
  const doubtAll = command<[]>(db, sql.doubtAll);
  const setEncrypted = command<[RoomId]>(db, sql.setEncrypted);
  const seal = command<[OutboxId, string, number, string | null, number | null]>(db, sql.seal);
  const unsealEnded = command<[number, number]>(db, sql.unsealEnded);
  const open = command<[string, number, EventId]>(db, sql.open);
  const removeDatabase = command<[string]>(db, sql.removeDatabase);

  const empty = ({ database, store }: StorePlace): void => {
    leaveAll(database, store);
    clear(database, store);
  };
  const keepStores = (database: string, kept: readonly string[]): void => {
    for (const { name } of stores.all(database)) {
      if (kept.includes(name)) continue;
      empty({ database, store: name });
      removeStore(database, name);
    }
  };
  return {
    setSchema(database, schema) {
      setSchema(database, JSON.stringify(schema));
      const names = schema.stores.map(({ name }) => name);
      keepStores(database, names);
      for (const name of names) addStore(name, database);
    },
    put({ database, store }, { key, value }, entries) {
      put(database, store, key, value);
      leave(database, store, key);
      for (const entry of entries) enter(database, store, entry.index, entry.value, key);
    },
    remove({ database, store }, key) {
      leave(database, store, key);
      remove(database, store, key);
    },
    clear: empty,
    setEncrypted: (room) => void setEncrypted(room),
    seal: ({ row, content, at, place }) =>
      void seal(row, content, at, place?.session ?? null, place?.position ?? null),
    unsealEnded: (before, most) => void unsealEnded(before, most),
    open: ({ session, position }, event) => void open(session, position, event),
    setDevice: ({ user, device, published, seeds, key }) =>
      void setDevice(user, device, published ? 1 : 0, seeds ? JSON.stringify(seeds) : null, key ?? null),
    doubt: (user) => void (user === undefined ? doubtAll() : doubt(user)),
    ...sessionWrites(db),
    removeDatabase(database) {
      keepStores(database, []);
      removeDatabase(database);
    },
  };
}

/** The tables of the Matrix crypto library. Their rows belong to the bridge's own Matrix users; a login's rooms have some. */
export const matrixCryptoTables: FamilyTables<CryptoReads, CryptoWrites> = {
  key: cryptoRecords,
  migrations: new URL("./migrations/", import.meta.url),
  reads: cryptoReads,
  writes: cryptoWrites,
  restore: (db) => void db.exec(sql.doubtAll),
  forget: forgetLogin,
};
