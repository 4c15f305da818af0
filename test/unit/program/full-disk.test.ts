import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { runProgram } from "../../kit/program.ts";
import { SmallDisk } from "../../kit/small-disk.ts";

(SmallDisk.possible() ? describe : describe.skip)("on a full disk", () => {
  let disk: SmallDisk;
  let folder: string;
  beforeEach(() => {
    disk = new SmallDisk(1);
    folder = join(disk.path, "bridge");
    mkdirSync(folder);
  });
  afterEach(() => disk[Symbol.dispose]());

  const register = (...flags: readonly string[]) => {
    const [config, registration] = ["config.yaml", "registration.yaml"].map((name) => join(folder, name));
    const found = runProgram(["register", "-c", config ?? "", "-r", registration ?? "", ...flags]);
    return found.then(({ status, err }) => ({ status, err: err.trimEnd() }));
  };

  test("register leaves no half of a file, and with --force what was there", async () => {
    const config = {
      homeserver: { url: "http://127.0.0.1:1", server_name: "home.test" },
      appservice: { listen: "127.0.0.1:2" },
      networks: { meta_interop: { partner: { url: "http://127.0.0.1:3", listen: "127.0.0.1:3" } } },
      permissions: { "home.test": "user" },
    };
    writeFileSync(join(folder, "config.yaml"), stringify(config));
    const refused = {
      status: 1,
      err: expect.stringMatching(
        /registration\.yaml could not be written\. Its disk is full \(ENOSPC\): free some/,
      ),
    };
    disk.fill();
    expect(await register()).toEqual(refused);
    expect(readdirSync(folder)).toEqual(["config.yaml"]);
    disk.clear();
    expect(await register()).toEqual({ status: 0, err: "" });
    const before = readFileSync(join(folder, "registration.yaml"), "utf8");
    disk.fill();
    expect(await register("--force")).toEqual(refused);
    expect(readFileSync(join(folder, "registration.yaml"), "utf8")).toBe(before);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test("init leaves nothing", async () => {
    const bodies: Readonly<Record<string, unknown>> = {
      "/_matrix/client/versions": { versions: ["v1.17"] },
      "/_matrix/key/v2/server": { server_name: "home.test" },
    };
    const server = createServer(({ url = "" }, response) => {
      response.writeHead(bodies[url] === undefined ? 404 : 200).end(JSON.stringify(bodies[url] ?? {}));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    disk.fill();
    for (const networks of ["whatsapp", "sandbox"]) {
      const words = ["--homeserver", url, "--networks", networks, "--data", folder];
      const { status, out, err } = await runProgram(["init", "--yes", ...words]);
      expect([status, out]).toEqual([1, ""]);
      expect(err).toMatch(/disk is full|No space|ENOSPC/);
      expect(err).not.toContain("Something went wrong");
      expect(readdirSync(folder)).toEqual([]);
    }
    server.close();
  });
});
