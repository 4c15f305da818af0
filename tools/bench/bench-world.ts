import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import type { FakeRegistration } from "../../test/kit/fake-homeserver.ts";
import { untilConnected } from "../demo/opt-in.ts";
import { processEnvironment } from "../process/environment.ts";
import { answers, ManagedProcess } from "../process/managed-process.ts";
import { freePorts } from "../process/ports.ts";
import { SandboxControl } from "../sandbox/control.ts";
import { botLocalpart, bridgeYaml } from "../world/bridge-yaml.ts";
import { type WorldFiles, worldFiles } from "../world/files.ts";
import { networkSections } from "../world/networks.ts";
import { sandboxYaml } from "../world/sandbox-yaml.ts";
import { newSettings, type WorldSettings } from "../world/settings.ts";
import { projectRoot } from "../world/world.ts";
import { Homeserver } from "./homeserver.ts";
import { clock } from "./protocol.ts";

const serverName = "bench.test";

/** The fake homeserver, the sandbox and the bridge, each a process, with one person opted in to WhatsApp. */
export class BenchWorld implements AsyncDisposable {
  readonly person = `@ana:${serverName}`;
  readonly bot = `@${botLocalpart}:${serverName}`;
  readonly control: SandboxControl;
  readonly homeserver: Homeserver;
  readonly bridge: ManagedProcess;
  readonly sandbox: ManagedProcess;
  readonly #files: WorldFiles;
  readonly #settings: WorldSettings;
  readonly #homeserverPort: number;

  private constructor(
    folder: string,
    settings: WorldSettings,
    homeserverPort: number,
    flags: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) {
    this.#files = worldFiles(folder);
    this.#settings = settings;
    this.#homeserverPort = homeserverPort;
    this.control = new SandboxControl(`http://127.0.0.1:${settings.ports.sandbox}`);
    this.homeserver = new Homeserver(serverName, homeserverPort, flags);
    this.sandbox = this.#node(
      "The sandbox",
      this.#files.logs.sandbox,
      ...flags,
      "src/sandbox/run.ts",
      "-c",
      this.#files.sandboxConfig,
    );
    const bridge = this.#node("The bridge", this.#files.logs.bridge, ...flags, ...this.#cli("start"));
    const { name, command, log } = bridge;
    this.bridge = new ManagedProcess(name, { ...command, env: { ...command.env, ...environment } }, log);
  }

  /**
   * With `profile` each run of each of the three leaves a `.cpuprofile` in the folder, in `profiles`. `environment`: more
   * of the bridge's.
   */
  static async start(
    folder: string,
    profile: boolean,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<BenchWorld> {
    mkdirSync(folder, { recursive: true });
    const [port = 0] = await freePorts(1);
    const flags = profile ? ["--cpu-prof", `--cpu-prof-dir=${join(folder, "profiles")}`] : [];
    const world = new BenchWorld(folder, await newSettings(serverName), port, flags, environment);
    try {
      await world.#begin();
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  /** Starts the bridge; resolves with the milliseconds until it answered that it is ready. */
  async startBridge(): Promise<number> {
    const from = clock();
    this.bridge.start();
    const ready = answers(`http://127.0.0.1:${this.#settings.ports.health}/ready`);
    while (!(await ready())) {
      if (!this.bridge.running) throw new Error(`The bridge ended; ${this.#files.logs.bridge} says why.`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return clock() - from;
  }

  /** The bridge's database file. */
  get database(): string {
    return this.#files.database;
  }

  /** The processes that run now, by name. */
  get processes(): Readonly<Record<"bridge" | "sandbox" | "homeserver", number>> {
    return {
      bridge: this.bridge.pid ?? 0,
      sandbox: this.sandbox.pid ?? 0,
      homeserver: this.homeserver.pid ?? 0,
    };
  }

  connected(): Promise<void> {
    return untilConnected(this.control, "whatsapp", this.person);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bridge.stop();
    await this.sandbox.stop();
    await this.homeserver[Symbol.asyncDispose]();
  }

  async #begin(): Promise<void> {
    await this.homeserver.ready();
    writeFileSync(this.#files.sandboxConfig, sandboxYaml(this.#settings, this.#files));
    this.sandbox.start();
    await this.sandbox.ready(answers(`${this.control.origin}/_sandbox/v1`));
    const networks = await networkSections(this.control);
    const homeserverUrl = `http://127.0.0.1:${this.#homeserverPort}`;
    writeFileSync(
      this.#files.bridgeConfig,
      bridgeYaml(this.#settings, this.#files, { networks, homeserverUrl }),
    );
    await promisify(execFile)(process.execPath, this.#cli("register"), {
      cwd: projectRoot,
      env: processEnvironment(),
    });
    const registration = parse(readFileSync(this.#files.registration, "utf8")) as FakeRegistration;
    await this.homeserver.ask("use", registration, this.person);
    await this.startBridge();
    const room = await this.homeserver.ask("openChat", this.bot);
    await this.homeserver.ask("say", room, "enable whatsapp");
    await this.homeserver.ask("told", room, "yes");
    await this.homeserver.ask("say", room, "yes");
    await this.connected();
  }

  #cli(verb: string): string[] {
    const { bridgeConfig, registration } = this.#files;
    return ["--disable-warning=DEP0060", "src/cli.ts", verb, "-c", bridgeConfig, "-r", registration];
  }

  #node(name: string, log: string, ...args: readonly string[]): ManagedProcess {
    return new ManagedProcess(
      name,
      { argv: [process.execPath, ...args], cwd: projectRoot, env: processEnvironment() },
      log,
    );
  }
}
