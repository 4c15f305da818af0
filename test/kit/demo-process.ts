import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { projectRoot } from "../../tools/world/world.ts";

/** The JSON line of `npm run demo -- --json`. */
export interface DemoJson {
  /** The page with both ends of a conversation. */
  readonly page: string;
  readonly homeserver: string;
  readonly server_name: string;
  readonly user_id: string;
  readonly password: string;
  readonly visible_id: string;
  readonly users: readonly {
    readonly user_id: string;
    readonly password: string;
    readonly visible_id: string;
    readonly opted_in: boolean;
  }[];
  readonly bot_id: string;
  readonly sandbox: string;
  /** The control API of Signal's mock server. */
  readonly signal: string;
  readonly appservice: string;
  readonly registration: string;
  readonly config: string;
  readonly database: string;
  readonly hs_token: string;
  readonly as_token: string;
  readonly registration_shared_secret: string;
  readonly logs: Readonly<Record<DemoPart, string>>;
  readonly pids: Readonly<Record<DemoPart, number>>;
  readonly commands: Readonly<Record<DemoPart, readonly [string, ...string[]]>>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export type DemoPart = "synapse" | "sandbox" | "signal" | "bridge";

/** `npm run demo` with some arguments, its output collected. */
export class DemoProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  stdout = "";
  stderr = "";

  /** With `direct` signals go to the demo itself and not to npm. */
  constructor(args: readonly string[], { direct = false }: { readonly direct?: boolean } = {}) {
    const [program, ...first] = direct
      ? [process.execPath, "tools/demo/run.ts"]
      : ["npm", "run", "demo", "--"];
    this.#child = spawn(program ?? "", [...first, ...args], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#ended = once(this.#child, "close").then(([status]) => status as number | null);
  }

  /** The exit status. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  /** The one line of `--json`. */
  async up(): Promise<DemoJson> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.stdout.includes("\n")) resolve();
    };
    this.#child.stdout?.on("data", look);
    void this.#ended.then(() => reject(new Error(`The demo ended: ${this.stderr}`)));
    look();
    await promise;
    return JSON.parse(this.stdout) as DemoJson;
  }

  async interrupt(): Promise<number | null> {
    this.#child.kill("SIGINT");
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.interrupt();
  }
}

/** Whether a process with this id is running. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
