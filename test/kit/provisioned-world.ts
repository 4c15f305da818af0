import { isDeepStrictEqual } from "node:util";
import type { UserId } from "../../src/core/model/ids.ts";
import type { TokenOwners } from "../../src/core/ports/access.ts";
import type { Operations } from "../../src/core/ports/operations.ts";
import type { Listener } from "../../src/http/listener.ts";
import { PageSessions } from "../../src/http/provisioning/caller/page-sessions.ts";
import type { Route } from "../../src/http/provisioning/route.ts";
import { RouteFinder } from "../../src/http/provisioning/route-finder.ts";
import { provisioningRoutes } from "../../src/http/provisioning/routes.ts";
import {
  type ProvisioningApi,
  provisioningApi,
  serveProvisioning,
} from "../../src/http/provisioning/serve.ts";
import { failure } from "../../src/http/provisioning/shapes.ts";
import { qrCode } from "../../src/media/qr-code.ts";
import { processClock } from "../../src/program/process-clock.ts";
import { settingsPageAt } from "../../src/program/settings-page.ts";
import { LinkedWorld } from "./linked-world.ts";

export const SECRET = "a-shared-secret-of-thirty-two-characters";

/** The homeservers, which know a few tokens. */
class MemoryTokens implements TokenOwners {
  readonly access = new Map<string, UserId>();
  readonly openId = new Map<string, UserId>();
  /** Thrown in place of an answer. */
  fault: Error | undefined;
  /** What was asked, in order. */
  readonly asked: string[] = [];

  async ofAccessToken(token: string): Promise<UserId | undefined> {
    this.asked.push(token);
    if (this.fault) throw this.fault;
    return this.access.get(token);
  }
  async ofOpenId(token: string, user: UserId): Promise<UserId | undefined> {
    this.asked.push(`${user} ${token}`);
    if (this.fault) throw this.fault;
    return this.openId.get(token);
  }
}

interface Asked {
  /** A bearer token; `null` for none. */
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: no body, or one of JSON. */
  readonly raw?: string;
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

/** What a step of a login has, by its type. */
export interface Step {
  readonly login_id: string;
  readonly step_id: string;
  readonly type: string;
  readonly instructions: string;
  readonly display_and_wait: { readonly type: string; readonly data: string };
  readonly user_input: { readonly fields: readonly { readonly id: string }[] };
  readonly complete: { readonly user_login_id: string };
  readonly notice: { readonly version: number; readonly paragraphs: readonly string[] };
  readonly problem: { readonly field?: string; readonly words: string };
}

/** What tests look at in an answer; which of it is there is theirs to know. */
interface Body extends Step {
  readonly errcode: string;
  readonly error: string;
  readonly retry_after_ms: number;
  readonly flows: readonly { readonly id: string; readonly notice?: Step["notice"] }[];
  readonly logins: readonly { readonly id: string }[];
  readonly login_ids: readonly string[];
  readonly step: Step;
  readonly token: string;
  readonly user_id: string;
  readonly is_admin: boolean;
  readonly ends_at: number;
  readonly idle_ends_at: number;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
}

/** A linked world with its provisioning API on a port. */
export class ProvisionedWorld implements AsyncDisposable {
  readonly linked: LinkedWorld;
  readonly tokens = new MemoryTokens();
  /** All that was logged. */
  readonly lines: string[] = [];
  /** What the program around the bridge would answer. */
  readonly operations: { -readonly [K in keyof Operations]: Operations[K] } = {
    versions: async () => ({
      bridge: "test",
      node: "24",
      libsignal: "0",
      sqlite: "3",
      homeserver: undefined,
    }),
    permission: (user) => ({ level: this.world.bridge.scope.access.levelOf(user), entry: undefined }),
    check: async () => [],
    backUp: async () => ({ folder: "/backups/one", bytes: 1, files: 1, missing: 0 }),
  };
  sessions!: PageSessions;
  /** As the homeserver passes requests on to it. */
  api!: ProvisioningApi;
  readonly #serving = new AbortController();
  #frames: readonly string[] = [];
  /** Whether a browser looks at it: requests wait by the machine's clock, and codes are pictures. */
  readonly #isSeen: boolean;
  #listener!: Listener;
  #routes!: RouteFinder;
  #description!: Description;

  private constructor(linked: LinkedWorld, isSeen: boolean) {
    this.linked = linked;
    this.#isSeen = isSeen;
  }

  /** @param frames origins that may hold the settings page in a frame. */
  static async start({ isSeen = false, frames = [] as readonly string[] } = {}): Promise<ProvisionedWorld> {
    const provisioned = new ProvisionedWorld(await LinkedWorld.start(), isSeen);
    provisioned.#frames = frames;
    await provisioned.serves();
    return provisioned;
  }

  get world() {
    return this.linked.world;
  }

  async serves(): Promise<void> {
    const { bridge, clock } = this.world;
    const note = (message: string, fields?: object): void =>
      void this.lines.push(`${message} ${JSON.stringify(fields)}`);
    this.sessions = new PageSessions(clock);
    const waits = this.#isSeen ? processClock : clock;
    const scope = {
      ...bridge.scope,
      ...(this.#isSeen ? { tools: { ...bridge.scope.tools, qrCode } } : {}),
      clock: { now: () => clock.now(), after: (ms: number, act: () => void) => waits.after(ms, act) },
      sessions: this.sessions,
      operations: this.operations,
    };
    this.#routes = new RouteFinder(provisioningRoutes(scope));
    const log = { error: note, warn: note, info: note, debug: note };
    this.api = provisioningApi({
      url: "https://chats.test",
      sharedSecret: SECRET,
      frames: this.#frames,
      scope,
      owners: this.tokens,
      isOurs: (user) => bridge.scope.homeserver.isOurs(user),
      version: "test",
      log,
      signal: this.#serving.signal,
    });
    this.#listener = await serveProvisioning(this.api, {
      listen: { host: "127.0.0.1", port: 0 },
      proxies: [],
      log,
    });
    this.world.settingsPage = settingsPageAt(this.url, this.sessions);
    const document = await fetch(`${this.url}/_matrix/provision/openapi.json`);
    this.#description = (await document.json()) as Description;
  }

  async ask(method: string, path: string, asked: Asked = {}): Promise<Reply> {
    const { token = "ana-token", body, raw, headers = {} } = asked;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await fetch(this.#listener.url + path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(sent === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type") === "application/json";
    if (isJson && text !== "")
      this.#check({ method, path, status: answer.status, body: JSON.parse(text) as unknown });
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: (isJson && text !== "" ? JSON.parse(text) : {}) as Body,
    };
  }

  /** Throws where an answer is not as the description says. */
  #check({
    method,
    path,
    status,
    body,
  }: {
    method: string;
    path: string;
    status: number;
    body: unknown;
  }): void {
    const [plain = ""] = path.split("?");
    const [, rest] = plain.split("/_matrix/provision");
    let route: Route | undefined;
    try {
      route = rest === undefined ? undefined : this.#routes.find(method, rest)?.route;
    } catch {
      // Its refusal is one of no route.
    }
    const schema = status < 300 ? route?.answer : failure;
    const read = schema?.safeParse(body);
    if (read && (!read.success || !isDeepStrictEqual(read.data, body)))
      throw new Error(
        `${method} ${plain}: ${shown(body)} is not as described: ${shown(read.error ?? read.data)}`,
      );
    const described = route && this.#description.paths[route.path]?.[method.toLowerCase()];
    if (route && !Object.hasOwn(described?.responses ?? {}, status))
      throw new Error(`${method} ${route.path} answers ${status}, which its description does not have`);
  }

  get url(): string {
    return this.#listener.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#serving.abort();
    await this.#listener[Symbol.asyncDispose]();
    await this.linked[Symbol.asyncDispose]();
  }
}

const shown = (value: unknown): string => JSON.stringify(value);
