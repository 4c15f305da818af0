import { once } from "node:events";
import { HttpError } from "../../../src/sandbox/http/http-error.ts";
import { createHttpServer, type HttpAnswer, type Route } from "../../../src/sandbox/http/http-server.ts";
import type { Logger } from "../../../src/sandbox/logger.ts";
import type { World } from "../../world/world.ts";
import type { Screen } from "../screen.ts";
import { accountOf } from "../signal.ts";
import type { DemoState } from "../state.ts";
import { bundled, html, icon, policy } from "./bundle.ts";
import { DemoParts } from "./demo-parts.ts";
import { DemoSessions } from "./demo-sessions.ts";
import { DemoSignal } from "./demo-signal.ts";
import { type DemoLogin, type DemoView, type PartName, partNames } from "./model/demo-state.ts";
import { ownPageOnly } from "./own-page-only.ts";

const at = (port: number): string => `http://127.0.0.1:${port}`;

/** What is there once the demo is up. */
interface Running {
  readonly parts: DemoParts;
  readonly signal: DemoSignal;
  readonly sessions: DemoSessions;
  readonly botId: string;
}

/** The page with both ends of a conversation, served from the demo's first moment to its last. */
export class DemoPage implements AsyncDisposable {
  readonly url: string;
  readonly #state: DemoState;
  readonly #server: ReturnType<typeof createHttpServer>;
  #step = "";
  #running: Running | undefined;
  #bundle: ReturnType<typeof bundled> | undefined;

  static async start(state: DemoState, screen: Pick<Screen, "problem">): Promise<DemoPage> {
    const page = new DemoPage(state, screen);
    page.#server.listen(state.settings.ports.page, "127.0.0.1");
    await once(page.#server, "listening");
    return page;
  }

  private constructor(state: DemoState, screen: Pick<Screen, "problem">) {
    const origin = at(state.settings.ports.page);
    const nothing = (): void => undefined;
    const log: Logger = {
      error: (message, fields) => screen.problem(`The demo's page: ${message} ${JSON.stringify(fields)}`),
      warn: nothing,
      info: nothing,
      debug: nothing,
    };
    this.url = `${origin}/`;
    this.#state = state;
    this.#server = createHttpServer(ownPageOnly(origin, this.#routes()), log);
  }

  /** Tells whoever looks on already what is being done. */
  prepares(step: string): void {
    this.#step = step;
  }

  /** Everybody is registered: the page logs in. */
  ready(world: World): void {
    const { homeserver, botId } = world;
    const ours = this.#state.users.map(({ displayName }) => displayName);
    this.#running = {
      parts: new DemoParts(world),
      signal: new DemoSignal(world.signalControl, ours),
      sessions: new DemoSessions(homeserver),
      botId,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  get #origins(): { readonly homeserver: string; readonly phones: readonly string[] } {
    const { synapse, sandbox, signal } = this.#state.settings.ports;
    return { homeserver: at(synapse), phones: [at(sandbox), at(signal)] };
  }

  #routes(): readonly Route[] {
    const headers = { "cache-control": "no-cache", "content-security-policy": policy(this.#origins) };
    const file = (path: string, type: string, bytes: () => Uint8Array | Promise<Uint8Array>): Route => ({
      method: "GET",
      path,
      handle: async () => ({ status: 200, type, bytes: await bytes(), headers }),
    });
    // Bundled when somebody looks, and once.
    const bundle = () => (this.#bundle ??= bundled());
    return [
      file("/", "text/html; charset=utf-8", html),
      file("/icon.svg", "image/svg+xml", icon),
      file("/client.js", "text/javascript; charset=utf-8", async () => (await bundle()).script),
      file("/client.css", "text/css; charset=utf-8", async () => (await bundle()).style),
      { method: "GET", path: "/state", handle: async () => json(await this.#view()) },
      {
        method: "POST",
        path: "/session",
        handle: async (asked) => json(await this.#session(await asked.json())),
      },
      {
        method: "POST",
        path: "/parts/:part/:act",
        handle: async ({ params }) => json(await this.#turn(params["part"], params["act"])),
      },
    ];
  }

  async #view(): Promise<DemoView> {
    const { users, settings } = this.#state;
    const { homeserver, phones: origins } = this.#origins;
    const running = this.#running;
    const parts = await running?.parts.states();
    const sandbox = (await running?.parts.sandbox()) ?? { phones: [], on: [] };
    const signal = (await running?.signal.told()) ?? { phones: [], linked: [] };
    const people = users.map(({ localpart, displayName }) => {
      const userId = `@${localpart}:${settings.serverName}`;
      const account = accountOf(this.#state, displayName);
      const networks = sandbox.on.filter(([user]) => user === userId).map(([, network]) => network);
      const all = signal.linked.includes(account) ? [...networks, "signal"] : networks;
      return { localpart, userId, name: displayName, networks: all, signal: account };
    });
    return {
      homeserver,
      origins,
      botId: running?.botId ?? "",
      ready: running !== undefined,
      step: this.#step,
      parts: parts ?? { homeserver: "starting", bridge: "starting", gatekeeper: "starting" },
      people,
      phones: [...sandbox.phones, ...signal.phones],
    };
  }

  async #session(asked: unknown): Promise<DemoLogin> {
    const name = typeof asked === "object" && asked !== null && "user" in asked ? asked.user : undefined;
    const user = this.#state.users.find(({ localpart }) => localpart === name);
    if (user === undefined) throw new HttpError(404, "nobody", "The demo has nobody of this name.");
    if (this.#running === undefined) throw new HttpError(503, "starting", "The demo is not up yet.");
    try {
      return await this.#running.sessions.of(user);
    } catch {
      throw new HttpError(503, "homeserver", "The homeserver does not answer.");
    }
  }

  /** Ends or starts a part; a start is answered when the part is up. */
  async #turn(part: string | undefined, act: string | undefined): Promise<object> {
    const name = partNames.find((one): one is PartName => one === part);
    if (name === undefined || (act !== "kill" && act !== "start"))
      throw new HttpError(404, "not-found", "There is nothing at this address.");
    if (this.#running === undefined) throw new HttpError(503, "starting", "The demo is not up yet.");
    await this.#running.parts[act](name);
    return {};
  }
}

const json = (body: unknown): HttpAnswer => ({ status: 200, body, headers: { "cache-control": "no-store" } });
