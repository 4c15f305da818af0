/** The sandbox as a process of its own, to be killed and started again on the same data and port. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SandboxClient, type SandboxNetwork } from "./sandbox-client.ts";

export class SandboxProcess implements AsyncDisposable {
  readonly #folder: string;
  readonly #iss: string;
  #child: ChildProcess | undefined;
  #port = 0;
  url = "";
  networks: Readonly<Record<string, SandboxNetwork>> = {};

  static async start(iss: string): Promise<SandboxProcess> {
    const sandbox = new SandboxProcess(mkdtempSync(join(tmpdir(), "sandbox-")), iss);
    await sandbox.start();
    return sandbox;
  }

  private constructor(folder: string, iss: string) {
    this.#folder = folder;
    this.#iss = iss;
  }

  get client(): SandboxClient {
    return new SandboxClient(this.url);
  }

  network(name: "whatsapp" | "messenger"): SandboxNetwork {
    const network = this.networks[name];
    if (network === undefined) throw new Error("not ready");
    return network;
  }

  async start(): Promise<void> {
    const config = join(this.#folder, "sandbox.yaml");
    const integrator = {
      id: 12,
      name: "Ours",
      iss: this.#iss,
      identifier_type: "username",
      push_url: this.#iss,
    };
    const listen = { host: "127.0.0.1", port: this.#port };
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({ listen, data: join(this.#folder, "sandbox.db"), integrators: [integrator] }),
    );
    const child = spawn(process.execPath, ["src/sandbox/run.ts", "-c", config, "--json"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, "line")) as [string];
    const ready = JSON.parse(line) as { url: string; networks: Record<string, SandboxNetwork> };
    this.url = ready.url;
    this.networks = ready.networks;
    this.#port = Number(new URL(ready.url).port);
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, "exit") as Promise<[number | null]>;
    child.kill(signal);
    const [code] = await ended;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
