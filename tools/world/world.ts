import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse } from "yaml";
import { processEnvironment } from "../process/environment.ts";
import { answers, type Command, ManagedProcess } from "../process/managed-process.ts";
import { SandboxControl } from "../sandbox/control.ts";
import { SignalControl } from "../signal-mock/client.ts";
import { registerUser } from "../synapse/register.ts";
import { synapseCommand, writeSynapse } from "../synapse/synapse.ts";
import { botLocalpart, bridgeYaml } from "./bridge-yaml.ts";
import { type WorldFiles, worldFiles } from "./files.ts";
import { networkSections } from "./networks.ts";
import { sandboxYaml } from "./sandbox-yaml.ts";
import type { WorldSettings } from "./settings.ts";

export const projectRoot = fileURLToPath(new URL("../../", import.meta.url));

export interface WorldOptions {
  readonly folder: string;
  /** Where the bridge keeps its database and log, when that is a folder of its own. */
  readonly bridgeData?: string;
  readonly settings: WorldSettings;
  /** Python of an environment that has Synapse. */
  readonly python: string;
  /** The address at which the bridge reaches the homeserver, when it is not Synapse's. */
  readonly homeserverUrl?: string;
  /** The bridge has a settings page. */
  readonly provisioning?: boolean;
  /** The bridge has Signal, at a mock of Signal's server; the phones' page may stand in frames of these origins. */
  readonly signal?: { readonly framedBy?: readonly string[] };
  readonly synapseExtra?: Readonly<Record<string, unknown>>;
  /** The homeserver has the second registration too, so that the bridge may act as its people. */
  readonly puppets?: boolean;
  /** The prefix below which the homeserver passes clients' requests on to the bridge (MSC4512). */
  readonly proxyPrefix?: string;
  /** More of the bridge's environment; setting `PATH` hides programs from it. */
  readonly bridgeEnvironment?: Readonly<Record<string, string>>;
  readonly progress?: (line: string) => void;
  /** Called whenever a part's process was started. */
  readonly started?: () => void;
}

/** A Synapse, a sandbox gatekeeper and a bridge, each a process of its own, with their files in one folder. */
export class World implements AsyncDisposable {
  readonly files: WorldFiles;
  readonly settings: WorldSettings;
  readonly homeserver: string;
  readonly appservice: string;
  readonly botId: string;
  readonly control: SandboxControl;
  readonly synapse: ManagedProcess;
  readonly sandbox: ManagedProcess;
  readonly bridge: ManagedProcess;
  /** Signal's mock server, where the world has one. */
  readonly signal: ManagedProcess;
  readonly signalControl: SignalControl;
  readonly #options: WorldOptions;
  #closed = false;

  constructor(options: WorldOptions) {
    const { folder, settings, python } = options;
    const { ports } = settings;
    mkdirSync(folder, { recursive: true });
    this.#options = options;
    this.settings = settings;
    this.files = worldFiles(folder, options.bridgeData);
    this.homeserver = `http://127.0.0.1:${ports.synapse}`;
    this.appservice = `http://127.0.0.1:${ports.appservice}`;
    this.botId = `@${botLocalpart}:${settings.serverName}`;
    this.control = new SandboxControl(`http://127.0.0.1:${ports.sandbox}`);
    const { logs } = this.files;
    const env = processEnvironment();
    this.synapse = new ManagedProcess(
      "Synapse",
      synapseCommand(python, this.files.synapse, projectRoot, env),
      logs.synapse,
    );
    this.sandbox = new ManagedProcess(
      "The sandbox",
      this.#node("src/sandbox/run.ts", "-c", this.files.sandboxConfig),
      logs.sandbox,
    );
    this.signalControl = new SignalControl(`http://127.0.0.1:${ports.signal}`);
    this.signal = new ManagedProcess(
      "Signal's mock server",
      this.#node(
        "tools/signal-mock/run.ts",
        "--control",
        String(ports.signal),
        "--port",
        String(ports.signalServices),
        ...(options.signal?.framedBy ?? []).flatMap((origin) => ["--framed-by", origin]),
      ),
      logs.signal,
    );
    const start = this.#cli("start");
    const bridgeEnv = { ...start.env, ...options.bridgeEnvironment };
    this.bridge = new ManagedProcess("The bridge", { ...start, env: bridgeEnv }, logs.bridge);
  }

  get tokens(): { readonly as: string; readonly hs: string } {
    const registration = parse(readFileSync(this.files.registration, "utf8")) as Record<string, unknown>;
    return { as: String(registration["as_token"]), hs: String(registration["hs_token"]) };
  }

  /** Writes what is missing and starts them; resolves when all of them answer. */
  async start(): Promise<void> {
    const say = this.#options.progress ?? (() => undefined);
    writeFileSync(this.files.sandboxConfig, sandboxYaml(this.settings, this.files));
    say("Starting the sandbox");
    await Promise.all([this.startSandbox(), this.#options.signal && this.startSignal()]);
    await this.#writeBridge();
    this.#writeSynapse();
    say("Starting Synapse");
    await this.startSynapse();
    say("Starting the bridge");
    await this.startBridge();
  }

  async startSynapse(): Promise<void> {
    this.#launch(this.synapse);
    await this.synapse.ready(answers(`${this.homeserver}/_matrix/client/versions`), 120);
  }

  async startSandbox(): Promise<void> {
    this.#launch(this.sandbox);
    await this.sandbox.ready(answers(`${this.control.origin}/_sandbox/v1`));
  }

  async startSignal(): Promise<void> {
    this.#launch(this.signal);
    await this.signal.ready(answers(`${this.signalControl.origin}/_sandbox/v1`));
  }

  async startBridge(): Promise<void> {
    this.#launch(this.bridge);
    await this.bridge.ready(
      answers(`${this.appservice}/_matrix/app/v1/ping`, {
        method: "POST",
        headers: { authorization: `Bearer ${this.tokens.hs}`, "content-type": "application/json" },
        body: "{}",
      }),
    );
  }

  /** Registers a person unless they exist; answers the full user id. */
  async register(localpart: string, password: string, displayName: string): Promise<string> {
    await registerUser(this.homeserver, this.settings.registrationSharedSecret, {
      localpart,
      password,
      displayName,
    });
    return `@${localpart}:${this.settings.serverName}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.bridge.stop();
    await Promise.all([this.sandbox.stop(), this.synapse.stop(), this.signal.stop()]);
  }

  #launch(part: ManagedProcess): void {
    if (this.#closed) throw new Error("The world is closed");
    part.start();
    this.#options.started?.();
  }

  async #writeBridge(): Promise<void> {
    const { homeserverUrl } = this.#options;
    const networks = {
      ...(await networkSections(this.control)),
      ...(this.#options.signal && { signal: await this.signalControl.section() }),
    };
    const yaml = bridgeYaml(this.settings, this.files, {
      networks,
      provisioning: this.#options.provisioning === true,
      ...(homeserverUrl === undefined ? {} : { homeserverUrl }),
    });
    writeFileSync(this.files.bridgeConfig, yaml, { mode: 0o600 });
    if (existsSync(this.files.registration)) return;
    const [program, ...args] = this.#cli("register").argv;
    await promisify(execFile)(program, args, { cwd: projectRoot, env: processEnvironment() });
    const { proxyPrefix } = this.#options;
    const field = (name: string, value: string): string => `io.element.msc4512.${name}: ${value}\n`;
    if (proxyPrefix !== undefined)
      appendFileSync(
        this.files.registration,
        field("proxy_prefix", proxyPrefix) + field("proxy_url", this.appservice),
      );
  }

  #writeSynapse(): void {
    const { settings, synapseExtra } = this.#options;
    writeSynapse({
      folder: this.files.synapse,
      logFile: this.files.logs.synapse,
      serverName: settings.serverName,
      port: settings.ports.synapse,
      registrationSharedSecret: settings.registrationSharedSecret,
      macaroonSecret: settings.macaroonSecret,
      registrations: [
        this.files.registration,
        ...(this.#options.puppets === true ? [this.files.secondRegistration] : []),
      ],
      ...(synapseExtra === undefined ? {} : { extra: synapseExtra }),
    });
  }

  #cli(verb: string): Command {
    const { bridgeConfig, registration } = this.files;
    return this.#node(
      "--disable-warning=DEP0060",
      "src/cli.ts",
      verb,
      "-c",
      bridgeConfig,
      "-r",
      registration,
    );
  }

  #node(...args: readonly string[]): Command {
    return { argv: [process.execPath, ...args], cwd: projectRoot, env: processEnvironment() };
  }
}
