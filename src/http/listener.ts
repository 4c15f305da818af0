import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { BridgeError } from "../core/errors.ts";
import { faultOf, type Log } from "../core/log.ts";
import type { HttpReply, HttpRoute } from "../core/network.ts";
import { cannotListen } from "./cannot-listen.ts";
import { refuseConnection } from "./no-request.ts";
import { readBody } from "./read-body.ts";
import { problem, reply } from "./reply.ts";
import { RouteTable } from "./route-table.ts";

export interface ListenerOptions {
  /** What the log calls it. */
  readonly name: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly routes: readonly HttpRoute[];
  readonly log: Log;
  /** Bytes a request's body may have; 1 MiB if absent. */
  readonly maxBody?: number;
  /** Milliseconds a request may take to arrive; 30 s if absent. */
  readonly requestTimeout?: number;
}

/** Disposing stops taking connections, lets requests under way finish for up to 5 s, then closes. */
export interface Listener extends AsyncDisposable {
  /** `http://host:port`, with the port the system chose where the configuration says 0. */
  readonly url: string;
}

const grace = 5_000;

/** Serves routes. Whatever comes in, the answer is a status and the process goes on. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { name, log, maxBody = 1024 * 1024, requestTimeout = 30_000 } = options;
  const routes = new RouteTable(options.routes);
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    headersTimeout: Math.min(10_000, requestTimeout),
    requestTimeout,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: Math.min(5_000, requestTimeout),
  });
  server.maxConnections = 1_000;
  server.maxRequestsPerSocket = 0;
  let closing = false;
  server.on("request", (request, response) => {
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    void answer(request, response).catch((error: unknown) => {
      log.error("An answer could not be given", { listener: name, ...faultOf(error) });
      response.destroy();
    });
  });
  server.on("clientError", (error, socket) => refuseConnection(error, socket));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "";
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const route = routes.find(method === "HEAD" ? "GET" : method, path);
    if (route === undefined) {
      request.resume();
      const known = routes.knows(path);
      await reply(
        response,
        known ? problem(405, "This address takes another method.") : problem(404, "There is nothing here."),
      );
      return;
    }
    let body: Uint8Array | undefined;
    try {
      body = await readBody(request, maxBody);
    } catch {
      return;
    }
    if (body === undefined) {
      response.shouldKeepAlive = false;
      await reply(response, problem(413, `A body may have at most ${maxBody} bytes.`));
      return;
    }
    const answer = await handled(route, { method, path, headers: headersOf(request), body });
    if (closing) response.shouldKeepAlive = false;
    await reply(response, answer);
  }

  async function handled(route: HttpRoute, request: Parameters<HttpRoute["handle"]>[0]): Promise<HttpReply> {
    try {
      return await route.handle(request);
    } catch (error) {
      const known = BridgeError.from(error);
      const ours = known.reason === "internal" || known.reason === "storage";
      const fields = { listener: name, path: route.path, ...faultOf(error) };
      if (ours) log.error("A request failed", fields);
      else log.warn("A request was refused", fields);
      return problem(ours ? 503 : known.reason === "forbidden" ? 403 : 400, known.words);
    }
  }

  server.listen({ ...options.listen, exclusive: true });
  try {
    await once(server, "listening");
  } catch (cause) {
    throw cannotListen(name, options.listen, cause);
  }
  server.on("error", (error) => log.warn("A listener had trouble", { listener: name, ...faultOf(error) }));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.listen.port;
  const { host } = options.listen;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    async [Symbol.asyncDispose]() {
      closing = true;
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), grace);
      await closed;
      clearTimeout(timer);
    },
  };
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  const pairs = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as const],
  );
  return Object.fromEntries(pairs);
}
