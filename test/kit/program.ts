import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { quoted } from "../../src/config/quoted.ts";
import { projectRoot } from "../../tools/world/world.ts";

const command = [process.execPath, "--disable-warning=DEP0060", join(projectRoot, "src/cli.ts")] as const;

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** The program without a terminal, until its end; `act` is called with it once it runs. */
export async function runProgram(
  words: readonly string[],
  { cwd = projectRoot, act }: { readonly cwd?: string; readonly act?: (child: ChildProcess) => void } = {},
): Promise<Ended> {
  const [node, ...first] = command;
  const child = spawn(node, [...first, ...words], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  act?.(child);
  const ended = once(child, "exit");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await ended) as [number | null];
  return { status, out, err };
}

/** The program at a terminal, which a person types on. */
export class TypedProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #shown = "";
  #wake: () => void = () => undefined;

  constructor(words: readonly string[], cwd: string = projectRoot) {
    const line = [...command, ...words].map(quoted).join(" ");
    // util-linux's script gives the command a terminal of its own, and takes over its exit status.
    this.#child = spawn("script", ["-qefc", line, "/dev/null"], { cwd, stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#shown += chunk;
      this.#wake();
    });
    this.#ended = once(this.#child, "close").then(([status]) => status as number | null);
    void this.#ended.then(() => this.#wake());
  }

  /** All that is on the screen, without what moves its cursor. */
  get screen(): string {
    return stripVTControlCharacters(this.#shown).replaceAll("\r", "");
  }

  /** Resolves when the screen shows it, after what it showed at the last call. */
  async shows(what: RegExp, since = 0): Promise<number> {
    for (;;) {
      const found = what.exec(this.screen.slice(since));
      if (found !== null) return since + found.index + found[0].length;
      if (this.#child.exitCode !== null) throw new Error(`It ended without ${what}:\n${this.screen}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** The exit status. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
