import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { projectRoot } from "../../tools/world/world.ts";
import { last, readContainerfile, type Stage } from "./containerfile.ts";
import { npmUnpackingIn } from "./npm-cache.ts";

/** The packages that every Debian has, slim images too, as far as their programs matter here. */
const BASE = ["dash", "coreutils", "util-linux", "libc-bin"];

export interface BuiltImage {
  /** The root of the image's files, without the libraries, which are this machine's. */
  readonly root: string;
  readonly environment: readonly string[];
  readonly folder: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  /** What it says of the user; whoever runs it may choose another. */
  readonly user: string;
  /** The tarball of the build stage. */
  readonly tarball: string;
  /** For npm, which installs it. */
  readonly npm: Readonly<Record<string, string>>;
}

/** Whether this machine can stand in for the base image: its programs and libraries are Debian's. */
export const canBuild = existsSync("/usr/bin/dpkg") && process.getuid?.() === 0;

/** Does what the Containerfile says, in a folder. Its second stage begins with this machine's programs of Debian. */
export function buildImage(folder: string): BuiltImage {
  const [build, run, ...others] = readContainerfile(join(projectRoot, "Containerfile"));
  if (build === undefined || run === undefined || others.length > 0)
    throw new Error("Two stages are expected");
  const [first, root] = [join(folder, "build"), join(folder, "image")];
  const npm = npmUnpackingIn(join(folder, "npm"));
  runBuildStage(build, first, npm);
  runLastStage(run, { first, firstName: build.name, root });
  const source = join(first, "source");
  const [tarball] = readdirSync(source).filter((name) => name.endsWith(".tgz"));
  return {
    root,
    environment: last(run, "ENV").split(/\s+/),
    folder: last(run, "WORKDIR"),
    entrypoint: JSON.parse(last(run, "ENTRYPOINT")),
    command: JSON.parse(last(run, "CMD")),
    healthcheck: JSON.parse(last(run, "HEALTHCHECK").replace(/^.*?CMD /, "")),
    user: last(run, "USER"),
    tarball: join(source, tarball ?? ""),
    npm,
  };
}

/** The paths of its commands that begin in a work folder of the image are taken to be in `root`. */
function runBuildStage({ steps }: Stage, root: string, npm: BuiltImage["npm"]): void {
  let folder = root;
  const workFolders = steps.filter(({ instruction }) => instruction === "WORKDIR").map(({ words }) => words);
  for (const { instruction, words } of steps) {
    if (instruction === "WORKDIR") {
      folder = join(root, words);
      mkdirSync(folder, { recursive: true });
    } else if (instruction === "COPY" && words === ". .") copyContext(folder);
    else if (instruction === "RUN") {
      const there = workFolders.reduce(
        (text, each) => text.replaceAll(` ${each}/`, ` ${join(root, each)}/`),
        words,
      );
      execFileSync("sh", ["-ec", there], {
        cwd: folder,
        env: { ...process.env, ...npm },
        stdio: ["ignore", "ignore", "inherit"],
      });
    } else throw new Error(`The test cannot do: ${instruction} ${words}`);
  }
}

/** All that .dockerignore leaves; the packages are linked instead of installed once more. */
function copyContext(to: string): void {
  const ignored = readFileSync(join(projectRoot, ".dockerignore"), "utf8").split("\n").filter(Boolean);
  for (const name of readdirSync(projectRoot)) {
    if (ignored.some((each) => each === name || (each.startsWith("*") && name.endsWith(each.slice(1)))))
      continue;
    cpSync(join(projectRoot, name), join(to, name), { recursive: true });
  }
  symlinkSync(resolve(projectRoot, "node_modules"), join(to, "node_modules"));
}

interface Between {
  readonly first: string;
  readonly firstName: string | undefined;
  readonly root: string;
}

function runLastStage({ base, steps }: Stage, { first, firstName, root }: Between): void {
  if (!/\bdebian:\w+-slim$/.test(base)) throw new Error(`Nothing stands in for ${base}`);
  for (const path of ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "proc", "dev", "tmp"]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(root, name));
  for (const name of ["null", "zero", "random", "urandom"]) cpSync("/dev/null", join(root, "dev", name));
  cpSync("/etc/ld.so.cache", join(root, "etc/ld.so.cache"));
  copyPrograms(BASE, root);
  for (const { instruction, words } of steps) {
    if (instruction === "RUN") copyPrograms(packagesOf(words), root);
    else if (instruction === "COPY") {
      const [, stage, from = "", to = ""] = /^--from=(\S+) (\S+) (\S+)$/.exec(words) ?? [];
      if (stage !== firstName) throw new Error(`The test cannot do: COPY ${words}`);
      // Nothing reads it in its first place any more.
      renameSync(join(first, from), join(root, to));
    } else if (instruction === "VOLUME") mkdirSync(join(root, words), { recursive: true });
  }
}

/** The packages that a RUN installs, which is all that one may do. */
function packagesOf(words: string): readonly string[] {
  const installs =
    /^apt-get update && apt-get install -y --no-install-recommends ([\w -]+) && rm -rf \/var\/lib\/apt\/lists\/\*$/;
  const [, names] = installs.exec(words) ?? [];
  if (names === undefined) throw new Error(`The test cannot do: RUN ${words}`);
  return names.split(" ");
}

/** Copies the programs of Debian's packages; one that is not installed here has none. */
function copyPrograms(packages: readonly string[], root: string): void {
  for (const name of packages) {
    const list = `/var/lib/dpkg/info/${name}.list`;
    if (!existsSync(list)) continue;
    for (const path of readFileSync(list, "utf8").split("\n")) {
      if (!/^(?:\/usr)?\/s?bin\/[^/]+$/.test(path)) continue;
      const to = join(root, path.startsWith("/usr") ? path : `/usr${path}`);
      cpSync(path, join(dirname(to), basename(to)), { verbatimSymlinks: true });
    }
  }
}
