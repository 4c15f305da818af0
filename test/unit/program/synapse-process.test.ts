import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { synapseProcess } from "../../../src/program/synapse-process.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

const wanted = (serverName: string, port = 8008) => ({ serverName, url: `http://127.0.0.1:${port}` });
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
    expect(synapseProcess(wanted("home.test"), proc)).toMatchObject({ config, contained: false });
    expect(synapseProcess(wanted("other.test"), proc)).toMatchObject({ config: other });
    expect(synapseProcess(wanted("third.test"), proc)).toBeUndefined();
  });

  test("in a container is known as that, where it is the only one", () => {
    listed(
      "7",
      ["/usr/local/bin/python3", "-m", "synapse.app.homeserver", "--config-path", "/data/homeserver.yaml"],
      `0::/system.slice/docker-${CONTAINER}.scope`,
    );
    expect(synapseProcess(wanted("home.test"), proc)).toMatchObject({
      contained: true,
      config: "/data/homeserver.yaml",
    });
    listed("8", ["/usr/bin/synapse_homeserver", "-c", "gone.yaml"]);
    expect(synapseProcess(wanted("home.test"), proc)).toBeUndefined();
  });

  test("is told from another of its name by its port, or not at all", () => {
    for (const [pid, port] of [
      ["7", 8008],
      ["8", 8018],
    ] as const) {
      const config = written(`${port}.yaml`, `server_name: home.test\nlisteners: [{ port: ${port} }]\n`);
      listed(pid, ["python3", "-m", "synapse.app.homeserver", "-c", config]);
    }
    expect(synapseProcess(wanted("home.test", 8018), proc)?.config).toBe(join(folder.path, "8018.yaml"));
    expect(synapseProcess(wanted("home.test", 8028), proc)).toBeUndefined();
  });

  test("tells when it was started, and which registrations it reads by which file", () => {
    const config = written(
      "homeserver.yaml",
      "server_name: home.test\napp_service_config_files: [/srv/a.yaml, b.yaml]\n",
    );
    listed("7", ["python3", "-m", "synapse.app.homeserver", "-c", config]);
    writeFileSync(join(proc, "stat"), "cpu 1 2 3\nbtime 1700000000\n");
    const fields = ["S", ...Array.from({ length: 18 }, () => "0"), "12345", "0"];
    writeFileSync(join(proc, "7", "stat"), `7 (py thon) 3) ${fields.join(" ")}\n`);
    expect(synapseProcess(wanted("home.test"), proc)).toMatchObject({
      startedAt: 1_700_000_123_450,
      appservices: { file: config, registrations: ["/srv/a.yaml", join(folder.path, "b.yaml")] },
    });
  });

  test("is not there where none runs, or nothing is listed", () => {
    expect(synapseProcess(wanted("home.test"), proc)).toBeUndefined();
    expect(synapseProcess(wanted("home.test"), join(folder.path, "nowhere"))).toBeUndefined();
  });
});
