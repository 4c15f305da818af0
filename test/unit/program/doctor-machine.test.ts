import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { checkClock } from "../../../src/program/doctor/check-clock.ts";
import { checkMachine } from "../../../src/program/doctor/check-machine.ts";
import { openStore } from "../../../src/store/open.ts";
import { LogLines } from "../../kit/fake-homeserver-world.ts";
import { isRoot } from "../../kit/nobody.ts";
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
    expect(checkMachine(patient)[0]).toEqual({
      kind: "good",
      what: `${database} is made at the first start`,
    });
    {
      await using _ = open();
      expect(checkMachine(patient)[0]).toMatchObject({
        kind: "good",
        what: expect.stringMatching(/bridge\.db is whole, \d+\.\d MiB$/),
      });
    }
    expect(checkMachine(patient)[0]).toMatchObject({ kind: "good" });
  });

  test("finds a damaged database, another program's, and one that is none", async () => {
    const patient = patientIn(folder.path);
    await open()[Symbol.asyncDispose]();
    const bytes = readFileSync(database);
    bytes.fill(0xff, 4096 * 3, 4096 * 6);
    writeFileSync(database, bytes);
    const where = `${patient.file}:6`;
    expect(checkMachine(patient)[0]).toEqual({
      kind: "bad",
      where,
      what: "The bridge's database is damaged.",
      cure: expect.stringContaining("put a backup of the file in its place"),
    });
    writeFileSync(database, "this is no database, however one looks at it");
    expect(checkMachine(patient)[0]).toMatchObject({
      kind: "bad",
      where,
      what: "The file is not a database of this bridge.",
    });
    writeFileSync(database, "");
    new Database(database).exec("CREATE TABLE theirs (x)").close();
    expect(checkMachine(patient)[0]).toMatchObject({
      kind: "bad",
      where,
      what: "The file is a database of another program.",
    });
  });

  (isRoot ? test : test.skip)("finds a disk that is nearly full", () => {
    using disk = new SmallDisk(8);
    mkdirSync(join(disk.path, "x"));
    const patient = patientIn(join(disk.path, "x"));
    const full = checkMachine(patient).filter(({ kind }) => kind === "bad");
    expect(full).toMatchObject([
      { where: `${patient.file}:6`, what: expect.stringMatching(/^Only [78] MiB are free on the disk of /) },
      { where: `${patient.file}:8` },
    ]);
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
