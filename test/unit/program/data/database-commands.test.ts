import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { loadConfig } from "../../../../src/config/load.ts";
import { networksConfig } from "../../../../src/networks/registry.ts";
import { backup } from "../../../../src/program/data/backup.ts";
import { decrypt, encrypt, rekey, vacuum } from "../../../../src/program/data/database-commands.ts";
import { restore } from "../../../../src/program/data/restore.ts";
import { checkFiles } from "../../../../src/program/doctor/check-files.ts";
import { checkMachine } from "../../../../src/program/doctor/check-machine.ts";
import { login } from "../../../contract/store-fixtures.ts";
import { filledBridge } from "../../../kit/filled-bridge.ts";
import { runProgram } from "../../../kit/program.ts";
import { reportedBy } from "../../../kit/reported.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../kit/temporary-folder.ts";

let folder: TemporaryFolder;
let bridge: Awaited<ReturnType<typeof filledBridge>>;
let key: string;
beforeEach(async () => {
  folder = temporaryFolder();
  bridge = await filledBridge(folder.path);
  key = join(folder.path, "bridge.key");
});
afterEach(() => folder[Symbol.dispose]());

const HEADER = "SQLite format 3\0";
const nameKey = (line = "database_key_file: ./bridge.key") => appendFileSync(bridge.file, `${line}\n`);
const withoutKey = () =>
  writeFileSync(bridge.file, readFileSync(bridge.file, "utf8").replaceAll(/database_key_file.*\n/g, ""));
const run = (act: typeof encrypt | typeof decrypt | typeof vacuum) =>
  reportedBy(() => act({ kind: act.name, config: bridge.file, json: true } as never));
const rekeyTo = (newKey: string) =>
  reportedBy(() => rekey({ kind: "rekey", config: bridge.file, newKey, json: true }));
const header = () => readFileSync(bridge.config.database).subarray(0, 16).toString("latin1");
const holds = (words: string) => readFileSync(bridge.config.database, "latin1").includes(words);
const logins = async () => {
  await using store = bridge.open();
  return (await store.logins.all()).map(({ id }) => id);
};
const patient = () => ({
  file: bridge.file,
  loaded: loadConfig({ file: bridge.file, networks: networksConfig, environment: {} }),
  registrationPath: bridge.registration,
  secondPath: join(folder.path, "none.yaml"),
  inUse: false,
});

describe("encryption at rest", () => {
  test("is put on with a key that is made, changed, and taken off, and nothing can be read in between", async () => {
    expect([header(), holds(login().user)]).toEqual([HEADER, true]);
    nameKey();
    expect(await run(encrypt)).toMatchObject({ ok: true, key_file: key });
    expect((statSync(key).mode & 0o777).toString(8)).toBe("600");
    expect([header() === HEADER, holds(login().user), await logins()]).toEqual([false, false, [login().id]]);
    for (const end of ["-wal", "-shm", ".rewriting"])
      expect(existsSync(bridge.config.database + end)).toBe(false);
    expect((await checkMachine(patient(), undefined))[0]).toMatchObject({
      kind: "good",
      what: expect.stringContaining("is whole and encrypted"),
    });
    const next = join(folder.path, "next.key");
    expect(await rekeyTo(next)).toMatchObject({ ok: true });
    expect(() => bridge.open()).toThrow(
      /The key in .*bridge\.key does not open .*bridge\.db\. Put back the key/,
    );
    withoutKey();
    nameKey("database_key_file: ./next.key");
    expect(await logins()).toEqual([login().id]);
    expect((await run(decrypt)).ok).toBe(true);
    withoutKey();
    expect([header(), await logins()]).toEqual([HEADER, [login().id]]);
  });

  test("says what is wrong where key and file do not go together", async () => {
    expect((await run(encrypt)).error).toContain("names no key. Write “database_key_file: ./bridge.key”");
    nameKey();
    expect(() => bridge.open()).toThrow("cannot be read from");
    expect(existsSync(key)).toBe(false);
    expect((await run(decrypt)).error).toContain("It is not there.");
    writeFileSync(key, "a password", { mode: 0o600 });
    expect((await run(encrypt)).error).toContain("it must hold 64 hexadecimal digits");
    writeFileSync(key, "0a".repeat(32));
    expect(() => bridge.open()).toThrow(/bridge\.db is not encrypted, though database_key_file names a key/);
    expect((await run(decrypt)).error).toContain("is not encrypted");
    chmodSync(key, 0o644);
    expect((await run(encrypt)).error).toContain(`Everybody on this machine can read the key in ${key}`);
    expect(checkFiles(patient(), undefined)).toContainEqual(
      expect.objectContaining({ kind: "bad", where: key, cure: `chmod o= ${key}` }),
    );
    chmodSync(key, 0o600);
    await run(encrypt);
    expect((await run(encrypt)).error).toContain("is encrypted already");
    expect((await rekeyTo(key)).error).toContain("has already");
    expect((await rekeyTo(join(folder.path, "nowhere", "new.key"))).error).toContain(
      "nowhere/new.key cannot be used. Its folder is not there: make it.",
    );
    withoutKey();
    expect(() => bridge.open()).toThrow(/is encrypted, or no database at all\. Name the file with its key/);
    expect((await checkMachine(patient(), undefined))[0]).toMatchObject({
      kind: "bad",
      what: expect.stringContaining("is encrypted"),
    });
  });

  test("is kept by a backup, which needs the key to be put back", async () => {
    nameKey();
    await run(encrypt);
    const { file: config, registration } = bridge;
    const taken = await reportedBy(() =>
      backup({ kind: "backup", config, registration, to: undefined, keep: undefined, json: true }),
    );
    const from = String(taken["folder"]);
    expect(readFileSync(join(from, "bridge.db"), "latin1").startsWith(HEADER)).toBe(false);
    const putBack = () =>
      reportedBy(() => restore({ kind: "restore", config, registration, from, json: true }));
    expect((await putBack()).ok).toBe(true);
    expect(await logins()).toEqual([login().id]);
    const next = join(folder.path, "next.key");
    await rekeyTo(next);
    withoutKey();
    nameKey("database_key_file: ./next.key");
    expect((await putBack()).error).toContain(
      `The database of the backup is encrypted with another key than the one in ${next}. Name the file`,
    );
    expect(await logins()).toEqual([login().id]);
    // What is there may have any key: it is kept as it is.
    withoutKey();
    nameKey();
    expect((await putBack()).ok).toBe(true);
    expect(await logins()).toEqual([login().id]);
    withoutKey();
    expect((await putBack()).error).toContain("The database of the backup is encrypted. Name the file");
  });

  const killedDuring = (...words: readonly string[]) =>
    runProgram([...words, "-c", bridge.file, "--json"], {
      act: (child) => {
        const look = setInterval(() => {
          if (!existsSync(`${bridge.config.database}.rewriting`) && child.exitCode === null) return;
          clearInterval(look);
          child.kill("SIGKILL");
        }, 1);
      },
    });

  test("that is killed while it is changed or taken off leaves a file that one of both keys opens, whole", async () => {
    nameKey();
    await run(encrypt);
    const next = join(folder.path, "next.key");
    await killedDuring("rekey", "--new-key", next);
    const { error } = await rekeyTo(next);
    // The old key opens it, so that it has the new one by now; or it had that already.
    if (error !== undefined) expect(error).toContain(`The key in ${key} does not open`);
    withoutKey();
    nameKey("database_key_file: ./next.key");
    expect(await logins()).toEqual([login().id]);
    await killedDuring("decrypt");
    if (header() === HEADER) withoutKey();
    expect(await logins()).toEqual([login().id]);
  });

  test("that is killed while it is put on leaves the old file or the new one, whole", async () => {
    nameKey();
    const copy = `${bridge.config.database}.rewriting`;
    await killedDuring("encrypt");
    if (header() === HEADER) withoutKey();
    expect(await logins()).toEqual([login().id]);
    if (header() === HEADER) {
      nameKey();
      expect((await run(encrypt)).ok).toBe(true);
    }
    expect([existsSync(copy), await logins()]).toEqual([false, [login().id]]);
  });

  test("and vacuum refuse while a bridge runs", async () => {
    nameKey();
    withoutKey();
    await using _ = bridge.open();
    expect((await run(vacuum)).error).toContain("Another bridge is running on the database");
    nameKey();
    expect((await run(encrypt)).error).toContain("Another bridge is running on the database");
  });
});

test("vacuum gives back the room of what was deleted, and says how much", async () => {
  const { database } = bridge.config;
  const db = new Database(database);
  db.exec("CREATE TABLE filler (text TEXT) STRICT");
  const add = db.prepare("INSERT INTO filler VALUES (?)");
  db.transaction(() => {
    for (let index = 0; index < 400; index++) add.run("x".repeat(4_000));
  })();
  db.exec("DROP TABLE filler");
  db.close();
  const before = statSync(database).size;
  const { freed, after } = await run(vacuum);
  expect([freed, after]).toEqual([before - statSync(database).size, statSync(database).size]);
  expect(Number(freed)).toBeGreaterThan(1_500_000);
  expect(await logins()).toEqual([login().id]);
  rmSync(database);
  expect((await run(vacuum)).error).toContain("There is no database");
});
