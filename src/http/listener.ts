import type { IncomingMessage, ServerResponse } from "node:http";
import { BridgeError } from "../core/model/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { HttpReply, HttpRequest, HttpRoute } from "../core/ports/http-route.ts";
import { faultOf, type Log } from "../core/ports/log.ts";
import { ClientAddresses } from "./client-addresses.ts";
import { GuardedServer } from "./guarded-server.ts";
import { readBody } from "./read-body.ts";
import { closing, errorReply, reply } from "./reply.ts";
import { RouteTable } from "./route-table.ts";

/** A request with what only some listeners look at. */
export interface ServedRequest extends HttpRequest {
  /** Without the question mark; empty where there is none. */
  readonly query: string;
  /** What its client is counted by; a proxy's client where it came through one. */
  readonly client: string;
  /** Aborts when the client has gone, or has its answer. */
  readonly gone: AbortSignal;
}

/** What a listener asks for the answer to a request. */
interface ServedRoute {
  /** For the log. */
  readonly path: string;
  handle(request: ServedRequest): Promise<HttpReply>;
}

interface Routes {
  find(method: string, path: string): ServedRoute | undefined;
  /** Whether the path takes another method. */
  knows(path: string): boolean;
}

export interface ListenerOptions {
  /** What the log calls it. */
  readonly name: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly routes: readonly HttpRoute[] | Routes;
  /** The answer where there is no route, the body is too long, or a route throws; with `error` in JSON if absent. */
  readonly refusal?: (status: number, words: string) => HttpReply;
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
  const {
    name,
    log,
    maxBody = 1024 * 1024,
    requestTimeout = 30_000,
    proxies = [],
    clock = realTime,
  } = options;
  const { refusal = errorReply } = options;
  const routes: Routes = "knows" in options.routes ? options.routes : new RouteTable(options.routes);
  const addresses = new ClientAddresses(proxies);
  const server = new GuardedServer({
    name,
    refusal({ status, words }) {
      const { body } = refusal(status, words);
      return typeof body === "string" ? body : "";
    },
    serve: (request, response) =>
      void answer(request, response).catch((error: unknown) => {
        log.error("An answer could not be given", { listener: name, ...faultOf(error) });
        response.destroy();
      }),
    log,
    requestTimeout,
    keepAlive: 30_000,
    most: MOST_CONNECTIONS,
    proxies,
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "";
    const [path = "", ...query] = (request.url ?? "").split("?");
    const route = routes.find(method === "HEAD" ? "GET" : method, path);
    if (route === undefined) {
      request.resume();
      const pathExists = routes.knows(path);
      await reply(
        response,
        pathExists
          ? refusal(405, "This address takes another method.")
          : refusal(404, "There is nothing here."),
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
      await reply(response, refusal(413, `A body may have at most ${maxBody} bytes.`), clock);
      return;
    }
    const client = addresses.of(request);
    const gone = closing(response);
    const served = { method, path, query: query.join("?"), client, headers: headersOf(request), body, gone };
    const answer = await runHandler(route, served);
    await reply(response, answer, clock);
  }

  async function runHandler(route: ServedRoute, request: ServedRequest): Promise<HttpReply> {
    try {
      return await route.handle(request);
    } catch (error) {
      const failure = BridgeError.from(error);
      const ours = failure.reason === "internal" || failure.reason === "storage";
      const fields = { listener: name, path: route.path, ...faultOf(error) };
      if (ours) log.error("A request failed", fields);
      else log.warn("A request was refused", fields);
      return refusal(ours ? 503 : failure.reason === "forbidden" ? 403 : 400, failure.words);
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
