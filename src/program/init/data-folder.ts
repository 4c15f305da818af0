import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { isKernels, KERNELS } from "../../config/kernels-path.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { whyUnwritten } from "../../core/model/unread-file.ts";
import { refused } from "../refused.ts";

const STAGED = ".init-";
/** What the folder of a file system of its own has in it from the start. */
const NOT_OURS = "lost+found";

const program = resolve(import.meta.dirname, "../../..");

/** Beside the program where one stands in it, else under where one stands. */
export function usualDataFolder(): string {
  const here = process.cwd();
  const inside = !relative(program, here).startsWith("..");
  return inside ? join(dirname(program), "bridge-data") : join(here, "bridge-data");
}

/**
 * A folder for all that is the bridge's. Files are written beside their later place and linked there at once, so that
 * an interrupted `init` leaves none, and none that is there is ever overwritten.
 */
export class DataFolder implements Disposable {
  readonly path: string;
  /** Where files are written first. */
  readonly staged: string;
  /** The first folder that was made for it; undefined where all were there. */
  readonly #made: string | undefined;
  #placed = false;

  /** Throws BridgeError with words where the folder cannot be written, or has something in it. */
  constructor(path: string) {
    this.path = path;
    if (isKernels(path)) throw refused(`${path} is ${KERNELS}`);
    try {
      this.#made = mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      const inWay = systemCode(cause) === "EEXIST" || systemCode(cause) === "ENOTDIR";
      throw refused(
        inWay ? `${path} is a file, or below one; name a folder with --data.` : notWritable(path, cause),
        cause,
      );
    }
    try {
      assertEmpty(path);
      this.staged = mkdtempSync(join(path, STAGED));
    } catch (cause) {
      this.#undo();
      if (systemCode(cause) === undefined) throw cause;
      throw refused(notWritable(path, cause), cause);
    }
  }

  /** Gives the written files their places, in one go. Throws BridgeError with words where one is there meanwhile. */
  place(): void {
    const names = readdirSync(this.staged);
    const placed: string[] = [];
    try {
      for (const name of names) {
        linkSync(join(this.staged, name), join(this.path, name));
        placed.push(name);
      }
    } catch (cause) {
      for (const name of placed) rmSync(join(this.path, name));
      const there = systemCode(cause) === "EEXIST";
      throw refused(
        there
          ? `Something was put into ${this.path} meanwhile; nothing of it is overwritten. Run init again.`
          : notWritable(this.path, cause),
        cause,
      );
    }
    this.#placed = true;
  }

  [Symbol.dispose](): void {
    // The sandbox may still be writing there when somebody gives up.
    rmSync(this.staged, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    this.#undo();
  }

  #undo(): void {
    if (!this.#placed && this.#made !== undefined) rmSync(this.#made, { recursive: true, force: true });
  }
}

function assertEmpty(path: string): void {
  if (!statSync(path).isDirectory()) throw refused(`${path} is a file; name a folder with --data.`);
  const names = readdirSync(path);
  // What an `init` left that was killed.
  for (const name of names.filter((each) => each.startsWith(STAGED)))
    rmSync(join(path, name), { recursive: true });
  const [first, ...more] = names.filter((name) => name !== NOT_OURS && !name.startsWith(STAGED));
  if (first === undefined) return;
  if (names.includes("config.yaml")) {
    throw refused(
      `There is a bridge in ${path} already, and init overwrites nothing. Start it as it is, or name a new folder with --data.`,
    );
  }
  const others = more.length === 0 ? "" : `, and ${more.length} more`;
  throw refused(
    `${path} is not empty (${basename(first)}${others}), and init overwrites nothing. Name a new or empty folder with --data.`,
  );
}

const notWritable = (path: string, cause: unknown): string => {
  const code = systemCode(cause);
  const why =
    code === "EACCES" || code === "EPERM" || code === "EROFS"
      ? `The user this runs as may not write there (${code}): name another folder with --data, or have root make it and give it to that user.`
      : whyUnwritten(cause);
  return `The folder ${path} cannot be written. ${why}`;
};
