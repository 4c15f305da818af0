import { execFileSync, spawnSync } from "node:child_process";
import type { Command } from "../../tools/process/managed-process.ts";
import type { BuiltImage } from "./built-image.ts";

/** As a container engine would with `--read-only --user ID --volume DATA:/data`; the program is process 1. */
const ENTER = `
root=$1 data=$2 folder=$3 id=$4; shift 4
mount --bind "$root" "$root"
mount --bind /usr/lib "$root/usr/lib" && mount -o remount,bind,ro "$root/usr/lib"
if [ -d /usr/lib64 ]; then mount --bind /usr/lib64 "$root/usr/lib64" && mount -o remount,bind,ro "$root/usr/lib64"; fi
for each in null zero random urandom; do mount --bind "/dev/$each" "$root/dev/$each"; done
mount -t proc -o subset=pid,hidepid=invisible proc "$root/proc"
mount --bind "$data" "$root$folder"
mount -o remount,bind,ro "$root"
exec chroot --userspec="$id:$id" --groups= "$root" /usr/bin/env -i --chdir="$folder" "$@"
`;

export interface Isolated {
  readonly image: BuiltImage;
  /** This machine's folder that is the volume. */
  readonly data: string;
  readonly user: number;
}

/** Runs a program of the image with nothing else of this machine but its kernel, network and libraries. */
export function isolated({ image, data, user }: Isolated, argv: readonly string[]): Command {
  const { root, folder, environment } = image;
  return {
    argv: [
      ...(["unshare", "--mount", "--pid", "--fork", "--ipc", "--uts", "sh", "-ec", ENTER, "enter"] as const),
      root,
      data,
      folder,
      String(user),
      ...environment,
      ...argv,
    ],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C.UTF-8" },
  };
}

/** Whether this machine lets a test do so. */
export const canIsolate =
  process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "--pid", "--fork", "true"]).status === 0;

/** Runs it to its end; answers what it printed. */
export function runIsolated(where: Isolated, argv: readonly string[]): string {
  const {
    argv: [program, ...args],
    cwd,
    env,
  } = isolated(where, argv);
  return execFileSync(program, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
