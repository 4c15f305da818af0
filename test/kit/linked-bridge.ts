import { loadConfig } from "../../src/config/load.ts";
import type { Log, LogFields } from "../../src/core/ports/log.ts";
import { startBridge } from "../../src/main.ts";
import { readRegistration } from "../../src/matrix/registration/registration-file.ts";
import { configuredNetworks, networksConfig } from "../../src/networks/registry.ts";
import { namesOf } from "../../src/program/configuration.ts";
import { realClock } from "./interop-world.ts";
import { LinkedNetwork } from "./linked-network.ts";
import type { TestWorld } from "./world.ts";

/** A world's bridge in the test's own process, with a network that people link beside the configured ones. */
export class LinkedBridge implements AsyncDisposable {
  readonly quill = new LinkedNetwork(realClock);
  /** All it logged, whatever the level. */
  readonly lines: string[] = [];
  readonly #world: TestWorld;
  #running: AsyncDisposable | undefined;

  constructor(world: TestWorld) {
    this.#world = world;
  }

  /** In place of the world's own. */
  async start(): Promise<void> {
    const { bridge, files } = this.#world.world;
    await bridge.stop();
    const { config } = loadConfig({ file: files.bridgeConfig, networks: networksConfig, environment: {} });
    const registration = await readRegistration(files.registration, namesOf(config));
    const note = (message: string, fields?: LogFields) =>
      void this.lines.push(`${message} ${JSON.stringify(fields)}`);
    const log: Log = { error: note, warn: note, info: note, debug: note };
    this.#running = await startBridge({
      config,
      registration,
      registrationPath: files.registration,
      configPath: files.bridgeConfig,
      doublePuppet: undefined,
      version: "test",
      log,
      networksOf: (networks, needs) => {
        this.quill.store = needs.store;
        return [...configuredNetworks(networks, needs), { networks: [this.quill] }];
      },
    });
  }

  async stop(): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
    this.#running = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
