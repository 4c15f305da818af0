import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** How to run a process in the foreground, without a shell. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();

// This process may end without having stopped its children.
process.on("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

/** A long-running child process in a process group of its own; its output is appended to its log file. */
export class ManagedProcess implements AsyncDisposable {
  readonly name: string;
  readonly command: Command;
  readonly log: string;
  #child: ChildProcess | undefined;

  constructor(name: string, command: Command, log: string) {
    this.name = name;
    this.command = command;
    this.log = log;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start(): void {
    if (this.running) throw new Error(`${this.name} is running already`);
    const [program, ...args] = this.command.argv;
    const log = openSync(this.log, "a");
    try {
      const child = spawn(program, args, {
        cwd: this.command.cwd,
        env: { ...this.command.env },
        stdio: ["ignore", log, log],
        detached: true,
      });
      running.add(child);
      child.on("exit", () => running.delete(child));
      child.on("error", () => running.delete(child));
      this.#child = child;
    } finally {
      closeSync(log);
    }
  }

  /** Resolves when `probe` answers true. Throws, with the end of the log, when the process ends or time is up. */
  async ready(probe: () => Promise<boolean>, seconds = 60): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!(await probe())) {
      if (!this.running) throw new Error(`${this.name} ended at its start. ${this.#lastWords()}`);
      if (Date.now() > deadline)
        throw new Error(`${this.name} did not answer in ${seconds} s. ${this.#lastWords()}`);
      await pause(50);
    }
  }

  /** Sends a signal to the whole group and resolves when the process is gone. */
  async kill(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || !this.running) return;
    const ended = once(child, "exit");
    signalGroup(child, signal);
    await ended;
  }

  /** Ends the process by SIGTERM, and after 15 s by SIGKILL. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => void this.kill("SIGKILL"), 15_000);
    await this.kill("SIGTERM");
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #lastWords(): string {
    const lines = readFileSync(this.log, "utf8").trimEnd().split("\n").slice(-15);
    return `The end of ${this.log}:\n${lines.join("\n")}`;
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The process has ended, and its `exit` event is still to come.
  }
}

/** A probe for {@link ManagedProcess.ready}: whether the address answers with a 2xx. */
export function answers(url: string, init: RequestInit = {}): () => Promise<boolean> {
  return async () => {
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  };
}
