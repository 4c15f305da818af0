import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { freePorts } from "../../tools/process/ports.ts";
import { type BuiltImage, buildImage, canBuild } from "../kit/built-image.ts";
import { CrowdedWorld } from "../kit/crowded-world.ts";
import { blocksOf, DocumentedMachine } from "../kit/documented-machine.ts";
import { canIsolate, type Isolated, isolated, runIsolated } from "../kit/isolated.ts";
import { canHear } from "../kit/notify-socket.ts";
import { placeForPrograms, temporaryFolder } from "../kit/temporary-folder.ts";

const MIB = 2 ** 20;
/** Nobody of this machine, nor of the image. */
const user = 54_321;

/** How many scripts a page and its scripts name; each must be there. */
async function scriptsOf(page: string): Promise<number> {
  const seen = new Set<string>();
  const follow = async (url: string, named: RegExp): Promise<void> => {
    if (seen.has(url)) return;
    seen.add(url);
    const response = await fetch(url);
    expect([url, response.status]).toEqual([url, 200]);
    for (const [, path = ""] of (await response.text()).matchAll(named)) {
      await follow(new URL(path, url).href, /\bfrom\s*"(\.[^"]+)"/g);
    }
  };
  await follow(page, /<script [^>]*src="([^"]+)"/g);
  return seen.size - 1;
}

const here = canBuild && canIsolate ? describe : describe.skip;

here("the package, installed as the Containerfile says", () => {
  let image: BuiltImage;
  const place = placeForPrograms();
  const folder = temporaryFolder(place);
  beforeAll(() => {
    image = buildImage(folder.path);
  }, 240_000);
  afterAll(() => folder[Symbol.dispose]());

  const listed = (...args: readonly string[]): readonly string[] =>
    execFileSync("tar", ["-tzf", image.tarball, ...args], { encoding: "utf8", maxBuffer: 64 * MIB })
      .trim()
      .split("\n");

  test("holds what it runs on, and no sources, no compilers and no other machine's binaries", () => {
    const files = listed();
    expect(files).toContain("package/dist/cli.js");
    expect(files).toContain("package/dist/node_modules/better-sqlite3/prebuilds/linux-x64.node");
    const binaries = files.filter((name) => name.endsWith(".node") || name.includes("/prebuilds/"));
    expect(binaries.filter((name) => !/linux-(?:x64|arm64)[./]/.test(name))).toEqual([]);
    expect(files.filter((name) => /\.(?:ts|map|c|cc|h|gyp)$/.test(name))).toEqual([]);
    expect(files.filter((name) => /node_modules\/(?:typescript|jest|knip|@types)\//.test(name))).toEqual([]);
    expect(statSync(image.tarball).size).toBeLessThan(40 * MIB);
  });

  test("takes less than 350 MB installed, Node included", () => {
    const kib = Number(
      execFileSync("du", ["-sk", join(image.root, "app")], { encoding: "utf8" }).split("\t")[0],
    );
    // The image leaves out Node's headers, 68 MB, which an installation by npm has.
    expect(kib / 1024 + 68).toBeLessThan(350);
  });

  test("has a message cross both ways as any user, on a read-only tree with one volume, as process 1", async () => {
    const at = (data: string): Isolated => ({ image, data, user });
    const [port = 0] = await freePorts(1);
    const begin = ["env", `BRIDGE_PROVISIONING__LISTEN=127.0.0.1:${port}`, ...image.entrypoint];
    await using world = await CrowdedWorld.start({
      prepare: (data) => {
        chownSync(data, user, user);
        return image.folder;
      },
      bridge: (data, words) =>
        isolated(
          at(data),
          words[0] === "start" ? [...begin, ...image.command] : [...image.entrypoint, ...words],
        ),
      sandbox: (data, words) => isolated(at(data), ["third-party-chats-sandbox", ...words]),
    });
    const mounts = runIsolated(at(world.files.folder), ["cat", "/proc/self/mountinfo"]).trim().split("\n");
    const writable = mounts
      .map((line) => line.split(" "))
      .filter(([, , , , , options = ""]) => options.split(",").includes("rw"))
      .map(([, , , , place = ""]) => place)
      .filter((place) => place !== "/proc" && !place.startsWith("/dev/"));
    expect(writable).toEqual([image.folder]);
    const { phone, room } = await world.contact("Bram");
    world.says(room, { msgtype: "m.text", body: "hello from Matrix" });
    await phone.hears("hello from Matrix");
    for (const page of [`${world.control.origin}/phone/`, `http://127.0.0.1:${port}/settings/`])
      expect(await scriptsOf(page)).toBeGreaterThan(10);
    const [program = "", ...health] = image.healthcheck;
    expect(runIsolated(at(world.files.folder), [program, ...health])).toBe("ready\n");
    await world.bridge.stop();
    expect(readFileSync(world.files.bridgeLog, "utf8")).toContain("stopped");
  }, 120_000);

  test("ends at a signal as process 1, also before anything of it handles signals", async () => {
    using data = temporaryFolder();
    chownSync(data.path, user, user);
    const asked = Promise.withResolvers<void>();
    // A bridge that does not answer the health check.
    await using server = createServer(() => asked.resolve());
    await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
    const { port } = server.address() as AddressInfo;
    const config = {
      homeserver: { url: "http://127.0.0.1:1", server_name: "home.test" },
      appservice: { listen: "127.0.0.1:2" },
      networks: { meta_interop: { partner: { url: "https://chats.home.test", listen: "127.0.0.1:3" } } },
      permissions: { "home.test": "user" },
      health: { listen: `127.0.0.1:${port}` },
    };
    writeFileSync(join(data.path, "config.yaml"), stringify(config));
    const {
      argv: [program, ...args],
      cwd,
      env,
    } = isolated({ image, data: data.path, user }, image.healthcheck);
    const child = spawn(program, args, { cwd, env, detached: true, stdio: "ignore" });
    const ended = once(child, "exit");
    await asked.promise;
    process.kill(-(child.pid ?? 0), "SIGTERM");
    expect(await ended).toEqual([143, null]);
  });

  const asDocumented = canHear ? describe : describe.skip;
  asDocumented("by the commands of the documentation", () => {
    let machine: DocumentedMachine;
    const root = temporaryFolder(place);
    beforeAll(async () => {
      machine = await DocumentedMachine.start(root.path, image);
    });
    afterAll(async () => {
      await machine[Symbol.asyncDispose]();
      root[Symbol.dispose]();
    });

    test("runs as a service and in a container", async () => {
      for (const block of blocksOf("docs/install.md")) {
        await machine.does(block);
        // What a person edits between the commands.
        if (block.includes("config.sample.yaml"))
          await machine.configure("etc/third-party-chats/config.yaml", "var/lib/third-party-chats");
        if (block.includes("chown")) await machine.configure("source/bridge/config.yaml");
      }
      expect(machine.service.running).toBe(true);
    }, 180_000);

    test("is operated as a service and in a container, and backed up at night", async () => {
      const rows = readFileSync("docs/operating.md", "utf8").matchAll(
        /^\| ([^|]+) \| `([^`]+)` \| `([^`]+)` \|$/gm,
      );
      const asked = new Map(Array.from(rows, ([, what = "", ...ways]) => [what, ways]));
      const [start, stop, read, know, ...others] = [
        "start it, now and with the machine",
        "stop it",
        "read its log",
        "know whether it carries messages",
        "have each link tried",
      ].map((what) => {
        const ways = asked.get(what);
        asked.delete(what);
        return ways ?? [];
      });
      const [tries = []] = others;
      expect([...asked.keys()]).toEqual([]);
      const timer = blocksOf("docs/data.md");
      const [byContainer = "", byFolder = "", ...more] = blocksOf("docs/data.md", "crontab").flatMap(
        (block) => block.trim().split("\n"),
      );
      expect([timer.length, more]).toEqual([1, []]);

      for (const [way, folder] of ["etc/third-party-chats", "source"].entries()) {
        const types = (commands: readonly string[] | undefined): Promise<string> =>
          machine.typed(commands?.[way] ?? "false", folder);
        await types(stop);
        expect(await types(know)).toMatch(/does not answer|does not run/);
        await types(start);
        expect(await types(read)).toContain("ready to serve");
        // No homeserver is there.
        expect(await types(know)).toMatch(/homeserver.*not/);
        const found = await types(tries);
        expect(found).toMatch(/✗ homeserver/);
        expect(found).toMatch(/✓ machine .*bridge\.db is whole/);
        if (way === 0) {
          // By hand, as root, and then by the service's own user.
          await machine.typed("third-party-chats backup", folder);
          await machine.does(timer.join(""));
        } else await machine.scheduled(byContainer);
        await types(stop);
        expect(await types(know)).toMatch(/does not answer|does not run/);
      }
      expect(machine.names("var/lib/third-party-chats/backups")).toHaveLength(2);
      expect(machine.names("source/bridge/backups")).toHaveLength(1);

      await machine.configure("srv/bridge/config.yaml");
      await machine.typed(
        "third-party-chats register && cp -p ../../source/bridge/bridge.db .",
        "srv/bridge",
      );
      await machine.scheduled(byFolder);
      expect(machine.names("srv/bridge/backups")).toEqual([expect.stringMatching(/^bridge-\d+T\d+Z$/)]);
      await machine.does("systemctl start third-party-chats");
    }, 180_000);

    test("is updated and put back; a database of a newer version is refused in words meanwhile", async () => {
      const [update = "", back = "", files = "", inContainer = "", ...others] = blocksOf("docs/upgrade.md");
      expect(others).toEqual([]);
      await machine.does(update);
      expect(machine.service.running).toBe(true);
      await machine.service.stop();
      machine.changeDatabase("PRAGMA user_version = 999");
      await expect(machine.does("systemctl start third-party-chats")).rejects.toThrow();
      expect(readFileSync(machine.service.log, "utf8")).toContain(
        "The database was written by a newer bridge (schema 999",
      );
      await machine.does(back);
      expect(machine.service.running).toBe(true);
      await machine.does(files);
      await machine.does(inContainer);
    }, 180_000);
  });
});
