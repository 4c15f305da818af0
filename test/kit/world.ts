import { readFileSync } from "node:fs";
import { openManagementRoom, optIn } from "../../tools/demo/opt-in.ts";
import { type Json, matrixApi } from "../../tools/matrix/api.ts";
import { MatrixClient } from "../../tools/matrix/client.ts";
import type { Phone, SandboxControl } from "../../tools/sandbox/control.ts";
import type { SignalPhone } from "../../tools/signal-mock/client.ts";
import { linkAccount } from "../../tools/signal-mock/link-account.ts";
import { installSynapse, NEWEST, type SynapseVersion } from "../../tools/synapse/install.ts";
import { type NetworkName, networkNames } from "../../tools/world/networks.ts";
import { integrator } from "../../tools/world/sandbox-yaml.ts";
import { newSettings } from "../../tools/world/settings.ts";
import { World, type WorldOptions } from "../../tools/world/world.ts";
import { FaultyProxy } from "./faulty-proxy.ts";
import { OtherClient } from "./other-client.ts";
import { readLog } from "./read-log.ts";
import { type SynapseAdmin, synapseAdmin } from "./synapse-admin.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Milliseconds an end-to-end test may take on a busy machine, Synapse's start included. */
export const e2eTimeout = 240_000;

export interface TestWorldOptions {
  /** The bridge reaches Synapse through a proxy that can be broken. */
  readonly proxied?: boolean;
  readonly synapse?: SynapseVersion;
  readonly synapseExtra?: NonNullable<WorldOptions["synapseExtra"]>;
  readonly puppets?: boolean;
  /** Signal, at a mock of its server, with the provisioning API by which accounts are linked. */
  readonly signal?: boolean;
  readonly proxyPrefix?: string;
  readonly bridgeData?: NonNullable<WorldOptions["bridgeData"]>;
  readonly bridgeEnvironment?: NonNullable<WorldOptions["bridgeEnvironment"]>;
}

/** A person of ours, logged in, with an open chat with the bot. */
export interface TestPerson {
  readonly client: MatrixClient;
  readonly userId: string;
  /** The direct chat with the bot. */
  readonly management: string;
}

let phoneNumber = 31_612_340_000;

/** Real Synapse, real sandbox and real bridge as processes of their own, in a temporary folder. */
export class TestWorld implements AsyncDisposable {
  readonly world: World;
  readonly proxy: FaultyProxy | undefined;
  readonly #stack: AsyncDisposableStack;
  #administrator: Promise<SynapseAdmin> | undefined;

  private constructor(world: World, proxy: FaultyProxy | undefined, stack: AsyncDisposableStack) {
    this.world = world;
    this.proxy = proxy;
    this.#stack = stack;
  }

  static async start(options: TestWorldOptions = {}): Promise<TestWorld> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(temporaryFolder());
    const settings = await newSettings("localhost");
    const { synapse: version = NEWEST } = options;
    const python = await installSynapse(() => undefined, { version });
    const synapse = `http://127.0.0.1:${settings.ports.synapse}`;
    const proxy = options.proxied === true ? stack.use(await FaultyProxy.start(synapse)) : undefined;
    const world = stack.use(
      new World({
        folder: folder.path,
        settings,
        python,
        ...(proxy === undefined ? {} : { homeserverUrl: proxy.url }),
        puppets: options.puppets === true,
        ...(options.signal === true ? { signal: {}, provisioning: true } : {}),
        ...(options.proxyPrefix === undefined ? {} : { proxyPrefix: options.proxyPrefix }),
        ...(options.bridgeData === undefined ? {} : { bridgeData: options.bridgeData }),
        bridgeEnvironment: options.bridgeEnvironment ?? {},
        ...(options.synapseExtra === undefined ? {} : { synapseExtra: options.synapseExtra }),
      }),
    );
    await world.start();
    return new TestWorld(world, proxy, stack.move());
  }

  get botId(): string {
    return this.world.botId;
  }

  /** What the sandbox's people do, and its operator. */
  get control(): SandboxControl {
    return this.world.control;
  }

  /** Registers a person, logs them in, opens the chat with the bot and turns the networks on. */
  async person(name: string, networks: readonly NetworkName[] = networkNames): Promise<TestPerson> {
    const localpart = name.toLowerCase();
    const userId = await this.world.register(localpart, `${localpart}-password`, name);
    const client = await this.login(localpart);
    client.acceptsInvites = true;
    const management = await openManagementRoom(client, this.botId);
    for (const network of networks) await optIn(client, this.world.control, this.botId, management, network);
    return { client, userId, management };
  }

  /** Links the bridge to a phone of this name with Signal, for a person who can log in; answers the phone. */
  async linksSignal(
    { client, userId }: Pick<TestPerson, "client" | "userId">,
    name: string,
  ): Promise<SignalPhone> {
    const { signalControl, settings } = this.world;
    const phone = await signalControl.person(name);
    const provisioning = `http://127.0.0.1:${settings.ports.provisioning}`;
    await linkAccount({ provisioning, userId, token: client.token }, phone);
    return phone;
  }

  /** The homeserver's administrator, registered at the first call. */
  admin(): Promise<SynapseAdmin> {
    const { homeserver, settings } = this.world;
    this.#administrator ??= synapseAdmin(homeserver, settings.registrationSharedSecret);
    return this.#administrator;
  }

  /** One more client of a person who exists. */
  async login(localpart: string): Promise<MatrixClient> {
    const { homeserver } = this.world;
    return this.#stack.use(
      await MatrixClient.login({ homeserver, user: localpart, password: `${localpart}-password` }),
    );
  }

  /** What matrix-js-sdk shows of a person's account. */
  async otherClient(localpart: string): Promise<OtherClient> {
    const { homeserver } = this.world;
    return this.#stack.use(await OtherClient.start(homeserver, localpart, `${localpart}-password`));
  }

  /** Sends a request to the homeserver as one of the bridge's users. */
  async asBridge(method: "GET" | "PUT" | "POST" | "DELETE", path: string, user: string): Promise<Json> {
    const { homeserver, tokens } = this.world;
    const call = matrixApi(homeserver, tokens.as, AbortSignal.timeout(30_000));
    return call(method, `${path}?user_id=${encodeURIComponent(user)}`, method === "GET" ? undefined : {});
  }

  contact(network: NetworkName, name: string): Promise<Phone> {
    phoneNumber += 1;
    const username = name.toLowerCase().replaceAll(/\W+/g, ".");
    const address = network === "whatsapp" ? { phone: `+${phoneNumber}` } : { username };
    return this.world.control.addContact({ network, name, optedIn: true, apps: [integrator], ...address });
  }

  /** Which of these strings the bridge's or the sandbox's log holds. */
  leaked(secrets: readonly string[]): readonly string[] {
    const { bridge, sandbox } = this.world.files.logs;
    const text = readLog(`${readFileSync(bridge, "utf8")}\n${readFileSync(sandbox, "utf8")}`);
    return secrets.filter((secret) => text.includes(secret));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
