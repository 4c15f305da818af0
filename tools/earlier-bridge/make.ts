import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { constants, zstdCompressSync } from "node:zlib";
import Database from "better-sqlite3";
import { stringify } from "yaml";
import { EarlierWorld, ports, serverName } from "../../test/kit/earlier-world.ts";
import { writeDisk } from "../../test/kit/fake-homeserver-disk.ts";
import { processEnvironment } from "../process/environment.ts";
import { projectRoot } from "../world/world.ts";
import { lastToCome, missingTraffic } from "./mid-traffic.ts";
import { beginTraffic, breakStream } from "./traffic.ts";

/*
 * node --disable-warning=DEP0060 tools/earlier-bridge/make.ts [COMMIT]
 *
 * Runs the bridge and the sandbox of an earlier commit with a homeserver of the tests, kills the bridge while it is
 * busy in all directions, and writes what the three keep to test/earlier/COMMIT.tar.zst. mid-traffic.ts knows the
 * tables of d663ec4, for which it was written; traffic.ts knows what keeps that bridge waiting.
 */
const commit = process.argv[2] ?? "d663ec4";
const work = mkdtempSync(join(tmpdir(), "earlier-bridge-"));
const code = join(work, "code");
const folder = join(work, commit);

function checkOut(): void {
  mkdirSync(code);
  const tar = join(work, "code.tar");
  execFileSync("git", ["archive", "--output", tar, commit], { cwd: projectRoot });
  execFileSync("tar", ["-xf", tar, "-C", code]);
  // Packages were added since, and none of what it uses has another version.
  symlinkSync(join(projectRoot, "node_modules"), join(code, "node_modules"));
}

/** The bridge's configuration as that bridge's sample shows it, with the networks the sandbox plays. */
async function configure({ control, options }: EarlierWorld): Promise<void> {
  const { networks } = (await control.root()) as {
    readonly networks: Readonly<Record<string, { readonly base: string; readonly root_key: string }>>;
  };
  const config = {
    homeserver: { url: `http://127.0.0.1:${ports.homeserver}`, server_name: serverName },
    appservice: { listen: `127.0.0.1:${ports.appservice}` },
    database: "./bridge.db",
    media: { folder: "./media" },
    partner: {
      url: `http://127.0.0.1:${ports.partner}`,
      listen: `127.0.0.1:${ports.partner}`,
      identifier: "username",
    },
    networks: Object.fromEntries(
      Object.entries(networks).map(([name, { base, root_key }]) => [name, { url: base, root_key }]),
    ),
    permissions: { [serverName]: "user" },
    identifiers: {},
    logging: { file: "./bridge.log" },
    health: { listen: `127.0.0.1:${ports.health}` },
  };
  writeFileSync(join(folder, "config.yaml"), stringify(config));
  execFileSync(process.execPath, ["--disable-warning=DEP0060", "src/cli.ts", "register", ...options], {
    cwd: code,
    env: processEnvironment(),
  });
}

function configureSandbox(): void {
  const partner = `http://127.0.0.1:${ports.partner}`;
  const us = { id: 12, name: "Third-party chats bridge", iss: partner, identifier_type: "username" };
  const config = {
    listen: { host: "127.0.0.1", port: ports.sandbox },
    data: "./sandbox.db",
    integrators: [{ ...us, push_url: partner, media_hosts: [`127.0.0.1:${ports.partner}`] }],
  };
  writeFileSync(join(folder, "sandbox.yaml"), stringify(config));
}

/** Waits until everything is under way at once. */
async function midTraffic(but?: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await pause(20)) {
    using database = opened();
    const missing = missingTraffic(database.db, but);
    if (missing.length === 0) return;
    if (Date.now() > deadline) throw new Error(`It did not come to it: ${missing.join("; ")}`);
  }
}

async function killInMidTraffic({ bridge }: EarlierWorld): Promise<number> {
  await midTraffic();
  await bridge.kill("SIGKILL");
  const killedAt = Date.now();
  using database = opened();
  const missing = missingTraffic(database.db);
  if (missing.length > 0) throw new Error(`It was over when the bridge was killed: ${missing.join("; ")}`);
  return killedAt;
}

function opened(): Disposable & { readonly db: Database.Database } {
  const db = new Database(join(folder, "bridge.db"), { readonly: true });
  return { db, [Symbol.dispose]: () => db.close() };
}

function pack(): string {
  // What is made anew by whoever opens it.
  for (const name of readdirSync(folder).filter((each) => /\.log$|-shm$|\.lock/.test(each)))
    rmSync(join(folder, name));
  const tar = execFileSync("tar", ["-cf", "-", "--sort=name", "--owner=0", "--group=0", "-C", folder, "."], {
    maxBuffer: 2 ** 28,
  });
  const { ZSTD_c_compressionLevel: level, ZSTD_c_windowLog: window } = constants;
  const target = join(projectRoot, "test/earlier", `${commit}.tar.zst`);
  mkdirSync(dirname(target), { recursive: true });
  // The log of the database has its pages many times over, and a window that reaches over all of it sees that.
  writeFileSync(target, zstdCompressSync(tar, { params: { [level]: 19, [window]: 25 } }));
  return target;
}

async function make(): Promise<string> {
  checkOut();
  mkdirSync(folder);
  configureSandbox();
  await using world = await EarlierWorld.start({ folder, code });
  await configure(world);
  await world.startBridge();
  const known = await beginTraffic(world);
  await midTraffic(lastToCome);
  await breakStream(world, known.contacts);
  const killedAt = await killInMidTraffic(world);
  await world.sandbox.stop();
  writeDisk(world.homeserver, folder);
  writeFileSync(join(folder, "facts.json"), JSON.stringify({ commit, killedAt, ...known }, undefined, 1));
  return pack();
}

try {
  console.log(`Wrote ${await make()}.`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
// Answers that were held up are still being so.
process.exit();
