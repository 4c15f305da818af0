import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Ask, Call, Calls } from "./protocol.ts";

type Settle = (answer: Answer) => void;

/** The homeserver's process as the bench sees it. */
export class Homeserver implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, Settle>();
  #last = 0;

  /** @param flags of Node's own. */
  constructor(serverName: string, port: number, flags: readonly string[]) {
    const program = fileURLToPath(new URL("homeserver-process.ts", import.meta.url));
    this.#child = fork(program, [serverName, String(port)], {
      execArgv: [...flags],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.on("message", (answer: Answer) => this.#settle(answer));
    this.#child.once("exit", () => {
      for (const id of this.#asked.keys()) this.#settle({ id, error: "The homeserver's process ended." });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when the homeserver listens. */
  ready(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#asked.set(0, ({ error }) => (error === undefined ? resolve() : reject(new Error(error))));
    return promise;
  }

  ask<Name extends keyof Calls>(
    name: Name,
    ...given: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    const { promise, resolve, reject } = Promise.withResolvers<ReturnType<Calls[Name]>>();
    this.#last += 1;
    this.#asked.set(this.#last, ({ value, error }) => {
      if (error === undefined) resolve(value as ReturnType<Calls[Name]>);
      else reject(new Error(error));
    });
    this.#child.send({ id: this.#last, call: [name, ...given] as unknown as Call } satisfies Ask);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }

  #settle(answer: Answer): void {
    this.#asked.get(answer.id)?.(answer);
    this.#asked.delete(answer.id);
  }
}
