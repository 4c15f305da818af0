import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { backup } from "../../../../src/program/data/backup.ts";
import { restore } from "../../../../src/program/data/restore.ts";
import { login, OTHER_LOGIN } from "../../../contract/store-fixtures.ts";
import { filledBridge, hostedBytes } from "../../../kit/filled-bridge.ts";
import { isRoot } from "../../../kit/nobody.ts";
import { runProgram } from "../../../kit/program.ts";
import { reportedBy } from "../../../kit/reported.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../kit/temporary-folder.ts";

let folder: TemporaryFolder;
let bridge: Awaited<ReturnType<typeof filledBridge>>;
let copy: string;
beforeEach(async () => {
  folder = temporaryFolder();
  bridge = await filledBridge(folder.path);
  const { file: config, registration } = bridge;
  const taken = await reportedBy(() =>
    backup({ kind: "backup", config, registration, to: undefined, keep: undefined, json: true }),
  );
  copy = String(taken["folder"]);
});
afterEach(() => folder[Symbol.dispose]());

const putBack = (over: { readonly config?: string; readonly registration?: string } = {}) => {
  const { file: config, registration } = bridge;
  return reportedBy(() =>
    restore({ kind: "restore", config, registration, from: copy, json: true, ...over }),
  );
};
const logins = async () => {
  await using store = bridge.open();
  return (await store.logins.all()).map(({ id }) => id);
};
/** All files of the bridge, with what is in them. */
const everything = () =>
  Object.fromEntries(
    readdirSync(folder.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".lock"))
      .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), "hex")]),
  );

describe("restore", () => {
  test("puts the copy in the place of what is there, and keeps that", async () => {
    {
      await using store = bridge.open();
      await store.write((tx) => tx.logins.add(login({ id: OTHER_LOGIN })));
    }
    const [first = ""] = bridge.ids;
    rmSync(join(bridge.hosted, first));
    const { kept } = await putBack();
    expect(await logins()).toEqual([login().id]);
    for (const id of bridge.ids) expect(readFileSync(join(bridge.hosted, id))).toEqual(hostedBytes(id));
    const [database = "", files = ""] = kept as string[];
    expect(
      new Database(database, { readonly: true }).prepare("SELECT count(*) FROM login").pluck().get(),
    ).toBe(2);
    expect(existsSync(join(files, first))).toBe(false);
    expect((await putBack())["ok"]).toBe(true);
  });

  test("puts back a damaged database with its log aside, under names by which they can be opened", async () => {
    const { database } = bridge.config;
    writeFileSync(database, "damaged beyond all telling");
    writeFileSync(`${database}-wal`, "of the damaged one");
    const { kept } = await putBack();
    const [first = ""] = kept as string[];
    expect(kept).toEqual(expect.arrayContaining([first, `${first}-wal`]));
    expect(readFileSync(`${first}-wal`, "utf8")).toBe("of the damaged one");
    expect(await logins()).toEqual([login().id]);
  });

  test("into an empty folder puts the configuration and registrations too, for the bridge's user alone", async () => {
    const there = join(folder.path, "new", "config");
    const config = join(there, "config.yaml");
    const { settings } = await putBack({ config, registration: join(there, "registration.yaml") });
    expect(settings).toEqual([config, join(there, "registration.yaml")]);
    expect(readdirSync(join(there, "data")).sort()).toEqual(["bridge.db", "bridge.db.lock", "media"]);
    for (const name of ["data", "data/bridge.db", "data/media/hosted", "config.yaml", "registration.yaml"])
      expect((statSync(join(there, name)).mode & 0o077).toString(8)).toBe("0");
  });

  test("refuses while a bridge runs", async () => {
    await using _ = bridge.open();
    expect((await putBack()).error).toContain("Another bridge is running on the database");
    expect(existsSync(`${bridge.config.database}.restoring`)).toBe(false);
  });

  const spoilt: readonly (readonly [string, () => void, RegExp])[] = [
    ["a folder of something else", () => rmSync(join(copy, "manifest.json")), /no whole backup/],
    ["a garbage manifest", () => writeFileSync(join(copy, "manifest.json"), "\0{"), /no whole backup/],
    ["a manifest of another shape", () => edit({ files: [{ name: "bridge.db" }] }), /cannot be understood/],
    ["a changed byte", () => writeFileSync(join(copy, "bridge.db"), flipped()), /damaged: bridge\.db is not/],
    [
      "a missing file",
      () => rmSync(join(copy, "hosted", bridge.ids[0] ?? "")),
      /not whole: hosted\/a+ is not/,
    ],
    ["a name that leads out", () => rename("../../config.yaml"), /names a file “\.\.\/\.\.\/config\.yaml”/],
    ["a name that leads out of a folder", () => rename("hosted/../../x"), /names a file/],
    ["an absolute name", () => rename("/etc/passwd"), /names a file “\/etc\/passwd”/],
    ["no database", () => rename("config.yaml"), /has no database, or a file twice/],
    ["a link in the place of a file", () => link("bridge.db"), /bridge\.db is a link or a folder/],
    ["a newer bridge's format", () => edit({ format: 99 }), /made by a newer bridge \(0\.1\.0\)/],
    ["another homeserver's", () => edit({ server_name: "other.test" }), /of the bridge of other\.test/],
    ["an encrypted database without a key", () => edit({ encrypted: true }), /is encrypted\. Name the file/],
  ];
  const read = () => JSON.parse(readFileSync(join(copy, "manifest.json"), "utf8"));
  const edit = (over: object) =>
    writeFileSync(join(copy, "manifest.json"), JSON.stringify({ ...read(), ...over }));
  const rename = (name: string) => {
    const [first, ...rest] = read().files;
    edit({ files: [{ ...first, name }, ...rest] });
  };
  const flipped = () => readFileSync(join(copy, "bridge.db")).fill(0x01, 5000, 5001);
  const link = (name: string) => {
    renameSync(join(copy, name), join(folder.path, "elsewhere"));
    symlinkSync(join(folder.path, "elsewhere"), join(copy, name));
  };
  test("of what is no whole backup of this bridge changes nothing and says what it is", async () => {
    const whole = copy;
    for (const [what, spoil, words] of spoilt) {
      copy = join(folder.path, "spoilt", what.replaceAll(/\W/g, "-"));
      cpSync(whole, copy, { recursive: true });
      spoil();
      const before = everything();
      expect([what, (await putBack()).error]).toEqual([what, expect.stringMatching(words)]);
      expect(everything()).toEqual(before);
    }
  });

  test("of a newer bridge's database is refused, and so is one that is not whole inside", async () => {
    const into = (change: (db: Database.Database) => void) => {
      const db = new Database(join(copy, "bridge.db"));
      change(db);
      db.close();
    };
    const { createHash } = await import("node:crypto");
    const sign = () => {
      const bytes = readFileSync(join(copy, "bridge.db"));
      const [first, ...rest] = read().files;
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      edit({ files: [{ ...first, size: bytes.length, sha256 }, ...rest] });
    };
    into((db) => db.pragma("user_version = 999"));
    sign();
    expect((await putBack()).error).toContain("written by a newer bridge");
    into((db) => db.pragma("user_version = 0"));
    writeFileSync(
      join(copy, "bridge.db"),
      readFileSync(join(copy, "bridge.db")).fill(0x5a, 4096 * 3, 4096 * 9),
    );
    sign();
    expect((await putBack()).error).toContain("damaged");
    expect(await logins()).toEqual([login().id]);
  });

  test("that was cut off keeps every bridge away until it is run again", async () => {
    const { database } = bridge.config;
    writeFileSync(`${database}.restore`, "");
    renameSync(database, `${database}.before-1`);
    expect(() => bridge.open()).toThrow(/A restore of .* was cut off\. Run “restore” again/);
    expect((await putBack()).ok).toBe(true);
    expect(await logins()).toEqual([login().id]);
  });

  test("that is killed, whenever that is, leaves the old one, the new one, or none that a bridge opens", async () => {
    const words = ["restore", "--from", copy, "-c", bridge.file, "-r", bridge.registration, "--json"];
    const killed = await runProgram(words, {
      act: (child) => {
        const look = setInterval(() => {
          if (!existsSync(`${bridge.config.database}.restoring`) && child.exitCode === null) return;
          clearInterval(look);
          child.kill("SIGKILL");
        }, 1);
      },
    });
    const mark = existsSync(`${bridge.config.database}.restore`);
    if (mark) expect(() => bridge.open()).toThrow("was cut off");
    else expect(await logins()).toEqual([login().id]);
    expect([null, 0]).toContain(killed.status);
    expect((await putBack()).ok).toBe(true);
    expect(await logins()).toEqual([login().id]);
  });

  (isRoot ? test : test.skip)("by root leaves all to the bridge's own user", async () => {
    const data = join(folder.path, "data");
    for (const path of [data, ...readdirSync(data).map((name) => join(data, name))])
      chownSync(path, 4711, 4712);
    mkdirSync(join(folder.path, "x"));
    await putBack();
    for (const name of ["bridge.db", "bridge.db.lock", "media/hosted", `media/hosted/${bridge.ids[0]}`]) {
      const { uid, gid } = statSync(join(data, name));
      expect([name, uid, gid]).toEqual([name, 4711, 4712]);
    }
  });
});
