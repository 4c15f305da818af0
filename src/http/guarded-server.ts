import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { faultOf, type Log } from "../core/ports/log.ts";
import { cannotListen } from "./cannot-listen.ts";
import { ConnectionGuard } from "./connection-guard.ts";
import { type ConnectionRefusal, refuseConnection } from "./refuse-connection.ts";

interface GuardedServerOptions {
  /** The listener's name in the log and in errors. */
  readonly name: string;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  /** The body of a refused connection's answer, JSON; empty if absent. */
  readonly refusal?: (what: ConnectionRefusal) => string;
  readonly log: Log;
  /** Milliseconds in which a request must arrive whole. */
  readonly requestTimeout: number;
  /** Milliseconds a connection may stay after an answer. */
  readonly keepAlive: number;
  /** The most connections at once. */
  readonly most: number;
  /** As {@link ConnectionGuard} takes them. */
  readonly proxies?: readonly string[];
}

const HEADERS = 10_000;
const CHECK_EVERY = 5_000;
/** More than the files that are sent to one address at once. */
const MOST_PER_ADDRESS = 128;
/** Milliseconds for running answers when the server stops. */
const GRACE = 1_000;

/** An HTTP server that one client cannot make unavailable to others by slow, partial or empty requests. */
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
    this.#guard = new ConnectionGuard(this.#server, {
      name,
      most,
      mostPerAddress: MOST_PER_ADDRESS,
      proxies,
      log,
    });
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

  /** Stops listening, gives running answers a second, then closes all connections. */
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
