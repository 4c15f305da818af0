import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { failureName, type Logger } from "../logger.ts";
import { HttpError } from "./http-error.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly remote: string | undefined;
  /** Reads the JSON body; throws 400 when it is not JSON, 413 when it is too long. */
  json(maxBytes?: number): Promise<unknown>;
  /** Aborted when the caller went away. */
  readonly signal: AbortSignal;
}
export type HttpAnswer = {
  readonly status: number;
  /** Beside those that every answer has, or instead of them; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
} & (
  | { readonly body?: unknown }
  | { readonly bytes: Uint8Array; readonly type: string }
  /** Server-sent events in their text form, until the caller goes away. */
  | { readonly events: AsyncIterable<string> }
);
export interface Route {
  readonly method: string;
  /** Path with `:name` segments. */
  readonly path: string;
  handle(request: HttpRequest): Promise<HttpAnswer> | HttpAnswer;
}

const defaultBodyLimit = 1 << 20;

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? "";
    if (!part.startsWith(":")) {
      if (part !== value) return undefined;
      continue;
    }
    try {
      params[part.slice(1)] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return params;
}

async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const tooLong = new HttpError(413, "too-long", `The body is over ${limit} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLong;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLong;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new HttpError(400, "malformed", "The body is not JSON.");
  }
}

async function route(
  request: IncomingMessage,
  signal: AbortSignal,
  routes: readonly Route[],
): Promise<HttpAnswer> {
  const url = URL.parse(request.url ?? "/", "http://sandbox");
  if (url === null) throw new HttpError(400, "malformed", "The address cannot be read.");
  const method = request.method ?? "GET";
  let pathExists = false;
  for (const candidate of routes) {
    const params = match(candidate.path, url.pathname);
    if (params === undefined) continue;
    pathExists = true;
    if (candidate.method !== method) continue;
    const json = (limit = defaultBodyLimit): Promise<unknown> => readJson(request, limit);
    const { headers } = request;
    return candidate.handle({
      method,
      url,
      params,
      headers,
      remote: request.socket.remoteAddress,
      json,
      signal,
    });
  }
  if (pathExists) throw new HttpError(405, "method", `${method} is not served here.`);
  throw new HttpError(404, "not-found", "There is nothing at this address.");
}

/** `type/subtype`, with parameters in ASCII. */
const plainType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+ *(?:;[\x20-\x7e]*)?$/;

/** The sender of a file chooses its type; a type that no header can carry is answered as plain bytes. */
const typeOf = (given: string): string => (plainType.test(given) ? given : "application/octet-stream");

/** Nothing that is answered here runs in a browser as a page, unless its route says otherwise. */
const everyAnswer = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

async function answerEvents(response: ServerResponse, events: AsyncIterable<string>): Promise<void> {
  for await (const text of events) {
    if (response.destroyed) return;
    if (!response.write(text)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}

async function answer(response: ServerResponse, result: HttpAnswer, retryAfter?: number): Promise<void> {
  if (response.destroyed) return;
  // Events that fail in the middle: the reader sees the end, and asks again.
  if (response.headersSent) return void response.destroy();
  const headers = { ...everyAnswer, ...result.headers };
  if ("events" in result) {
    response.writeHead(result.status, {
      ...headers,
      "content-type": "text/event-stream",
      "cache-control": "no-store",
    });
    response.flushHeaders();
    return answerEvents(response, result.events);
  }
  const bytes = "bytes" in result ? result.bytes : Buffer.from(JSON.stringify(result.body ?? {}));
  response.writeHead(result.status, {
    "content-type": "bytes" in result ? typeOf(result.type) : "application/json",
    "content-length": result.status === 204 ? 0 : bytes.length,
    ...headers,
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
  });
  response.end(result.status === 204 ? undefined : bytes);
}

/** An HTTP server over a list of routes. Whatever a route throws is answered as JSON and never ends the process. */
export function createHttpServer(routes: readonly Route[], log: Logger): Server {
  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.on("error", () => gone.abort());
    route(request, gone.signal, routes)
      .then((result) => answer(response, result))
      .catch((cause: unknown) => {
        const expected = cause instanceof HttpError;
        if (!expected) log.error("request failed", { failure: failureName(cause) });
        // A body that the route did not read is not waited for: the connection closes.
        if (!request.complete) response.shouldKeepAlive = false;
        const error = expected
          ? { code: cause.code, words: cause.message }
          : { code: "internal", words: "The sandbox failed at this; its log says more." };
        const status = expected ? cause.status : 500;
        return answer(response, { status, body: { error } }, expected ? cause.retryAfter : undefined);
      });
  });
  server.on("clientError", (_error, socket) => {
    if (socket.writable)
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });
  server.maxRequestsPerSocket = 0;
  server.keepAliveTimeout = 75_000;
  return server;
}
