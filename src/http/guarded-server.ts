import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { faultOf, type Log } from "../core/ports/log.ts";
import { cannotListen } from "./cannot-listen.ts";
import { ConnectionGuard } from "./connection-guard.ts";
import { type NoRequest, refuseConnection } from "./refuse-connection.ts";

interface GuardedServerOptions {
  /** What the log and refusals call it. */
  readonly name: string;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  /** The body of the answer to what is no request; none if absent. */
  readonly refusal?: (what: NoRequest) => object;
  readonly log: Log;
  /** Milliseconds a request may take to arrive. */
  readonly requestTimeout: number;
  /** Milliseconds a connection may stay after an answer. */
  readonly keepAlive: number;
  /** Connections at once. */
  readonly most: number;
  /** As {@link ConnectionGuard} takes them. */
  readonly proxies?: readonly string[];
}

const HEADERS = 10_000;
const CHECK_EVERY = 5_000;
/** Beside every file that may be sent at once to one address. */
const MOST_OF_ONE = 128;
/** For answers under way at the stop. */
const GRACE = 1_000;

/** An HTTP server that no client can shut to the others, by asking little, slowly, or nothing. */
export class GuardedServer implements AsyncDisposable {
  readonly #options: GuardedServerOptions;
  readonly #server: Server;
  readonly #guard: ConnectionGuard;

  constructor(options: GuardedServerOptions) {
    const { name, serve, refusal, log, requestTimeout, keepAlive, most, proxies = [] } = options;
    this.#options = options;
    this.#server = createServer({
      maxHeaderSize: 16 * 1024,
      headersTimeout: Math.min(HEADERS, requestTimeout),
      requestTimeout,
      keepAliveTimeout: keepAlive,
      connectionsCheckingInterval: Math.min(CHECK_EVERY, requestTimeout),
    });
    this.#guard = new ConnectionGuard(this.#server, { name, most, mostOfOne: MOST_OF_ONE, proxies, log });
    this.#server.on("request", (request, response) => {
      request.on("error", () => undefined);
      response.on("error", () => undefined);
      serve(request, response);
    });
    this.#server.on("clientError", (error, socket) => refuseConnection(error, socket, refusal));
  }

  /** Resolves to the port when it listens; 0 asks for a free one. Throws BridgeError where it cannot. */
  async listen(host: string, port: number): Promise<number> {
    const { name, log } = this.#options;
    this.#server.listen({ host, port, exclusive: true });
    try {
      await once(this.#server, "listening");
    } catch (cause) {
      throw cannotListen(name, { host, port }, cause);
    }
    this.#server.on("error", (error) =>
      log.warn("a listener had trouble", { listener: name, ...faultOf(error) }),
    );
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening, lets answers under way finish for a second, then closes what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#guard.close();
    const rest = setTimeout(() => this.#server.closeAllConnections(), GRACE);
    await closed;
    clearTimeout(rest);
  }
}
