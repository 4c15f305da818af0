// Installs the packages the lock file names, once per lock file. It runs on the Node that is there (20 or
// newer), before the packages bring their own, so it uses nothing newer and no TypeScript.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "node_modules", ".stamp");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const isInstalled = () => (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) || isInstalledByNpm();
// `npm ci` empties what a link points to, which is another folder's.
const isLink = lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() === true;

const lacking = unfit();
if (lacking !== undefined) {
  process.stderr.write(`${lacking}\n`);
  process.exitCode = 1;
} else if (!isLink && !isInstalled()) {
  const unlock = lock(join(root, ".cache", "install.lock"));
  try {
    if (!isInstalled()) install();
  } finally {
    unlock();
  }
}

/** Whether somebody's own `npm ci` is whole: npm writes what it has installed when it is done. */
function isInstalledByNpm() {
  const done = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(done)) return false;
  const { packages: installed = {} } = JSON.parse(readFileSync(done, "utf8"));
  const { packages: locked = {} } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const isLocked = ([path, { version, integrity }]) =>
    locked[path]?.version === version && locked[path]?.integrity === integrity;
  const isThere = ([path, { optional, devOptional, peer }]) =>
    path === "" || optional || devOptional || peer || installed[path] !== undefined;
  return Object.entries(installed).every(isLocked) && Object.entries(locked).every(isThere);
}

/** What keeps this machine from running the rest, in words. The packages bring Node 24 for Linux with glibc only. */
function unfit() {
  const { platform, arch, version } = process;
  const here = `This is Node ${version.slice(1)} on ${platform} ${arch}.`;
  if (platform !== "linux" || !["x64", "arm64"].includes(arch)) {
    if (Number.parseInt(version.slice(1), 10) >= 24) return undefined;
    return `Linux on x64 or arm64 is needed, which brings its own Node 24, or else Node 24 or newer. ${here} Install Node 24 and run the same command again.`;
  }
  if (isInstalled() || isLink || process.report.getReport().header.glibcVersionRuntime) return undefined;
  return `A Linux with glibc is needed, such as Debian, Ubuntu or Fedora; this one has another C library. ${here}`;
}

function install() {
  process.stderr.write("Installing packages (about 20 seconds, 700 MB) ...\n");
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (npm.status === 0) return writeFileSync(stamp, wanted);
  process.stderr.write(
    "npm ci failed. Its messages are above; check the network and run the same command again.\n",
  );
  process.exitCode = 1;
}

/** Waits for another install in this folder; one whose process is gone does not count. */
function lock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  for (;;) {
    try {
      // A link appears with its content in it; a file that is being written would look empty for a moment.
      linkSync(mine, path);
      rmSync(mine);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = existsSync(path) ? Number(readFileSync(path, "utf8")) : process.pid;
    if (isAlive(holder)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    else rmSync(path, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return pid > 0;
  } catch {
    return false;
  }
}
