import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { BridgeError } from "../../../../src/core/model/errors.ts";
import { backup } from "../../../../src/program/data/backup.ts";
import { backupsOf } from "../../../../src/program/data/backup-now.ts";
import { backupPlan } from "../../../../src/program/data/backup-plan.ts";
import { readManifest } from "../../../../src/program/data/manifest.ts";
import { inWords } from "../../../../src/program/data/reported.ts";
import { type BackupPlan, backupsIn, takeBackup } from "../../../../src/program/data/take-backup.ts";
import { copyDatabase } from "../../../../src/store/copy.ts";
import { openStore } from "../../../../src/store/open.ts";
import { login, OTHER_LOGIN } from "../../../contract/store-fixtures.ts";
import { filledBridge, hostedBytes } from "../../../kit/filled-bridge.ts";
import { asNobody, isRoot, NOBODY } from "../../../kit/nobody.ts";
import { runProgram } from "../../../kit/program.ts";
import { reportedBy } from "../../../kit/reported.ts";
import { SmallDisk } from "../../../kit/small-disk.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../kit/temporary-folder.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };
const AT = Date.UTC(2026, 10, 27, 18, 45, 9);

let folder: TemporaryFolder;
let bridge: Awaited<ReturnType<typeof filledBridge>>;
beforeEach(async () => {
  folder = temporaryFolder();
  bridge = await filledBridge(folder.path);
});
afterEach(() => folder[Symbol.dispose]());

const plan = (over: Partial<BackupPlan> = {}): BackupPlan => ({
  ...backupPlan({ config: bridge.config, file: bridge.file, registration: bridge.registration, at: AT }),
  ...over,
});
const take = (over: Partial<BackupPlan> = {}) => takeBackup(plan(over), () => undefined);
const refusal = async (over: Partial<BackupPlan> = {}): Promise<BridgeError> => {
  const taken: unknown = await take(over).catch((error: unknown) => error);
  if (!(taken instanceof Error)) throw new Error("a backup was made");
  return taken as BridgeError;
};
const made = (to = bridge.config.backups.folder): readonly string[] =>
  existsSync(to) ? readdirSync(to) : [];

describe("a backup", () => {
  test("holds all that is the bridge's while that writes, for its user alone, and can be opened as it is", async () => {
    await using store = bridge.open();
    const writing = store.write((tx) => tx.logins.add(login({ id: OTHER_LOGIN })));
    const { folder: copy, missing, files } = await take();
    await writing;
    expect([copy, missing, files]).toEqual([join(folder.path, "backups", "bridge-20261127T184509Z"), [], 5]);
    const read = readManifest(copy);
    expect(read.files.map(({ name }) => name)).toEqual([
      "bridge.db",
      ...bridge.ids.map((id) => `hosted/${id}`),
      "config.yaml",
      "registration.yaml",
    ]);
    expect(read).toMatchObject({ server_name: "home.test", encrypted: false });
    for (const id of bridge.ids) expect(readFileSync(join(copy, "hosted", id))).toEqual(hostedBytes(id));
    for (const name of ["", "bridge.db", "hosted", "config.yaml", "manifest.json", `hosted/${bridge.ids[0]}`])
      expect((statSync(join(copy, name)).mode & 0o077).toString(8)).toBe("0");
    await using copied = openStore({ path: join(copy, "bridge.db"), log });
    expect((await copied.logins.all()).map(({ id }) => id)).toContain(login().id);
  });

  // Node itself does not come back from making folders in /proc.
  test.each(["/proc/x", "/proc/x/y", "/sys/x"])(
    "is none in %s, in words and at once",
    async (to) => {
      const words = ["backup", "-c", bridge.file, "-r", bridge.registration, "--to", to];
      const { status, err } = await runProgram(words, {
        act: (child) => void setTimeout(() => child.kill("SIGKILL"), 10_000).unref(),
      });
      expect([status, err]).toEqual([
        1,
        expect.stringContaining(
          `${to} is in /proc or /sys, where nothing can be kept; name a place on a disk.`,
        ),
      ]);
    },
    15_000,
  );

  test("takes what its user may read and not write, as a credential of systemd's is", async () => {
    for (const file of [bridge.file, bridge.registration]) chmodSync(file, 0o400);
    if (isRoot) execFileSync("chown", ["-R", String(NOBODY.uid), folder.path]);
    if (isRoot) process.seteuid?.(NOBODY.uid);
    try {
      const { folder: copy, absent } = await take();
      expect(absent).toEqual([]);
      expect(statSync(join(copy, "config.yaml")).mode & 0o777).toBe(0o600);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  (isRoot ? test : test.skip)("made by root is the bridge's user's, who deletes it later", async () => {
    chownSync(folder.path, 54_321, 54_321);
    const to = join(folder.path, "deep", "backups");
    const { folder: copy } = await take({ to });
    for (const path of [
      to,
      copy,
      ...readdirSync(copy, { recursive: true, encoding: "utf8" }).map((name) => join(copy, name)),
    ])
      expect([path, statSync(path).uid, statSync(path).gid]).toEqual([path, 54_321, 54_321]);
  });

  test("is none where the database is damaged, and leaves nothing behind", async () => {
    const bytes = readFileSync(bridge.config.database);
    bytes.fill(0x5a, 4096 * 4, 4096 * 9);
    writeFileSync(bridge.config.database, bytes);
    expect(await refusal()).toMatchObject({ reason: "storage", words: expect.stringContaining("damaged") });
    expect(made()).toEqual([]);
  });

  test("says which files were not there, and takes no half one", async () => {
    const [first = "", second = ""] = bridge.ids;
    rmSync(join(bridge.hosted, first));
    appendFileSync(join(bridge.hosted, second), "more");
    const { missing, folder: copy } = await take();
    expect(missing).toEqual([first, second]);
    expect(readdirSync(join(copy, "hosted"))).toEqual([]);
  });

  test("keeps the newest ones, touches nothing else there, and clears away what was cut off", async () => {
    const to = join(folder.path, "kept");
    mkdirSync(join(to, "bridge-of-mine"), { recursive: true });
    // The largest number a process has is less.
    const cutOff = ".bridge-20261127T184509Z.999999999.part";
    mkdirSync(join(to, cutOff));
    writeFileSync(join(to, cutOff, "bridge.db"), "half");
    for (const at of [AT, AT, AT, AT + 86_400_000]) await take({ to, at, keep: 3 });
    expect(backupsIn(to).map((path) => path.slice(to.length + 1))).toEqual([
      "bridge-20261128T184509Z",
      "bridge-20261127T184509Z-3",
      "bridge-20261127T184509Z-2",
    ]);
    expect(made(to)).toContain("bridge-of-mine");
    expect(made(to)).not.toContain(cutOff);
  });

  (isRoot ? test : test.skip)(
    "asks for room before it begins, and a full disk leaves no half of one",
    async () => {
      using disk = new SmallDisk(8);
      const to = join(disk.path, "backups");
      expect(await refusal({ to })).toMatchObject({
        words: expect.stringMatching(
          /^There is no room for a backup on the disk of .*MiB are needed, [78].* MiB are free/,
        ),
      });
      expect(made(to)).toEqual([]);
    },
  );

  test("made by several programs in the same second has a name of its own each", async () => {
    const taken = await Promise.all([take(), take(), take()]);
    expect(made().toSorted()).toEqual(
      ["", "-2", "-3"].map((end) => `bridge-20261127T184509Z${end}`).toSorted(),
    );
    for (const { folder: copy } of taken) expect(readManifest(copy).files).toHaveLength(5);
  });

  test("clears away what a process of its own number left before it, as each start of a container has the same", async () => {
    const cutOff = join(folder.path, "backups", `.bridge-20261126T184509Z.${process.pid}.part`);
    mkdirSync(cutOff, { recursive: true });
    utimesSync(cutOff, 1_000_000, 1_000_000);
    const { folder: copy } = await take();
    expect(made()).toEqual([basename(copy)]);
  });

  test("lets those of another bridge in the same folder be, however few are kept", async () => {
    const { folder: other } = await take({ serverName: "other.test" });
    await take({ at: AT + 1_000 });
    const { removed } = await take({ at: AT + 2_000, keep: 1 });
    expect(removed.map((path) => basename(path))).toEqual(["bridge-20261127T184510Z"]);
    expect(existsSync(other)).toBe(true);
  });

  test("says where the registration was not found, and what is wrong with where it is to go", async () => {
    const missing = join(folder.path, "elsewhere.yaml");
    const invocation = { kind: "backup", config: bridge.file, keep: undefined, json: true } as const;
    expect(
      await reportedBy(() => backup({ ...invocation, registration: missing, to: undefined })),
    ).toMatchObject({ ok: true, absent: [missing] });
    for (const [to, why] of [
      [bridge.file, "Something else of that name is there already"],
      [join(bridge.file, "backups"), "Something on the way to it is a file"],
      [join(folder.path, "x".repeat(300)), "Its name is too long"],
    ] as const)
      expect(
        (await reportedBy(() => backup({ ...invocation, registration: bridge.registration, to }))).error,
      ).toContain(`${to} cannot be used. ${why}`);
  });

  (isRoot ? test : test.skip)("says what it may not read, and that a disk is read-only", async () => {
    using disk = new SmallDisk(32);
    disk.lock();
    const invocation = { kind: "backup", config: bridge.file, keep: undefined, json: true } as const;
    const { error } = await reportedBy(() =>
      backup({ ...invocation, registration: bridge.registration, to: join(disk.path, "some", "backups") }),
    );
    expect(error).toBe(`${disk.path} is on a disk that is read-only. Nothing was changed.`);
    const refused = asNobody(() => {
      try {
        return copyDatabase({ path: bridge.config.database }, join(folder.path, "copy.db"));
      } catch (cause) {
        return cause;
      }
    });
    expect(refused).toMatchObject({
      reason: "storage",
      words: expect.stringContaining("has no permission for the bridge's database"),
    });
    const { folder: copy } = await take();
    const read = asNobody(() => {
      try {
        return readManifest(copy);
      } catch (cause) {
        return inWords(cause);
      }
    });
    expect(read).toMatchObject({ words: expect.stringContaining("may not do that with") });
  });

  test("of a bridge that never started says so", async () => {
    rmSync(bridge.config.database);
    expect((await refusal()).words).toBe(
      `There is no database ${bridge.config.database} yet, so there is nothing to back up.`,
    );
  });

  test("is made from inside the running bridge by a thread, one at a time, and fails in words there", async () => {
    await using _ = bridge.open();
    const backUp = backupsOf(plan);
    const [one, other] = await Promise.all([backUp(), backUp()]);
    expect([one.files, other]).toEqual([5, one]);
    expect(made()).toHaveLength(1);
    rmSync(bridge.config.database);
    await expect(backUp()).rejects.toMatchObject({
      reason: "bad-input",
      words: expect.stringContaining("there is nothing to back up"),
    });
  });

  test("that is killed is none, whenever that is", async () => {
    const to = join(folder.path, "backups");
    const words = ["backup", "-c", bridge.file, "-r", bridge.registration, "--json", "--keep", "1"];
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const running = runProgram(words, {
      act: (child) => {
        const look = setInterval(() => {
          if (made(to).length === 0) return;
          clearInterval(look);
          child.kill("SIGKILL");
          resolve();
        }, 1);
      },
    });
    await begun;
    await running;
    for (const whole of backupsIn(to)) expect(readManifest(whole).files).toHaveLength(5);
    const { status, out } = await runProgram(words);
    expect([status, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({
        ok: true,
        files: 5,
        missing: [],
        folder: made(to).map((name) => join(to, name))[0],
      }),
    ]);
    expect(made(to)).toHaveLength(1);
  });
});
