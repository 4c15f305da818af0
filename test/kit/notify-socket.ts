import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Whether this machine has systemd's program for telling, and Python to hear it. */
export const canHear = ["systemd-notify", "python3"].every(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

/** Stands in for systemd: hears what a service tells it. */
export class NotifySocket implements Disposable {
  readonly path: string;
  readonly #child;
  readonly #heard: string[] = [];
  #waiting: (() => void) | undefined;

  private constructor(path: string) {
    this.path = path;
    const program = fileURLToPath(new URL("notify-socket.py", import.meta.url));
    this.#child = spawn("python3", [program, path], { stdio: ["ignore", "pipe", "inherit"] });
    createInterface(this.#child.stdout).on("line", (line) => {
      this.#heard.push(String(JSON.parse(line)));
      this.#waiting?.();
    });
  }

  static async at(path: string): Promise<NotifySocket> {
    const socket = new NotifySocket(path);
    await socket.next("listening");
    return socket;
  }

  /** The next message with these words; what was heard before it is forgotten. */
  async next(words: string): Promise<string> {
    for (;;) {
      const at = this.#heard.findIndex((message) => message.includes(words));
      if (at >= 0) return this.#heard.splice(0, at + 1).at(-1) ?? "";
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}
