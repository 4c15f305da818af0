import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { DataFolder } from "../../../src/program/init/data-folder.ts";
import { forSynapse } from "../../../src/program/init/for-synapse.ts";
import { makeReadableBy, whyNotEntered } from "../../../src/program/init/readable-by.ts";
import { sectionsToFillIn } from "../../../src/program/init/written-config.ts";
import { unitFile } from "../../../src/program/systemd/unit-file.ts";
import { asNobody, isRoot, NOBODY } from "../../kit/nobody.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

describe("the data folder", () => {
  test("gets all files at once, and none while the last is not written", () => {
    const path = join(folder.path, "deep", "data");
    {
      using data = new DataFolder(path);
      writeFileSync(join(data.staged, "config.yaml"), "a");
      expect(readdirSync(path).filter((name) => !name.startsWith("."))).toEqual([]);
      data.place();
    }
    expect(readdirSync(path)).toEqual(["config.yaml"]);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  // Node itself does not come back from making folders in /proc.
  test("is none where the kernel shows itself", () => {
    expect(() => new DataFolder("/proc/x/data")).toThrow(
      expect.objectContaining({ words: expect.stringContaining("/proc/x/data is in /proc or /sys") }),
    );
  });

  test("given up is gone, with the folders that were made for it", () => {
    {
      using data = new DataFolder(join(folder.path, "deep", "data"));
      writeFileSync(join(data.staged, "config.yaml"), "a");
    }
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("overwrites nothing that came meanwhile, and takes back what it had placed", () => {
    const path = join(folder.path, "data");
    using data = new DataFolder(path);
    writeFileSync(join(data.staged, "a"), "ours");
    writeFileSync(join(data.staged, "b"), "ours");
    writeFileSync(join(path, "b"), "theirs");
    expect(() => data.place()).toThrow(/meanwhile/);
    expect(existsSync(join(path, "a"))).toBe(false);
    expect(readFileSync(join(path, "b"), "utf8")).toBe("theirs");
  });

  test("that may not be written is told as that", () => {
    chmodSync(folder.path, 0o555);
    const path = join(folder.path, "data");
    expect(() => asNobody(() => new DataFolder(path))).toThrow(
      `The folder ${path} cannot be written. The user this runs as may not write there (EACCES): name another folder with --data, or have root make it and give it to that user.`,
    );
    chmodSync(folder.path, 0o700);
  });
});

describe("who has to read the registrations", () => {
  const shared = () => {
    const path = join(folder.path, "data");
    mkdirSync(path, { mode: 0o700 });
    const files = ["registration.yaml", "doublepuppet-registration.yaml"].map((name) => join(path, name));
    for (const file of [...files, join(path, "bridge.db")]) writeFileSync(file, "secret", { mode: 0o600 });
    return { folder: path, files };
  };

  (isRoot ? test : test.skip)("can by their group, and reads nothing else", () => {
    const { folder: path, files } = shared();
    chmodSync(folder.path, 0o711);
    expect(makeReadableBy(NOBODY, { folder: path, files })).toEqual([]);
    const reads = (file: string) =>
      spawnSync("cat", [file], { uid: NOBODY.uid, gid: NOBODY.gid, encoding: "utf8" }).stdout;
    expect(files.map(reads)).toEqual(["secret", "secret"]);
    expect(reads(join(path, "bridge.db"))).toBe("");
    expect(spawnSync("ls", [path], { uid: NOBODY.uid, gid: NOBODY.gid }).status).not.toBe(0);
    expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o640, 0o640]);
  });

  (isRoot ? test : test.skip)(
    "is let in by an access list where the group may not be given, else by commands for root",
    () => {
      const { folder: path, files } = shared();
      for (const each of [folder.path, path, ...files]) execFileSync("chown", [String(NOBODY.uid), each]);
      const other = { name: "synapse", uid: 991, gid: 991 };
      const ran: string[] = [];
      const noted = (program: string, args: readonly string[]) => void ran.push([program, ...args].join(" "));
      expect(asNobody(() => makeReadableBy(other, { folder: path, files }, noted))).toEqual([]);
      expect(ran).toEqual([`setfacl -m u:991:r -- ${files.join(" ")}`, `setfacl -m u:991:x -- ${path}`]);
      const fails = () => {
        throw new Error("not installed");
      };
      const [words = ""] = asNobody(() => makeReadableBy(other, { folder: path, files }, fails));
      expect(words).toContain(`sudo chgrp 991 ${[path, ...files].join(" ")}`);
      expect(words).toContain(`sudo chmod 640 ${files.join(" ")}`);
    },
  );

  test("and may not enter a folder on the way is told which", () => {
    const { folder: path } = shared();
    chmodSync(folder.path, 0o700);
    const [words = ""] = whyNotEntered(NOBODY, path);
    expect(words).toContain(`nobody, as which Synapse runs, may not enter ${folder.path}, so it cannot read`);
    expect(words).toContain(`sudo setfacl -m u:65534:x ${folder.path}`);
    chmodSync(folder.path, 0o711);
    expect(whyNotEntered(NOBODY, path)).toEqual([]);
  });
});

describe("the lines for Synapse", () => {
  const registrations = ["/srv/b/registration.yaml", "/srv/b/doublepuppet-registration.yaml"];
  const side = { reader: undefined, listenHost: "", reachHost: "", remarks: [] };
  const host = "host.docker.internal:host-gateway";

  test("in a container name the files in it, and the machine's address", () => {
    const { additions } = forSynapse(
      { ...side, kind: "container", extraHost: host },
      registrations,
      undefined,
    );
    const [config, compose] = additions.map(({ lines }) => parse(lines) as unknown);
    expect(config).toEqual({
      app_service_config_files: [
        "/thirdpartychats/registration.yaml",
        "/thirdpartychats/doublepuppet-registration.yaml",
      ],
    });
    expect(compose).toEqual({
      services: {
        synapse: {
          volumes: [
            "/srv/b/registration.yaml:/thirdpartychats/registration.yaml:ro",
            "/srv/b/doublepuppet-registration.yaml:/thirdpartychats/doublepuppet-registration.yaml:ro",
          ],
          extra_hosts: [host],
        },
      },
    });
  });

  test("for the playbook are its variables", () => {
    const { additions, restart } = forSynapse(
      { ...side, kind: "playbook", extraHost: host },
      registrations,
      undefined,
    );
    expect(parse(additions[0]?.lines ?? "")).toEqual({
      matrix_synapse_container_extra_arguments: [
        "--mount type=bind,src=/srv/b/registration.yaml,dst=/thirdpartychats/registration.yaml,ro",
        "--mount type=bind,src=/srv/b/doublepuppet-registration.yaml,dst=/thirdpartychats/doublepuppet-registration.yaml,ro",
        `--add-host=${host}`,
      ],
      matrix_synapse_app_service_config_files: [
        "/thirdpartychats/registration.yaml",
        "/thirdpartychats/doublepuppet-registration.yaml",
      ],
    });
    expect(restart).toContain("ansible-playbook");
  });

  test("on another machine begin with a copy", () => {
    const { before, additions } = forSynapse(
      { ...side, kind: "elsewhere", extraHost: undefined },
      registrations,
      undefined,
    );
    expect(before).toEqual([`scp ${registrations.join(" ")} SYNAPSE-MACHINE:/etc/matrix-synapse/`]);
    expect(additions[0]?.lines).toContain('"/etc/matrix-synapse/registration.yaml"');
  });
});

test("the unit is one that systemd takes, with odd letters in its paths", () => {
  const path = join(folder.path, "da ta%$x");
  mkdirSync(path);
  const unit = unitFile({
    account: "daemon",
    folder: path,
    config: join(path, "config.yaml"),
    registration: join(path, "registration.yaml"),
    sandbox: undefined,
  });
  expect(unit).toContain("User=daemon\n");
  expect(unit).toContain(`ReadWritePaths="${join(folder.path, "da ta%%$x")}"\n`);
  const file = join(folder.path, "thirdpartychats.service");
  writeFileSync(file, unit);
  const checked = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
  if (checked.error !== undefined) return;
  expect([
    checked.status,
    checked.stderr.split("\n").filter((line) => line.includes("thirdpartychats")),
  ]).toEqual([0, []]);
});

test("a network with an agreement gets its keys to be filled in, each with its words", async () => {
  const asked: string[] = [];
  const { value, about } = await sectionsToFillIn(["messenger"], async (usual) => {
    asked.push(usual);
    return "127.0.0.1:1234";
  });
  expect(value).toEqual({
    meta_interop: { partner: { url: expect.any(String), listen: "127.0.0.1:1234" } },
    messenger: { url: expect.any(String), root_key: expect.any(String) },
  });
  expect(asked).toEqual(["127.0.0.1:29341"]);
  expect(about.map(({ path }) => path.join("."))).toEqual([
    "networks.meta_interop.partner.url",
    "networks.messenger.url",
    "networks.messenger.root_key",
  ]);
});
