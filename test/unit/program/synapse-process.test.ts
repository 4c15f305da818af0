import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { synapseProcess } from "../../../src/program/synapse-process.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

const CONTAINER = "c0ffee".repeat(10).padEnd(64, "0");

let folder: TemporaryFolder;
let proc: string;
beforeEach(() => {
  folder = temporaryFolder();
  proc = join(folder.path, "proc");
  listed("self", ["node"]);
});
afterEach(() => folder[Symbol.dispose]());

/** A process as the system lists it. */
function listed(pid: string, words: readonly string[], cgroup = "0::/user.slice"): void {
  const path = join(proc, pid);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "cmdline"), words.map((word) => `${word}\0`).join(""));
  writeFileSync(join(path, "cgroup"), `${cgroup}\n`);
  symlinkSync(folder.path, join(path, "cwd"));
}

const written = (name: string, text: string): string => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};

describe("the Synapse of this machine", () => {
  test("is found by the name in its files, Debian's folder included, with the file to edit", () => {
    const config = written("homeserver.yaml", "pid_file: x\n");
    mkdirSync(join(folder.path, "conf.d"));
    written("conf.d/server_name.yaml", "server_name: home.test\n");
    const other = written("other.yaml", "server_name: other.test\n");
    listed("7", [
      "/usr/bin/python3",
      "-m",
      "synapse.app.homeserver",
      `--config-path=${config}`,
      `--config-path=${folder.path}/conf.d`,
    ]);
    listed("8", ["/usr/bin/python3", "-m", "synapse.app.homeserver", "-c", "other.yaml"]);
    listed("9", ["grep", "synapse"]);
    expect(synapseProcess("home.test", proc)).toMatchObject({ config, contained: false });
    expect(synapseProcess("other.test", proc)).toMatchObject({ config: other });
    expect(synapseProcess("third.test", proc)).toBeUndefined();
  });

  test("in a container is known as that, where it is the only one", () => {
    listed(
      "7",
      ["/usr/local/bin/python3", "-m", "synapse.app.homeserver", "--config-path", "/data/homeserver.yaml"],
      `0::/system.slice/docker-${CONTAINER}.scope`,
    );
    expect(synapseProcess("home.test", proc)).toMatchObject({
      contained: true,
      config: "/data/homeserver.yaml",
    });
    listed("8", ["/usr/bin/synapse_homeserver", "-c", "gone.yaml"]);
    expect(synapseProcess("home.test", proc)).toBeUndefined();
  });

  test("is not there where none runs, or nothing is listed", () => {
    expect(synapseProcess("home.test", proc)).toBeUndefined();
    expect(synapseProcess("home.test", join(folder.path, "nowhere"))).toBeUndefined();
  });
});
