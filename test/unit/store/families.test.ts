import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import type { FamilyKey } from "../../../src/core/ports/family-store.ts";
import { hostedFiles } from "../../../src/networks/meta-interop/hosted-files.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { families } from "../../../src/store/families/families.ts";
import type { FamilyTables } from "../../../src/store/families/family-tables.ts";
import { openStore } from "../../../src/store/open.ts";
import { LOGIN, START } from "../../contract/store-fixtures.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";
import { fileStore } from "./fixtures.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };
const bytes = (...of: number[]) => Uint8Array.from(of);
const coreSteps = new URL("../../../src/store/migrations/", import.meta.url);

/** A file as bridges wrote it before families had tables of their own. */
function beforeFamilies(path: string): void {
  const db = new Database(path);
  const steps = readdirSync(coreSteps).filter((name) => name < "0015");
  for (const step of steps) db.exec(readFileSync(new URL(step, coreSteps), "utf8"));
  db.exec(`UPDATE schema_version SET version = ${steps.length}; PRAGMA user_version = ${steps.length}`);
  const run = (sql: string, ...values: readonly (string | number | Uint8Array)[]): void =>
    void db.prepare(sql).run(...values);
  run("INSERT INTO signal_identity VALUES (?, '', ?, 77)", LOGIN, bytes(1));
  run("INSERT INTO signal_identity VALUES (?, 'bram', ?, NULL)", LOGIN, bytes(2));
  run("INSERT INTO signal_session VALUES (?, 'bram', ?)", LOGIN, bytes(3));
  run("INSERT INTO signal_prekey VALUES (?, 11, ?, ?)", LOGIN, bytes(4), START);
  run("INSERT INTO signal_signed_prekey VALUES (?, 12, ?, ?)", LOGIN, bytes(5), START + 1);
  run("INSERT INTO signal_kyber_prekey VALUES (?, 0, 13, ?, ?)", LOGIN, bytes(6), START + 2);
  run("INSERT INTO signal_kyber_prekey VALUES (?, 1, 14, ?, ?)", LOGIN, bytes(7), START + 3);
  run("INSERT INTO signal_prekey_last VALUES (?, 'one-time', 99)", LOGIN);
  run("INSERT INTO signal_kyber_use VALUES (?, 14, 12, ?)", LOGIN, bytes(8));
  run("INSERT INTO media_hosted VALUES ('file', ?, 5, ?)", LOGIN, START);
  db.close();
}

function rows(path: string, sql: string): readonly unknown[] {
  const db = new Database(path, { readonly: true });
  const found = db.prepare(sql).all();
  db.close();
  return found;
}

const versions = (path: string) => rows(path, "SELECT family, version FROM family_version ORDER BY family");
/** How many steps each family has. */
const known = families
  .map(({ key, migrations }) => ({ family: key.family, version: readdirSync(migrations).length }))
  .sort((a, b) => (a.family < b.family ? -1 : 1));

test("what a file of before has of Signal's keys and hosted files is taken over, to the last row", async () => {
  await using it = fileStore();
  beforeFamilies(it.path);
  const store = it.open();
  const signal = store.family(signalRecords);
  const aci = aciOf(LOGIN);
  const bram = { name: "bram", device: 1 };
  expect(await signal.own(aci)).toEqual({ keyPair: bytes(1), registrationId: 77 });
  expect(await signal.own({ login: LOGIN, account: "pni" })).toBeUndefined();
  expect(await signal.identity(LOGIN, "bram")).toEqual(bytes(2));
  expect(await signal.session(aci, bram)).toEqual(bytes(3));
  expect(await signal.devices(aci, "bram")).toEqual([1]);
  expect(await signal.preKey(aci, "one-time", 11)).toEqual(bytes(4));
  expect(await signal.preKey(aci, "signed", 12)).toEqual(bytes(5));
  expect(await signal.preKey(aci, "kyber", 13)).toEqual(bytes(6));
  expect(await signal.preKey(aci, "kyber-last-resort", 14)).toEqual(bytes(7));
  expect(await signal.newestPreKeyAt(aci, "signed")).toBe(START + 1);
  expect(await signal.lastPreKeyId(aci, "one-time")).toBe(99);
  expect(await signal.kyberUsed(aci, { kyberId: 14, signedId: 12, baseKey: bytes(8) })).toBe(true);
  expect(await store.family(hostedFiles).get("file")).toEqual({
    id: "file",
    login: LOGIN,
    size: 5,
    at: START,
  });
  expect(versions(it.path)).toEqual(known);
  expect(rows(it.path, "SELECT name FROM sqlite_schema WHERE name LIKE '%taken_over%'")).toEqual([]);
});

test.each(known)(
  "a file with newer tables of $family is refused in words, and left alone",
  async (family) => {
    await using it = fileStore();
    await it.open()[Symbol.asyncDispose]();
    const db = new Database(it.path);
    db.prepare("UPDATE family_version SET version = 99 WHERE family = ?").run(family.family);
    db.close();
    const before = readFileSync(it.path);
    const words = `The database was written by a newer bridge (tables of ${family.family} 99, this one knows ${family.version}). Start that version again, or put back a backup from before the upgrade.`;
    expect(() => it.open()).toThrow(
      expect.objectContaining({ reason: "storage", words: `${it.path}: ${words}` }),
    );
    expect(readFileSync(it.path).equals(before)).toBe(true);
  },
);

interface Notes {
  of(login: string): Promise<readonly string[]>;
}
interface NoteWrites {
  add(login: string, text: string): void;
}

/** A family of the test's own, whose steps are these. */
function notesFamily(folder: string, steps: Readonly<Record<string, string>>) {
  for (const [name, sql] of Object.entries(steps)) writeFileSync(join(folder, name), sql);
  const key: FamilyKey<Notes, NoteWrites> = { family: "notes" };
  const tables: FamilyTables<Notes, NoteWrites> = {
    key,
    migrations: pathToFileURL(`${folder}/`),
    reads: (db) => ({
      of: async (login) =>
        db.prepare<[string], string>("SELECT text FROM note WHERE login = ?").pluck().all(login),
    }),
    writes: (db) => ({
      add: (login, text) => void db.prepare("INSERT INTO note VALUES (?, ?)").run(login, text),
    }),
    forget: (db) => (login) => void db.prepare("DELETE FROM note WHERE login = ?").run(login),
  };
  return { key, tables };
}

const first = { "0001-notes.sql": "CREATE TABLE note (login TEXT NOT NULL, text TEXT NOT NULL) STRICT;" };

describe("a family that the bridge learns", () => {
  test("has steps of its own, each done once, whatever the core's are", async () => {
    await using it = fileStore();
    using folder = temporaryFolder();
    await it.open()[Symbol.asyncDispose]();
    const { key, tables } = notesFamily(folder.path, first);
    const all = [...families, tables];
    const store = openStore({ path: it.path, log, families: all });
    await store.write((tx) => tx.family(key).add(LOGIN, "one"));
    await store[Symbol.asyncDispose]();
    notesFamily(folder.path, { "0002-louder.sql": "UPDATE note SET text = text || '!';" });
    for (const _ of ["with the second step", "and once more"]) {
      await using again = openStore({ path: it.path, log, families: all });
      expect(await again.family(key).of(LOGIN)).toEqual(["one!"]);
    }
    expect(versions(it.path)).toEqual(
      [...known, { family: "notes", version: 2 }].sort((a, b) => (a.family < b.family ? -1 : 1)),
    );
  });

  test("commits with everything else, or with nothing", async () => {
    await using it = fileStore();
    using folder = temporaryFolder();
    const { key, tables } = notesFamily(folder.path, first);
    await using store = openStore({ path: it.path, log, families: [...families, tables] });
    const failing = store.write((tx) => {
      tx.family(key).add(LOGIN, "lost");
      tx.records.set("s", "n", "v");
      tx.family(signalRecords).setIdentity(LOGIN, "", bytes(1));
    });
    await expect(failing).rejects.toMatchObject({ reason: "unstorable" });
    expect(await store.family(key).of(LOGIN)).toEqual([]);
    expect(await store.records.get("s", "n")).toBeUndefined();
  });

  test("is emptied with the login, as its tables say", async () => {
    await using it = fileStore();
    using folder = temporaryFolder();
    const { key, tables } = notesFamily(folder.path, first);
    await using store = openStore({ path: it.path, log, families: [...families, tables] });
    await store.write((tx) => {
      for (const login of [LOGIN, "login-2", "login-3"]) tx.family(key).add(login, "theirs");
      tx.logins.empty(LOGIN);
      tx.logins.remove("login-2" as typeof LOGIN);
    });
    expect(await store.family(key).of(LOGIN)).toEqual([]);
    expect(await store.family(key).of("login-2")).toEqual([]);
    expect(await store.family(key).of("login-3")).toEqual(["theirs"]);
  });

  test("whose step fails leaves the file as it was", async () => {
    await using it = fileStore();
    using folder = temporaryFolder();
    beforeFamilies(it.path);
    const before = rows(it.path, "SELECT name, sql FROM sqlite_schema ORDER BY name");
    const { tables } = notesFamily(folder.path, { ...first, "0002-broken.sql": "UPDATE nothing SET x = 1;" });
    expect(() => openStore({ path: it.path, log, families: [...families, tables] })).toThrow();
    expect(rows(it.path, "SELECT name, sql FROM sqlite_schema ORDER BY name")).toEqual(before);
    expect(rows(it.path, "PRAGMA user_version")).toEqual([{ user_version: 14 }]);
  });
});

describe("a family that the bridge is opened without", () => {
  test("keeps its tables as they are, newer ones too, until it is back", async () => {
    await using it = fileStore();
    const store = it.open();
    await store.write((tx) => tx.family(signalRecords).setIdentity(LOGIN, "bram", bytes(2)));
    await store[Symbol.asyncDispose]();
    const others = families.filter(({ key }) => key.family !== signalRecords.family);
    const without = openStore({ path: it.path, log, families: others });
    expect(await without.family(hostedFiles).all()).toEqual([]);
    expect(() => without.family(signalRecords)).toThrow("without the tables of signal-protocol");
    await without[Symbol.asyncDispose]();
    expect(versions(it.path)).toEqual(known);
    const db = new Database(it.path);
    db.exec("UPDATE family_version SET version = 99 WHERE family = 'signal-protocol'");
    db.close();
    await openStore({ path: it.path, log, families: others })[Symbol.asyncDispose]();
    expect(() => it.open()).toThrow("newer bridge");
    const back = new Database(it.path);
    back.exec("UPDATE family_version SET version = 1 WHERE family = 'signal-protocol'");
    back.close();
    expect(await it.open().family(signalRecords).identity(LOGIN, "bram")).toEqual(bytes(2));
  });
});
