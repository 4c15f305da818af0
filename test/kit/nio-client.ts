import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Waits } from "../../tools/matrix/waits.ts";
import { processEnvironment } from "../../tools/process/environment.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A text as the client shows it; `body`: null where it cannot read it. */
interface NioEvent {
  readonly kind: "event";
  readonly room: string;
  readonly id: string;
  readonly sender: string;
  readonly body: string | null;
  readonly encrypted: boolean;
}

type NioLine =
  | { readonly kind: "ready" }
  | { readonly kind: "sent"; readonly to: number; readonly event: string | null; readonly why: string }
  | NioEvent;

interface NioLogin {
  /** Of the environment that has matrix-nio. */
  readonly python: string;
  readonly homeserver: string;
  readonly userId: string;
  readonly password: string;
}

/** A person's matrix-nio with encryption: vodozemac under its own state machine, without cross-signing. */
export class NioClient implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines = new Waits<NioLine>();
  readonly #folder = temporaryFolder();
  readonly events: NioEvent[] = [];
  #asked = 0;

  private constructor({ python, homeserver, userId, password }: NioLogin) {
    const script = fileURLToPath(new URL("nio-person.py", import.meta.url));
    this.#child = spawn(python, [script, homeserver, userId, password, this.#folder.path], {
      stdio: ["pipe", "pipe", "ignore"],
      env: processEnvironment(),
    });
    if (!this.#child.stdout) throw new Error("no output of matrix-nio");
    createInterface({ input: this.#child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as NioLine;
      if (line.kind === "event") this.events.push(line);
      this.#lines.offer(line);
    });
  }

  /** Logs in, does the first sync and publishes its keys. */
  static async start(login: NioLogin): Promise<NioClient> {
    const client = new NioClient(login);
    await client.#lines.next("matrix-nio's first sync", ({ kind }) => kind === "ready", 60);
    return client;
  }

  /** A text, now or later. */
  shows(body: string): Promise<NioEvent> {
    return this.#lines.until(`matrix-nio showing “${body}”`, () =>
      this.events.find((event) => event.body === body),
    );
  }

  /** Resolves once the homeserver has it. */
  async says(room: string, body: string): Promise<void> {
    this.#asked += 1;
    const id = this.#asked;
    const answer = this.#lines.next("that it was sent", (line) => line.kind === "sent" && line.to === id, 60);
    this.#child.stdin?.write(`${JSON.stringify({ id, room, body })}\n`);
    const line = await answer;
    if (line.kind === "sent" && line.event === null) throw new Error(line.why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.stdin?.end();
    await ended;
    this.#folder[Symbol.dispose]();
  }
}
