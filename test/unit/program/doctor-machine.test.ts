import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import type { LoginId, NetworkId, UserId } from "../../../src/core/model/ids.ts";
import { hostedFiles } from "../../../src/networks/meta-interop/hosted-files.ts";
import { checkClock } from "../../../src/program/doctor/check-clock.ts";
import { checkHosted } from "../../../src/program/doctor/check-hosted.ts";
import { checkMachine } from "../../../src/program/doctor/check-machine.ts";
import { openStored } from "../../../src/store/examine.ts";
import { openStore } from "../../../src/store/open.ts";
import { LogLines } from "../../kit/fake-homeserver-world.ts";
import { asNobody, isRoot } from "../../kit/nobody.ts";
import { patientIn } from "../../kit/patient.ts";
import { SmallDisk } from "../../kit/small-disk.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

let folder: TemporaryFolder;
let database: string;
beforeEach(() => {
  folder = temporaryFolder();
  database = join(folder.path, "data", "bridge.db");
});
afterEach(() => folder[Symbol.dispose]());

const open = () => openStore({ path: database, log: new LogLines() });

describe("doctor's look at the machine", () => {
  test("finds a database that is not there yet, and one that is whole, beside its bridge too", async () => {
    const patient = patientIn(folder.path);
    expect((await checkMachine(patient, undefined))[0]).toEqual({
      kind: "good",
      what: `${database} is made at the first start`,
    });
    {
      await using _ = open();
      expect((await checkMachine(patient, undefined))[0]).toMatchObject({
        kind: "good",
        what: expect.stringMatching(/bridge\.db is whole, \d+\.\d MiB$/),
      });
    }
    expect((await checkMachine(patient, undefined))[0]).toMatchObject({ kind: "good" });
  });

  test("finds a damaged database, another program's, and one that is none", async () => {
    const patient = patientIn(folder.path);
    await open()[Symbol.asyncDispose]();
    const bytes = readFileSync(database);
    bytes.fill(0xff, 4096 * 3, 4096 * 6);
    writeFileSync(database, bytes);
    const where = `${patient.file}:6`;
    expect((await checkMachine(patient, undefined))[0]).toEqual({
      kind: "bad",
      where,
      what: "The bridge's database is damaged.",
      cure: expect.stringContaining("put a backup of the file in its place"),
    });
    writeFileSync(database, "this is no database, however one looks at it");
    expect((await checkMachine(patient, undefined))[0]).toMatchObject({
      kind: "bad",
      where,
      what: "The file is not a database of this bridge.",
    });
    writeFileSync(database, "");
    new Database(database).exec("CREATE TABLE theirs (x)").close();
    expect((await checkMachine(patient, undefined))[0]).toMatchObject({
      kind: "bad",
      where,
      what: "The file is a database of another program.",
    });
  });

  (isRoot ? test : test.skip)("finds a disk that is nearly full", async () => {
    using disk = new SmallDisk(8);
    mkdirSync(join(disk.path, "x"));
    const patient = patientIn(join(disk.path, "x"));
    const full = (await checkMachine(patient, undefined)).filter(({ kind }) => kind === "bad");
    expect(full).toMatchObject([
      { where: `${patient.file}:6`, what: expect.stringMatching(/^Only [78] MiB are free on the disk of /) },
      { where: `${patient.file}:8` },
    ]);
  });
});

describe("doctor's look at the files that networks fetch", () => {
  const size = 5;
  const named = (...names: readonly string[]) => ({ files: () => names.map((name) => ({ name, size })) });
  const keep = (name: string, text = "12345"): void => {
    mkdirSync(join(folder.path, "data", "media", "hosted"), { recursive: true });
    writeFileSync(join(folder.path, "data", "media", "hosted", name), text);
  };

  test("finds nothing to say without any, and all of them there", async () => {
    expect(checkHosted(patientIn(folder.path), undefined)).toEqual([]);
    expect(checkHosted(patientIn(folder.path), named())).toEqual([]);
    keep("a");
    keep("unlisted");
    expect(checkHosted(patientIn(folder.path), named("a"))).toMatchObject([
      { kind: "good", what: expect.stringMatching(/^the one file that .* in \S+\/data\/media\/hosted$/) },
    ]);
  });

  test("tells some that are lost or cut short, and a folder that is not the one they are in", async () => {
    const patient = patientIn(folder.path);
    const none = checkHosted(patient, named("a", "b"));
    expect(none).toEqual([
      {
        kind: "bad",
        where: `${patient.file}:8`,
        what: expect.stringMatching(/^None of the 2 files that .* is whole in \S+\/hosted\.$/),
        cure: expect.stringContaining("write the one above it as media.folder"),
      },
    ]);
    keep("a");
    keep("b", "123");
    expect(checkHosted(patient, named("a", "b", "c"))).toEqual([
      { kind: "note", what: expect.stringMatching(/^2 of the 3 files that .* are not whole in /) },
    ]);
  });

  test("does not miss one that a running bridge has taken off the list meanwhile", () => {
    const lists = [["a", "b"], ["a"]];
    keep("a");
    const files = () => (lists.shift() ?? []).map((name) => ({ name, size }));
    expect(checkHosted(patientIn(folder.path), { files })).toMatchObject([{ kind: "good" }]);
  });

  test("says what keeps it from looking", () => {
    keep("a");
    const patient = patientIn(folder.path);
    chmodSync(folder.path, 0o755);
    chmodSync(join(folder.path, "data"), 0o700);
    chmodSync(join(folder.path, "data", "media"), 0o000);
    const found = asNobody(() => checkHosted(patient, named("a")));
    chmodSync(join(folder.path, "data", "media"), 0o700);
    expect(found).toEqual([
      {
        kind: "bad",
        where: `${patient.file}:8`,
        what: expect.stringMatching(/hosted cannot be looked at \(EACCES\)\.$/),
        cure: expect.stringContaining("chown -R"),
      },
    ]);
  });

  test("is at the list in the database", async () => {
    const login = "login" as LoginId;
    const about = {
      id: login,
      user: "@ana:home.test" as UserId,
      network: "whatsapp" as NetworkId,
      visibleId: "x",
    };
    const patient = patientIn(folder.path);
    await using opened = open();
    await opened.write((tx) => {
      tx.logins.add({ ...about, account: "{}", state: "active", consentVersion: 1, consentAt: 0 });
      tx.family(hostedFiles).add({ id: "a", login, size, at: 0 });
    });
    using stored = await openStored({ path: database });
    expect(await checkMachine(patient, stored)).toContainEqual(
      expect.objectContaining({
        kind: "bad",
        what: expect.stringContaining("The one file that contacts may still fetch is not whole"),
      }),
    );
    keep("a");
    expect(await checkMachine(patient, stored)).toContainEqual(
      expect.objectContaining({ kind: "good", what: expect.stringContaining("the one file that contacts") }),
    );
  });
});

describe("doctor's look at the programs that convert files", () => {
  const PATH = process.env["PATH"];
  afterEach(() => {
    process.env["PATH"] = PATH;
  });

  /** What is found where these are the only programs on the path. */
  async function found(programs: Readonly<Record<string, string>>) {
    const path = join(folder.path, "bin");
    mkdirSync(path, { recursive: true });
    for (const [name, script] of Object.entries(programs))
      writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env["PATH"] = path;
    return (await checkMachine(patientIn(folder.path), undefined)).at(-1);
  }

  test("says what is without them, with one of the two, and with one that does not run, as something to know", async () => {
    const missing = {
      kind: "note",
      what: expect.stringMatching(/^ffmpeg and ffprobe are not both on the path/),
    };
    expect(await found({})).toEqual(missing);
    expect(await found({ ffmpeg: "exit 0" })).toEqual(missing);
    expect(await found({ ffmpeg: "exit 0", ffprobe: "exit 127" })).toEqual({
      kind: "note",
      what: expect.stringMatching(/^ffprobe is on the path and does not run, .*“ffprobe -version” says why$/),
    });
    expect(await found({ ffmpeg: "exit 0", ffprobe: "exit 0" })).toMatchObject({ kind: "good" });
  });
});

describe("doctor's look at the clocks", () => {
  const clockAt = async (date: string | undefined) => {
    const server = createServer((_, response) => {
      response.sendDate = false;
      if (date !== undefined) response.setHeader("date", date);
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const found = await checkClock(patientIn(folder.path, { url }));
    server.close();
    return found;
  };
  const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString();

  test("is content with the same time, and with none", async () => {
    expect(await clockAt(inSeconds(0))).toMatchObject({
      kind: "good",
      what: expect.stringContaining("agree"),
    });
    expect(await clockAt(undefined)).toMatchObject({ kind: "good" });
    expect(await clockAt("yesterday")).toMatchObject({ kind: "good" });
  });

  test.each([
    [300, /^The homeserver's clock is (299|300) s ahead of this machine's\.$/],
    [-300, /^The homeserver's clock is (300|301) s behind this machine's\.$/],
  ])("finds the homeserver's %s s off", async (seconds, what) => {
    expect(await clockAt(inSeconds(seconds))).toEqual({
      kind: "bad",
      where: expect.stringMatching(/config\.yaml:2$/),
      what: expect.stringMatching(what),
      cure: expect.stringContaining("NTP"),
    });
  });
});
