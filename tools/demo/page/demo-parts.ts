import { answers, type ManagedProcess } from "../../process/managed-process.ts";
import type { World } from "../../world/world.ts";
import type { DemoPhone, DemoView, PartName } from "./model/demo-state.ts";

interface Part {
  readonly process: ManagedProcess;
  readonly answers: () => Promise<boolean>;
  readonly start: () => Promise<void>;
}

/** What the sandbox tells of itself. */
interface SandboxTold {
  readonly phones: readonly DemoPhone[];
  /** The networks that are on for our people. */
  readonly on: readonly (readonly [user: string, network: string])[];
}

/** The processes of the demo: how they are, and stopping and starting them as somebody tries what happens then. */
export class DemoParts {
  readonly #world: World;
  readonly #parts: Readonly<Record<PartName, Part>>;
  readonly #wereUp = new Set<PartName>();
  /** What the sandbox told last, for when it is away. */
  #told: SandboxTold = { phones: [], on: [] };

  constructor(world: World) {
    const { homeserver, control, settings } = world;
    this.#world = world;
    this.#parts = {
      homeserver: {
        process: world.synapse,
        answers: answers(`${homeserver}/_matrix/client/versions`),
        start: () => world.startSynapse(),
      },
      bridge: {
        process: world.bridge,
        answers: answers(`http://127.0.0.1:${settings.ports.health}/live`),
        start: () => world.startBridge(),
      },
      gatekeeper: {
        process: world.sandbox,
        answers: answers(`${control.origin}/_sandbox/v1`),
        start: () => world.startSandbox(),
      },
    };
  }

  async states(): Promise<DemoView["parts"]> {
    const [homeserver, bridge, gatekeeper] = await Promise.all([
      this.#state("homeserver"),
      this.#state("bridge"),
      this.#state("gatekeeper"),
    ]);
    return { homeserver, bridge, gatekeeper };
  }

  /** Whose phones there are, and the networks that are on for each of our people. */
  async sandbox(): Promise<SandboxTold> {
    try {
      const { people } = await this.#world.control.call("GET", "/people");
      const phones = people as (DemoPhone & { readonly left: boolean })[];
      const users = await this.#world.control.users();
      this.#told = {
        phones: phones
          .filter(({ left }) => !left)
          .map(({ person, name, network, jid, online }) => ({
            person,
            name,
            network,
            jid,
            online,
            origin: this.#world.control.origin,
          })),
        on: users.map(({ visible_id, network }) => [visible_id, network]),
      };
    } catch {
      // It is away; what it told before still holds for what is shown.
    }
    return this.#told;
  }

  /** Ends it as a crash would. */
  async kill(name: PartName): Promise<void> {
    await this.#parts[name].process.kill("SIGKILL");
  }

  /** Starts it unless it runs, also one that somebody has started by hand. */
  async start(name: PartName): Promise<void> {
    const part = this.#parts[name];
    if (!part.process.running && !(await part.answers())) await part.start();
  }

  async #state(name: PartName): Promise<DemoView["parts"][PartName]> {
    const { answers: answer } = this.#parts[name];
    if (await answer()) {
      this.#wereUp.add(name);
      return "up";
    }
    return this.#wereUp.has(name) ? "away" : "starting";
  }
}
