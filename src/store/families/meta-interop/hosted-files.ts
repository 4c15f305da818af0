import type { Database } from "better-sqlite3";
import type { LoginId } from "../../../core/model/ids.ts";
import {
  type HostedFile,
  type HostedFileReads,
  type HostedFileWrites,
  hostedFiles,
} from "../../../networks/meta-interop/hosted-files.ts";
import { command, query } from "../../database/query.ts";
import type { FamilyTables, NamedFile } from "../family-tables.ts";

const sql = {
  get: "SELECT id, login, size, at FROM media_hosted WHERE id = ?",
  stale: "SELECT id FROM media_hosted WHERE at < ? OR login NOT IN (SELECT id FROM login) ORDER BY at, id",
  files: "SELECT id AS name, size FROM media_hosted WHERE login IN (SELECT id FROM login) ORDER BY id",
  all: "SELECT id FROM media_hosted ORDER BY at, id",
  add: "INSERT INTO media_hosted (id, login, size, at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
  remove: "DELETE FROM media_hosted WHERE id = ?",
} as const;

type Id = Pick<HostedFile, "id">;

function hostedFileReads(db: Database): HostedFileReads {
  const get = query<[string], HostedFile>(db, sql.get);
  const stale = query<[number], Id>(db, sql.stale);
  const all = query<[], Id>(db, sql.all);
  return {
    get: async (id) => get.one(id),
    stale: async (at) => stale.all(at).map(({ id }) => id),
    all: async () => all.all().map(({ id }) => id),
  };
}

function hostedFileWrites(db: Database): HostedFileWrites {
  const add = command<[string, LoginId, number, number]>(db, sql.add);
  const remove = command<[string]>(db, sql.remove);
  return {
    add: ({ id, login, size, at }) => void add(id, login, size, at),
    remove: (id) => void remove(id),
  };
}

export const hostedFileTables: FamilyTables<HostedFileReads, HostedFileWrites> = {
  key: hostedFiles,
  migrations: new URL("./migrations/", import.meta.url),
  reads: hostedFileReads,
  writes: hostedFileWrites,
  files: (db) => query<[], NamedFile>(db, sql.files).all(),
  // The rows stay, because they name the files until these are deleted from the disk: without a login they are stale.
  forget: () => () => undefined,
};
