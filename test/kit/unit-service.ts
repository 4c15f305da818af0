import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ManagedProcess } from "../../tools/process/managed-process.ts";
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

  /** Whether it came up. */
  async start(name: string): Promise<boolean> {
    const unit = readFileSync(join(this.#root, `etc/systemd/system/${name}.service`), "utf8");
    const all = (key: string): readonly string[] =>
      [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value = ""]) => this.#expanded(value));
    this.#layOut(all("StateDirectory"), all("LoadCredential"));
    this.#starts += 1;
    using told = await NotifySocket.at(join(this.#root, `notify-${this.#starts}`));
    const user = String(this.#user);
    const [command = ""] = all("ExecStart");
    const [folder = "/"] = all("WorkingDirectory");
    const service = new ManagedProcess(
      name,
      {
        argv: ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "--no-new-privs"].concat(
          ["--inh-caps=-all", "--bounding-set=-all", "--"],
          command.split(" "),
        ) as [string, ...string[]],
        cwd: folder,
        env: {
          PATH: "/usr/local/bin:/usr/bin:/bin",
          NOTIFY_SOCKET: told.path,
          ...Object.fromEntries(all("Environment").map((each) => each.split(/=(.*)/).slice(0, 2))),
        },
      },
      this.log,
    );
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

  #expanded(value: string): string {
    return value
      .replaceAll("%S", "/var/lib")
      .replaceAll("%d", "/run/credentials")
      .replaceAll(/(^|[=: ])\/(?=etc|opt|run|var)/g, `$1${this.#root}/`);
  }

  #layOut(states: readonly string[], credentials: readonly string[]): void {
    for (const state of states) {
      const folder = join(this.#root, "var/lib", state);
      mkdirSync(folder, { recursive: true });
      chownSync(folder, this.#user, this.#user);
    }
    const folder = join(this.#root, "run/credentials");
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
