import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { LoginId, NetworkId, UserId } from "../../src/core/model/ids.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { Log } from "../../src/core/ports/log.ts";
import type { Network, NetworkClient } from "../../src/core/ports/network.ts";
import type { Login } from "../../src/core/ports/rows.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { startPartner } from "../../src/http/partner.ts";
import { metaInterop } from "../../src/networks/meta-interop/family.ts";
import { checkConfig } from "../../src/sandbox/config.ts";
import { type Gatekeeper, startGatekeeper } from "../../src/sandbox/server.ts";
import { openStore } from "../../src/store/open.ts";
import { SandboxControl } from "../../tools/sandbox/control.ts";
import { MediaWorkshop } from "./media-workshop.ts";
import { RecordingSink } from "./recording-sink.ts";
import { throughFlow } from "./through-flow.ts";

const nobody = (): void => undefined;
export const quietLog: Log = { error: nobody, warn: nobody, info: nobody, debug: nobody };

export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

export interface Connected {
  readonly login: Login;
  readonly client: NetworkClient;
  readonly sink: RecordingSink;
}

export interface InteropWorldOptions {
  readonly clock?: Clock;
  readonly log?: Log;
  /** The database's path. */
  readonly database?: string;
}

/** The sandbox's gatekeeper and our connector in one process, over real sockets, with real keys and a real store. */
export class InteropWorld implements AsyncDisposable {
  readonly gatekeeper: Gatekeeper;
  readonly control: SandboxControl;
  readonly issuer: string;
  store: Store;
  networks: ReadonlyMap<string, Network> = new Map();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #database: string;
  readonly #clients = new Set<NetworkClient>();
  #partner: AsyncDisposable | undefined;

  readonly workshop: MediaWorkshop;

  constructor(gatekeeper: Gatekeeper, issuer: string, workshop: MediaWorkshop, options: InteropWorldOptions) {
    this.gatekeeper = gatekeeper;
    this.workshop = workshop;
    this.control = new SandboxControl(gatekeeper.url);
    this.issuer = issuer;
    this.#clock = options.clock ?? realClock;
    this.#log = options.log ?? quietLog;
    this.#database = options.database ?? ":memory:";
    this.store = this.#open();
  }

  static async start(options: InteropWorldOptions = {}): Promise<InteropWorld> {
    const port = await freePort();
    const issuer = `http://127.0.0.1:${port}`;
    const ours = { id: 12, name: "Ours", iss: issuer, identifier_type: "username", push_url: issuer };
    const us = { ...ours, media_hosts: [`127.0.0.1:${port}`] };
    const gatekeeper = await startGatekeeper(checkConfig({ integrators: [us] }), quietLog);
    const world = new InteropWorld(gatekeeper, issuer, await MediaWorkshop.open(), options);
    await world.#serve();
    return world;
  }

  network(name: "whatsapp" | "messenger"): Network {
    const network = this.networks.get(name);
    if (!network) throw new Error(`no network ${name}`);
    return network;
  }

  /** Enlists a person and connects. */
  async join(user: string, name: "whatsapp" | "messenger" = "whatsapp"): Promise<Connected> {
    const network = this.network(name);
    const id = `login-${name}-${user}` as LoginId;
    const enlisted = await throughFlow(network, { login: id, user: user as UserId });
    const login: Login = {
      id,
      user: user as UserId,
      network: name as NetworkId,
      state: "active",
      visibleId: enlisted.visibleId,
      account: enlisted.account,
      consentVersion: 1,
      consentAt: 1,
    };
    await this.store.write((tx) => {
      tx.logins.add(login);
      enlisted.record(tx);
    });
    return this.connect(login);
  }

  async connect(login: Login): Promise<Connected> {
    const sink = new RecordingSink(this.store, login.id);
    const client = this.network(login.network as "whatsapp" | "messenger").connect(login, sink);
    this.#clients.add(client);
    await client.connected(AbortSignal.timeout(10_000));
    return { login, client, sink };
  }

  async disconnect({ client }: Connected): Promise<void> {
    this.#clients.delete(client);
    await client[Symbol.asyncDispose]();
  }

  async violations(): Promise<readonly unknown[]> {
    const answer = await this.control.call("GET", "/violations");
    return answer["violations"] as readonly unknown[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    await this.#partner?.[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    await this.gatekeeper[Symbol.asyncDispose]();
    await this.workshop[Symbol.asyncDispose]();
  }

  #open(): Store {
    return openStore({ path: this.#database, log: this.#log });
  }

  async #serve(): Promise<void> {
    const section = (name: "whatsapp" | "messenger") => ({
      url: `${this.gatekeeper.url}/${name}`,
      root_key: this.gatekeeper.rootKey,
      allowed_hosts: [],
    });
    const made = metaInterop({
      issuer: this.issuer,
      sections: { whatsapp: section("whatsapp"), messenger: section("messenger") },
      store: this.store,
      tools: this.workshop.tools,
      media: { folder: this.workshop.hosted, keepDays: 30 },
      clock: this.#clock,
      random: { uuid: () => crypto.randomUUID() },
      log: this.#log,
      identifierOf: async (user) => ({ type: "username", value: user }),
    });
    this.networks = new Map(made.map((network) => [network.id, network]));
    const { port } = new URL(this.issuer);
    this.#partner = await startPartner({
      listen: { host: "127.0.0.1", port: Number(port) },
      routes: made.flatMap(({ routes }) => routes),
      log: this.#log,
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
