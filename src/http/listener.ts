import type { IncomingMessage, ServerResponse } from "node:http";
import { BridgeError } from "../core/model/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import { faultOf, type Log } from "../core/ports/log.ts";
import type { HttpReply, HttpRoute } from "../core/ports/network.ts";
import { GuardedServer } from "./guarded-server.ts";
import { readBody } from "./read-body.ts";
import { errorReply, reply } from "./reply.ts";
import { RouteTable } from "./route-table.ts";

export interface ListenerOptions {
  /** What the log calls it. */
  readonly name: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly routes: readonly HttpRoute[];
  readonly log: Log;
  /** Bytes a request's body may have; 1 MiB if absent. */
  readonly maxBody?: number;
  /** Milliseconds in which a request must arrive whole; 30 s if absent. */
  readonly requestTimeout?: number;
  /** Addresses and networks of proxies in front of the listener, beside this machine's and private ones. */
  readonly proxies?: readonly string[];
  /** Measures slow readers; real time if absent. */
  readonly clock?: Pick<Clock, "after">;
}

/** Connections at once. */
const MOST_CONNECTIONS = 1_000;

/** Disposing stops taking connections, lets answers under way finish for up to a second, then closes. */
export interface Listener extends AsyncDisposable {
  /** `http://host:port`, with the port the system chose where the configuration says 0. */
  readonly url: string;
}

const realTime: Pick<Clock, "after"> = {
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** Serves routes. Every request gets a status, and no error of a route ends the process. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { name, log, maxBody = 1024 * 1024, requestTimeout = 30_000, proxies, clock = realTime } = options;
  const routes = new RouteTable(options.routes);
  const server = new GuardedServer({
    name,
    serve: (request, response) =>
      void answer(request, response).catch((error: unknown) => {
        log.error("An answer could not be given", { listener: name, ...faultOf(error) });
        response.destroy();
      }),
    log,
    requestTimeout,
    keepAlive: 30_000,
    most: MOST_CONNECTIONS,
    ...(proxies === undefined ? {} : { proxies }),
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "";
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const route = routes.find(method === "HEAD" ? "GET" : method, path);
    if (route === undefined) {
      request.resume();
      const pathExists = routes.knows(path);
      await reply(
        response,
        pathExists
          ? errorReply(405, "This address takes another method.")
          : errorReply(404, "There is nothing here."),
        clock,
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
      await reply(response, errorReply(413, `A body may have at most ${maxBody} bytes.`), clock);
      return;
    }
    const answer = await runHandler(route, { method, path, headers: headersOf(request), body });
    await reply(response, answer, clock);
  }

  async function runHandler(
    route: HttpRoute,
    request: Parameters<HttpRoute["handle"]>[0],
  ): Promise<HttpReply> {
    try {
      return await route.handle(request);
    } catch (error) {
      const failure = BridgeError.from(error);
      const ours = failure.reason === "internal" || failure.reason === "storage";
      const fields = { listener: name, path: route.path, ...faultOf(error) };
      if (ours) log.error("A request failed", fields);
      else log.warn("A request was refused", fields);
      return errorReply(ours ? 503 : failure.reason === "forbidden" ? 403 : 400, failure.words);
    }
  }

  const { host } = options.listen;
  const port = await server.listen(host, options.listen.port);
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  const pairs = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as const],
  );
  return Object.fromEntries(pairs);
}
