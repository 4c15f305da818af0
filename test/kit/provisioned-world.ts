import type { UserId } from "../../src/core/model/ids.ts";
import type { TokenOwners } from "../../src/core/ports/token-owners.ts";
import type { Listener } from "../../src/http/listener.ts";
import { startProvisioning } from "../../src/http/provisioning/serve.ts";
import { LinkedWorld } from "./linked-world.ts";

const SECRET = "a-shared-secret-of-thirty-two-characters";

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
  readonly problem: { readonly field?: string; readonly words: string };
}

/** What tests look at in an answer; which of it is there is theirs to know. */
interface Body extends Step {
  readonly errcode: string;
  readonly error: string;
  readonly retry_after_ms: number;
  readonly flows: readonly { readonly id: string }[];
  readonly logins: readonly { readonly id: string }[];
  readonly login_ids: readonly string[];
  readonly step: Step;
}

/** A linked world with its provisioning API on a port. */
export class ProvisionedWorld implements AsyncDisposable {
  readonly linked: LinkedWorld;
  readonly tokens = new MemoryTokens();
  /** All that was logged. */
  readonly lines: string[] = [];
  #listener!: Listener;

  private constructor(linked: LinkedWorld) {
    this.linked = linked;
  }

  static async start(): Promise<ProvisionedWorld> {
    const provisioned = new ProvisionedWorld(await LinkedWorld.start());
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
    this.#listener = await startProvisioning({
      listen: { host: "127.0.0.1", port: 0 },
      url: "https://chats.test",
      sharedSecret: SECRET,
      proxies: [],
      scope: { ...bridge.scope, clock },
      owners: this.tokens,
      isOurs: (user) => bridge.scope.homeserver.isOurs(user),
      version: "test",
      log: { error: note, warn: note, info: note, debug: note },
    });
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
    return {
      status: answer.status,
      headers: answer.headers,
      body: (text === "" ? {} : JSON.parse(text)) as Body,
    };
  }

  get url(): string {
    return this.#listener.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]();
    await this.linked[Symbol.asyncDispose]();
  }
}
