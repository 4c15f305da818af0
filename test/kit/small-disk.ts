import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";

const MOUNT = "mount";
const UNMOUNT = "umount";

/** A mounted file system that a test can fill. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #stack: DisposableStack;

  /** Throws where this process may not mount one. */
  constructor(megabytes: number) {
    using stack = new DisposableStack();
    this.path = join(stack.use(temporaryFolder()).path, "disk");
    mkdirSync(this.path);
    const what = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.path];
    execFileSync(MOUNT, what, { stdio: "ignore" });
    stack.defer(() => execFileSync(UNMOUNT, ["--lazy", this.path], { stdio: "ignore" }));
    this.#stack = stack.move();
  }

  static possible(): boolean {
    try {
      new SmallDisk(1)[Symbol.dispose]();
      return true;
    } catch {
      return false;
    }
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Fills the file system. */
  fill(): void {
    const file = openSync(this.#ballast, "a");
    try {
      for (let size = 1 << 20; size >= 1; size = Math.floor(size / 2)) write(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  clear(): void {
    if (existsSync(this.#ballast)) rmSync(this.#ballast);
  }

  /** Makes the file system read-only until {@link unlock}. */
  lock(): void {
    this.#remount("ro");
  }

  unlock(): void {
    this.#remount("rw");
  }

  #remount(mode: "ro" | "rw"): void {
    execFileSync(MOUNT, ["-o", `remount,${mode}`, this.path]);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  get #ballast(): string {
    return join(this.path, "ballast");
  }
}

function write(file: number, bytes: Buffer): void {
  try {
    while (writeSync(file, bytes) === bytes.length);
  } catch (error) {
    if (Object(error).code !== "ENOSPC") throw error;
  }
}
