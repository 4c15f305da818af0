import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { type Command, ManagedProcess } from "../../tools/process/managed-process.ts";
import { NotifySocket } from "./notify-socket.ts";

/**
 * Runs a unit of `Type=notify` as systemd does, as far as a test can: its user, folders, credentials and environment,
 * and the start is over when it says so. What it may not do is not taken from it.
 */
export class UnitService implements AsyncDisposable {
  readonly log: string;
  readonly #root: string;
  readonly #user: number;
  #process: ManagedProcess | undefined;
  #starts = 0;

  /** @param root the folder that stands for `/` in the unit's paths. */
  constructor(root: string, user: number) {
    this.#root = root;
    this.#user = user;
    this.log = join(root, "service.log");
  }

  get running(): boolean {
    return this.#process?.running === true;
  }

  /** The end of what it wrote. */
  lastWords(): string {
    return existsSync(this.log) ? readFileSync(this.log, "utf8").split("\n").slice(-10).join("\n") : "";
  }

  /** Whether there is a unit that says when it is to be started, and the one that it starts. */
  hasUnit(timer: string): boolean {
    const started = timer.replace(/\.timer$/, ".service");
    return (
      /^\[Install\]$/m.test(this.#unit(timer)) &&
      /^OnCalendar=/m.test(this.#unit(timer)) &&
      this.#unit(started).includes("ExecStart=")
    );
  }

  /** Runs a unit of `Type=oneshot` to its end; whether that was a good one. */
  async once(name: string): Promise<boolean> {
    const { argv, cwd, env } = this.#command(name);
    const [program, ...args] = argv;
    const log = openSync(this.log, "a");
    try {
      const child = spawn(program, args, { cwd, env, stdio: ["ignore", log, log] });
      const [status] = (await once(child, "exit")) as [number | null];
      return status === 0;
    } finally {
      closeSync(log);
    }
  }

  /** Whether it came up. */
  async start(name: string): Promise<boolean> {
    this.#starts += 1;
    using told = await NotifySocket.at(join(this.#root, `notify-${this.#starts}`));
    const service = new ManagedProcess(name, this.#command(name, { NOTIFY_SOCKET: told.path }), this.log);
    service.start();
    this.#process = service;
    const up = told.next("READY=1").then(() => true);
    let isUp = false;
    void up.then(() => (isUp = true));
    try {
      await service.ready(async () => isUp);
    } catch {
      return false;
    }
    return true;
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #unit(file: string): string {
    return readFileSync(join(this.#root, "etc/systemd/system", file), "utf8");
  }

  /** Lays out what the unit asks for. */
  #command(name: string, more: Readonly<Record<string, string>> = {}): Command {
    const unit = this.#unit(`${name}.service`);
    const all = (key: string): readonly string[] =>
      [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value = ""]) =>
        this.#expanded(value, name),
      );
    this.#layOut(name, all("StateDirectory"), all("LoadCredential"));
    const user = String(this.#user);
    const [command = ""] = all("ExecStart");
    const [folder = "/"] = all("WorkingDirectory");
    return {
      argv: ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "--no-new-privs"].concat(
        ["--inh-caps=-all", "--bounding-set=-all", "--"],
        command.split(" "),
      ) as [string, ...string[]],
      cwd: folder,
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        ...more,
        ...Object.fromEntries(all("Environment").map((each) => each.split(/=(.*)/).slice(0, 2))),
      },
    };
  }

  #expanded(value: string, name: string): string {
    return value
      .replaceAll("%S", "/var/lib")
      .replaceAll("%d", `/run/credentials/${name}`)
      .replaceAll(/(^|[=: ])\/(?=etc|opt|run|var)/g, `$1${this.#root}/`);
  }

  #layOut(name: string, states: readonly string[], credentials: readonly string[]): void {
    for (const state of states) {
      const folder = join(this.#root, "var/lib", state);
      mkdirSync(folder, { recursive: true });
      chownSync(folder, this.#user, this.#user);
    }
    const folder = join(this.#root, "run/credentials", name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const credential of credentials) {
      const [name = "", path = ""] = credential.split(/:(.*)/);
      copyFileSync(path, join(folder, name));
      chmodSync(join(folder, name), 0o400);
      chownSync(join(folder, name), this.#user, this.#user);
    }
    chownSync(folder, this.#user, this.#user);
  }
}
