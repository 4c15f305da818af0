import { chmodSync, chownSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { checkFiles } from "../../../src/program/doctor/check-files.ts";
import { asNobody, isRoot, NOBODY } from "../../kit/nobody.ts";
import { patientIn } from "../../kit/patient.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

const patient = () => patientIn(folder.path);

const nobodyRuns = undefined;
const synapseAs = (uid: number) => ({
  uid,
  gid: uid,
  config: undefined,
  contained: false,
  startedAt: undefined,
  appservices: undefined,
});

describe("doctor's look at the files", () => {
  test("finds none amiss where the bridge may write and nobody else may read", () => {
    expect(checkFiles(patient(), nobodyRuns)).toEqual([
      { kind: "good", what: expect.stringContaining("by nobody else") },
    ]);
  });

  test("tells a folder that may not be written from one that is not there", () => {
    const about = patient();
    const data = join(folder.path, "data");
    chmodSync(folder.path, 0o755);
    chmodSync(data, 0o555);
    const [database, media] = asNobody(() => checkFiles(about, nobodyRuns));
    chmodSync(data, 0o755);
    expect(database).toEqual({
      kind: "bad",
      where: `${about.file}:6`,
      what: expect.stringMatching(/^\S+ may not write \S+bridge\.db, whose folder is \S+'s \(EACCES\)\.$/),
      cure: isRoot
        ? `Run the bridge as root, or give ${data} to the bridge's user with chown.`
        : expect.stringContaining(`Make ${data} writable again`),
    });
    expect(media).toMatchObject({ where: `${about.file}:8` });
    rmSync(data, { recursive: true });
    expect(checkFiles(about, nobodyRuns)[0]).toEqual({
      kind: "bad",
      where: `${about.file}:6`,
      what: `The folder ${data} is not there.`,
      cure: "Make it.",
    });
  });

  test("finds a database that is there and may not be written", () => {
    const about = patient();
    const data = join(folder.path, "data");
    const database = join(data, "bridge.db");
    for (const path of [folder.path, data]) chmodSync(path, 0o777);
    writeFileSync(database, "");
    chmodSync(database, 0o400);
    expect(asNobody(() => checkFiles(about, nobodyRuns))[0]).toMatchObject({
      kind: "bad",
      what: expect.stringMatching(/ may not write \S+bridge\.db, which is \S+'s \(EACCES\)\.$/),
    });
  });

  (isRoot ? test : test.skip)(
    "finds a registration that Synapse's user cannot read, and is content when it can",
    () => {
      const about = patient();
      chmodSync(folder.path, 0o755);
      const found = checkFiles(about, synapseAs(NOBODY.uid));
      expect(found.map((finding) => Object(finding).what)).toEqual([
        "nobody, as which Synapse runs, may not read it (EACCES).",
        "nobody, as which Synapse runs, may not read it (EACCES).",
      ]);
      chmodSync(folder.path, 0o700);
      const [shut] = checkFiles(about, synapseAs(NOBODY.uid));
      expect(shut).toMatchObject({
        what: `nobody, as which Synapse runs, may not enter ${folder.path}, in which it is (EACCES).`,
        cure: expect.stringContaining(`chmod g+x ${folder.path}`),
      });
      chmodSync(folder.path, 0o755);
      for (const path of [about.registrationPath, about.secondPath]) {
        chownSync(path, 0, NOBODY.gid);
        chmodSync(path, 0o640);
      }
      expect(checkFiles(about, synapseAs(NOBODY.uid))).toMatchObject([{ kind: "good" }]);
    },
  );
});
