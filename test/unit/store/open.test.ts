import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import type { BridgeError } from "../../../src/core/model/errors.ts";
import { openDatabase } from "../../../src/store/database/database.ts";
import { families } from "../../../src/store/families/families.ts";
import { openStore } from "../../../src/store/open.ts";
import { event as eventId, fromMatrix, login, swept } from "../../contract/store-fixtures.ts";
import { fastest } from "../../kit/fastest.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";
import { fileStore } from "./fixtures.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };

function refusal(path: string): BridgeError {
  try {
    openStore({ path, log });
  } catch (error) {
    return error as BridgeError;
  }
  throw new Error("it was opened");
}

/** Changes the file as another program would. */
function tamper(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

describe("opening", () => {
  test("makes a file for the bridge's user alone", async () => {
    await using it = fileStore();
    const store = it.open();
    await store.write((tx) => tx.logins.add(login()));
    for (const file of [it.path, `${it.path}-wal`, `${it.path}-shm`, `${it.path}.lock`])
      expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
  });

  test("keeps to the promised settings", () => {
    using folder = temporaryFolder();
    using database = openDatabase({ path: join(folder.path, "bridge.db") }, families);
    const { db } = database;
    const setting = (name: string) => db.pragma(name, { simple: true });
    expect(["journal_mode", "synchronous", "secure_delete", "foreign_keys"].map(setting)).toEqual([
      "wal",
      2,
      1,
      1,
    ]);
    const tables = db.prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").all();
    const loose = tables.filter((it) => (it as { strict: number }).strict === 0);
    expect(loose).toEqual([{ name: "sqlite_schema", strict: 0 }]);
  });

  test.each(["UPDATE schema_version SET version = 999", "PRAGMA user_version = 999"])(
    "refuses a file of a newer bridge and leaves it alone: %s",
    async (sql) => {
      await using it = fileStore();
      const store = it.open();
      await store.write((tx) => tx.logins.add(login()));
      await store[Symbol.asyncDispose]();
      tamper(it.path, sql);
      const before = readFileSync(it.path);
      expect(refusal(it.path)).toMatchObject({
        reason: "storage",
        words: expect.stringMatching(/newer bridge.*backup/s),
      });
      expect(readFileSync(it.path).equals(before)).toBe(true);
    },
  );

  test("holds nobody up for a reader beside it when it empties its log, and does so after that", async () => {
    await using it = fileStore();
    const store = it.open();
    const reader = new Database(it.path, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT * FROM login").all();
    const wal = () => statSync(`${it.path}-wal`).size;
    const removing = async (): Promise<number> => {
      await store.write((tx) => tx.logins.add(login()));
      const began = performance.now();
      await store.write((tx) => tx.logins.remove(login().id));
      return performance.now() - began;
    };
    // As long as a locked database is waited for elsewhere.
    expect(await fastest(removing)).toBeLessThan(2_000);
    expect(wal()).toBeGreaterThan(0);
    reader.close();
    await store.write((tx) => tx.logins.add(login()));
    expect(wal()).toBe(0);
  });

  test("refuses what is no database", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "bridge.db");
    writeFileSync(path, "not a database at all, but long enough to look at. ".repeat(100));
    expect(refusal(path)).toMatchObject({
      reason: "storage",
      words: expect.stringContaining("not a database"),
    });
    expect(readFileSync(path, "utf8")).toMatch(/^not a database at all/);
  });

  test("refuses a damaged file", async () => {
    await using it = fileStore();
    const store = it.open();
    await store.write((tx) => tx.logins.add(login()));
    await store[Symbol.asyncDispose]();
    const whole = readFileSync(it.path);
    writeFileSync(it.path, Buffer.concat([whole.subarray(0, 2000), Buffer.alloc(whole.length - 2000, 0x5a)]));
    expect(refusal(it.path)).toMatchObject({ reason: "storage", words: expect.stringContaining("damaged") });
  });

  test("refuses a database of another program and adds nothing to it", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "bridge.db");
    tamper(path, "CREATE TABLE notes (text TEXT)");
    expect(refusal(path)).toMatchObject({ words: expect.stringContaining("another program") });
    const db = new Database(path);
    expect(db.prepare("SELECT name FROM sqlite_schema").pluck().all()).toEqual(["notes"]);
    expect(db.pragma("journal_mode", { simple: true })).toBe("delete");
    db.close();
  });

  test("refuses a folder that does not exist, and a folder in place of a file", () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "folder"));
    for (const path of [join(folder.path, "none", "bridge.db"), join(folder.path, "folder")])
      expect(refusal(path)).toMatchObject({ reason: "storage", words: expect.stringContaining("folder") });
  });

  test("refuses a second bridge on one file, until the first is gone", async () => {
    await using it = fileStore();
    const first = it.open();
    expect(refusal(it.path)).toMatchObject({ words: expect.stringContaining("Another bridge is running") });
    await first.write((tx) => tx.records.set("s", "n", "v"));
    await first[Symbol.asyncDispose]();
    expect(await it.open().records.get("s", "n")).toBe("v");
  });

  test("another program may read while the bridge runs", async () => {
    await using it = fileStore();
    const store = it.open();
    await store.write((tx) => tx.logins.add(login()));
    const reader = new Database(it.path, { readonly: true });
    expect(reader.prepare("SELECT count(*) FROM login").pluck().get()).toBe(1);
    reader.close();
  });
});

test("what was deleted is nowhere in the files after the housekeeping", async () => {
  await using it = fileStore();
  const store = it.open();
  const secret = "the-canary-text";
  const kept = "the-other-canary";
  const there = (text: string): boolean =>
    [it.path, `${it.path}-wal`].some((file) => existsSync(file) && readFileSync(file).includes(text));
  const ids = Array.from({ length: 30 }, (_, n) => eventId(`${n}`));
  await store.write((tx) => {
    for (const id of ids)
      tx.matrixInbox.take({ ...fromMatrix(secret.repeat(id.length * 40)), id }, "push", false);
    tx.matrixInbox.take(fromMatrix(kept), "push", false);
  });
  expect(there(secret)).toBe(true);
  await store.write((tx) => {
    for (const id of ids) tx.matrixInbox.finish(id);
  });
  await swept(store, Date.now());
  expect(there(secret)).toBe(false);
  expect(there(kept)).toBe(true);
});
