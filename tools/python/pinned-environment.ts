import { execFile } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../process/lock.ts";
import type { Progress } from "../synapse/install.ts";
import { findPython } from "../synapse/python.ts";

interface PinnedPackage {
  /** As PyPI knows it; without extras it names the folder below .cache. */
  readonly requirement: string;
  /** The versions of it and of all that it needs. */
  readonly constraints: URL;
  /** What installing it takes, in words. */
  readonly takes: string;
}

const run = promisify(execFile);

/** A package from PyPI in a virtual environment of its own under .cache, installed once a list of constraints. */
export class PinnedEnvironment {
  readonly #package: PinnedPackage;
  readonly #name: string;
  readonly #folder: string;

  constructor(pinned: PinnedPackage) {
    this.#package = pinned;
    this.#name = pinned.requirement.replace(/\[.*/, "");
    this.#folder = fileURLToPath(new URL(`../../.cache/${this.#name}/`, import.meta.url));
  }

  /** One of the environment's programs; undefined where {@link prepare} has not installed it as the constraints say. */
  program(name: string): string | undefined {
    const path = join(this.#folder, "venv", "bin", name);
    const stamp = this.#stamp;
    const isThere =
      existsSync(stamp) && readFileSync(stamp, "utf8") === this.#constraints && existsSync(path);
    return isThere ? path : undefined;
  }

  /** Throws where it cannot be installed. */
  async prepare(progress: Progress): Promise<void> {
    const { requirement, constraints, takes } = this.#package;
    const waiting = (): void => progress(`Waiting for another install of ${this.#name}`);
    await withLock(join(this.#folder, "install.lock"), waiting, async () => {
      if (this.program("python") !== undefined) return;
      progress(`Installing ${this.#name} from PyPI (${takes})`);
      const home = join(this.#folder, "venv");
      rmSync(home, { recursive: true, force: true });
      await run(findPython(), ["-m", "venv", home]);
      const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"];
      await run(join(home, "bin", "python"), [...pip, "-c", fileURLToPath(constraints), requirement]);
      writeFileSync(`${this.#stamp}.new`, this.#constraints);
      renameSync(`${this.#stamp}.new`, this.#stamp);
    });
  }

  get #stamp(): string {
    return join(this.#folder, "installed.txt");
  }

  get #constraints(): string {
    return readFileSync(this.#package.constraints, "utf8");
  }
}
