import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { bodyOf, created, writeAnswer } from "./fake-homeserver-answer.ts";
import { type ApiHost, type ApiRequest, type Caller, clientApi } from "./fake-homeserver-api.ts";
import { Faults, type RequestFault } from "./fake-homeserver-faults.ts";
import { FakeKeys } from "./fake-homeserver-keys.ts";
import { type FakeKind, kinds, namespaceOf, versionAnswer } from "./fake-homeserver-kinds.ts";
import { type FakePuppets, logIn, puppetsOf } from "./fake-homeserver-login.ts";
import { FakeMedia } from "./fake-homeserver-media.ts";
import { pingAppservice } from "./fake-homeserver-ping.ts";
import { FakePolls } from "./fake-homeserver-polls.ts";
import { Pusher } from "./fake-homeserver-push.ts";
import { type FakeEvent, type FakeRoom, FakeState, MatrixFault } from "./fake-homeserver-state.ts";
import { hasNews, placeIn, syncAnswer, timelineFilter } from "./fake-homeserver-sync.ts";

type Json = Record<string, unknown>;

export interface FakeRegistration {
  readonly id: string;
  readonly url: string | null;
  readonly as_token: string;
  readonly hs_token: string;
  readonly sender_localpart: string;
  readonly namespaces: { readonly users: readonly { readonly regex: string }[] };
}

export interface FakeHomeserverOptions {
  readonly serverName?: string;
  readonly port?: number;
  readonly kind?: FakeKind;
  readonly forceEncryption?: boolean;
  /** Milliseconds before a transaction that was not taken comes again. */
  readonly retryMs?: number;
}

/** A homeserver for tests and benchmarks: real HTTP, immediate answers, and the faults that Synapse has. */
export class FakeHomeserver implements AsyncDisposable, ApiHost {
  readonly state: FakeState;
  readonly faults = new Faults();
  readonly durableTxns = new Map<string, string>();
  readonly memoryTxns = new Map<string, string>();
  readonly media: FakeMedia;
  readonly keys = new FakeKeys();
  forceEncryption: boolean;
  kind: FakeKind;
  pusher: Pusher | undefined;
  /** Every request, as `METHOD path`. */
  readonly requests: string[] = [];
  recordRequests = true;
  #registration: FakeRegistration | undefined;
  #isOurs: (user: string) => boolean = () => false;
  #puppets: FakePuppets | undefined;
  readonly #tokens = new Map<string, string>();
  readonly #retryMs: number;
  #server: Server;
  #port: number;
  readonly #sockets = new Set<Socket>();
  readonly #polls = new FakePolls();

  private constructor(options: FakeHomeserverOptions) {
    this.state = new FakeState(options.serverName ?? "fake.test");
    this.media = new FakeMedia(this.state.serverName);
    this.kind = options.kind ?? kinds.synapse;
    this.forceEncryption = options.forceEncryption ?? false;
    this.#retryMs = options.retryMs ?? 20;
    this.#port = options.port ?? 0;
    this.#server = this.#make();
    this.state.listeners.add((event) => this.#happened(event));
    this.keys.server.listeners.add(() => this.#polls.wake());
  }

  static async start(options: FakeHomeserverOptions = {}): Promise<FakeHomeserver> {
    const server = new FakeHomeserver(options);
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Registers an application service, and pushes to it if it has an address. */
  use(registration: FakeRegistration): void {
    const patterns = registration.namespaces.users.map(({ regex }) => namespaceOf(this.kind, regex));
    const sender = `@${registration.sender_localpart}:${this.state.serverName}`;
    this.#registration = registration;
    this.#isOurs = (user) => user === sender || patterns.some((pattern) => pattern.test(user));
    void this.pusher?.close();
    const { url, hs_token: hsToken } = registration;
    const { transactionIds } = this.kind;
    this.pusher =
      url === null ? undefined : new Pusher({ url, hsToken, retryMs: this.#retryMs, transactionIds });
  }

  /** Registers a second registration, whose token may act as people. */
  usePuppets(registration: FakeRegistration): void {
    this.#puppets = puppetsOf(registration);
  }

  /** Makes an account; answers its access token. */
  addPerson(user: string, displayName?: string): string {
    this.state.addUser(user).displayName = displayName;
    const token = `token of ${user}`;
    this.#tokens.set(token, user);
    return token;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Crashes: connections are cut, and what was only in memory is gone. */
  async crash(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
    this.memoryTxns.clear();
    this.pusher?.restart({ ids: false });
    this.#server = this.#make();
  }

  typing(room: FakeRoom, user: string, active: boolean): void {
    const content = { user_ids: active ? [user] : [] };
    if (this.#interested(room)) this.pusher?.ephemeral({ type: "m.typing", room_id: room.id, content });
  }

  receipt(room: FakeRoom, user: string, event: string): void {
    const content = { [event]: { "m.read": { [user]: { ts: Date.now() } } } };
    if (this.#interested(room)) this.pusher?.ephemeral({ type: "m.receipt", room_id: room.id, content });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pusher?.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.media[Symbol.dispose]();
  }

  #make(): Server {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.keepAliveTimeout = 60_000;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    return server;
  }

  #interested(room: FakeRoom): boolean {
    for (const { type, state_key, content } of room.state.values()) {
      if (type === "m.room.member" && content["membership"] === "join" && this.#isOurs(state_key ?? ""))
        return true;
    }
    return false;
  }

  #happened(event: FakeEvent): void {
    const room = this.state.rooms.get(event.room_id);
    const about = this.#isOurs(event.sender) || this.#isOurs(event.state_key ?? "");
    if (room !== undefined && (about || this.#interested(room))) this.pusher?.event(event);
    this.#polls.wake();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "/" } = request;
    const cut = url.indexOf("?");
    const path = cut === -1 ? url : url.slice(0, cut);
    const query = new URLSearchParams(cut === -1 ? "" : url.slice(cut));
    if (this.recordRequests) this.requests.push(`${method} ${path}`);
    const fault = this.faults.take(method, path);
    try {
      if (FakeMedia.takes(path) && fault?.kind !== "status") {
        const { user } = this.#caller(request, query, false);
        const answer = await this.media.answer({ method, path, query, user, request, response });
        return answer.kind === "json" ? writeAnswer(response, 200, answer.body, fault) : undefined;
      }
      const text = await bodyOf(request);
      if (fault?.kind === "status") return writeAnswer(response, fault.status, undefined, fault);
      const body = text === "" ? {} : (JSON.parse(text) as Json);
      const size = text.length;
      const answer = await this.#answer({ method, path, query, body, size, request }, fault);
      writeAnswer(response, created.has(answer) ? 201 : 200, answer, fault);
    } catch (error) {
      if (response.destroyed) return;
      if (error instanceof MatrixFault) {
        const body = { errcode: error.errcode, error: error.message, ...error.extra };
        writeAnswer(response, error.status, body, fault);
      } else writeAnswer(response, 500, { errcode: "M_UNKNOWN", error: String(error) }, fault);
    }
  }

  async #answer(
    asked: Omit<ApiRequest, "parts" | "caller"> & { readonly request: IncomingMessage },
    fault: RequestFault | undefined,
  ): Promise<Json> {
    const { method, path, query, body, size } = asked;
    if (path === "/_matrix/client/versions")
      return { versions: ["v1.1", "v1.11", "v1.17"], unstable_features: {} };
    const named = versionAnswer(this.kind, path, asked.request.headers.authorization);
    if (named !== undefined) return named;
    const parts = path.split("/").slice(4).map(decodeURIComponent);
    if (!path.startsWith("/_matrix/client/v"))
      throw new MatrixFault(404, "M_UNRECOGNIZED", "Unrecognized request");
    if (parts[0] === "login")
      return logIn(this.state, this.#puppets, body, asked.request.headers.authorization);
    const registering = parts[0] === "register" && method === "POST";
    const caller = this.#caller(asked.request, query, registering);
    if (registering) return this.#register(body, caller);
    if (parts[0] === "appservice") return pingAppservice(this.#registration, String(body["transaction_id"]));
    if (parts[0] === "sync") return this.#sync(caller, query, asked.request);
    const request = { method, parts, path, query, body, size, caller };
    return this.keys.answer(request) ?? clientApi(this, request, fault?.kind === "crash-creation");
  }

  #caller(request: IncomingMessage, query: URLSearchParams, registering: boolean): Caller {
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? query.get("access_token") ?? "";
    const person = this.#tokens.get(token);
    if (person !== undefined) return { user: person, device: "PHONE", appservice: false };
    if (token === this.#puppets?.token) return this.#puppet(query.get("user_id") ?? "");
    const registration = this.#registration;
    if (registration === undefined || token !== registration.as_token) {
      throw new MatrixFault(401, "M_UNKNOWN_TOKEN", "Unrecognised access token");
    }
    const user = query.get("user_id") ?? `@${registration.sender_localpart}:${this.state.serverName}`;
    if (!this.#isOurs(user))
      throw new MatrixFault(403, "M_FORBIDDEN", "Application service cannot masquerade as this user");
    if (!this.state.users.has(user) && !registering && query.has("user_id")) {
      throw new MatrixFault(403, this.kind.unregistered, "Application service has not registered this user");
    }
    const device = (this.kind.takesDevices && query.get("device_id")) || undefined;
    if (device !== undefined && !this.state.users.get(user)?.devices.has(device)) {
      throw new MatrixFault(
        400,
        this.kind.unknownDevice,
        "Application service trying to use a device that doesn't exist",
      );
    }
    return { user, device, appservice: true };
  }

  #puppet(user: string): Caller {
    if (!this.#puppets?.covers(user) || !this.state.users.has(user)) {
      throw new MatrixFault(403, "M_FORBIDDEN", "Application service cannot masquerade as this user");
    }
    return { user, device: undefined, appservice: true };
  }

  #register(body: Json, caller: Caller): Json {
    const user = `@${String(body["username"])}:${this.state.serverName}`;
    if (caller.appservice && !this.#isOurs(user))
      throw new MatrixFault(400, "M_EXCLUSIVE", "not in the namespace");
    if (this.state.users.has(user)) throw new MatrixFault(400, "M_USER_IN_USE", "User ID already taken.");
    this.state.addUser(user);
    return { user_id: user, home_server: this.state.serverName };
  }

  async #sync({ user, device }: Caller, query: URLSearchParams, request: IncomingMessage): Promise<Json> {
    const filter = timelineFilter(query.get("filter"));
    const since = placeIn(query, this.state.position, this.kind);
    const until = Date.now() + Number(query.get("timeout") ?? 0);
    const idle = (): boolean =>
      since !== undefined && !hasNews(this.state, user, since) && !this.keys.hasNews(user, device);
    while (idle() && Date.now() < until) {
      if (request.socket.destroyed) throw new MatrixFault(499, "M_UNKNOWN", "gone");
      await this.#polls.news(until - Date.now(), request.socket);
    }
    return { ...syncAnswer(this.state, user, since, filter), ...this.keys.sync(user, device) };
  }

  /** Resolves when a `/sync` request waits. */
  polled(): Promise<true> {
    return this.#polls.polled();
  }
}
