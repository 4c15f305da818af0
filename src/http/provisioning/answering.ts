import type { NetworkId, UserId } from "../../core/model/ids.ts";
import type { HttpReply } from "../../core/ports/http-route.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";
import type { Network } from "../../core/ports/network.ts";
import type { ServedRequest } from "../listener.ts";
import type { Authentication } from "./caller/authentication.ts";
import { invalid, Refusal } from "./refusal.ts";
import { type Answered, type Route, Written } from "./route.ts";
import { type FoundRoute, RouteFinder } from "./route-finder.ts";

interface AnsweringParts {
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly routes: readonly Route[];
  readonly authentication: Authentication;
  /** What is answered to anybody, by its whole path. */
  readonly documents: ReadonlyMap<string, unknown>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const PREFIX = "/_matrix/provision";

/** Nothing of an answer is ambient: a token is in a header, so any page may ask, as of Matrix's own client API. */
const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
  "access-control-allow-headers": "Authorization, Content-Type, X-Requested-With",
} as const;

/** Never a stream. */
export interface WholeReply extends HttpReply {
  readonly body: string | Uint8Array;
}

/** A request; `user` where who asks is known already, by the homeserver that passes it on. */
export interface AskedRequest extends ServedRequest {
  readonly user?: UserId;
}

export const jsonReply = (
  status: number,
  body: unknown,
  more: Readonly<Record<string, string>> = {},
): WholeReply => ({
  status,
  headers: { ...HEADERS, ...more },
  body: body instanceof Written ? body.bytes : JSON.stringify(body),
});

/** Answers what the listener brings: finds the route, then who asks, then what they want. */
export class Answering {
  readonly #parts: AnsweringParts;
  readonly #routes: RouteFinder;

  constructor(parts: AnsweringParts) {
    this.#parts = parts;
    this.#routes = new RouteFinder(parts.routes);
  }

  async answer(request: AskedRequest): Promise<WholeReply> {
    if (request.method === "OPTIONS") return { status: 204, headers: HEADERS, body: "" };
    let found: FoundRoute | undefined;
    try {
      const document = this.#parts.documents.get(request.path);
      if (document !== undefined && isRead(request.method)) return jsonReply(200, document);
      const { path, networks } = this.#about(request.path);
      found = this.#found(request.method, path);
      const { status, body } = await this.#run(request, found, networks);
      return jsonReply(status, body);
    } catch (error) {
      return this.#refused(error, found?.route);
    }
  }

  async #run(
    request: AskedRequest,
    { route, params }: FoundRoute,
    networks: readonly Network[],
  ): Promise<Answered> {
    const { authentication } = this.#parts;
    const { user_id: user, ...query } = queryOf(request.query);
    const { authorization } = request.headers;
    const { opens = false, unasked = false } = route;
    const { client, user: vouched, gone } = request;
    const caller =
      vouched === undefined
        ? await authentication.caller({ authorization, user, client, opens, unasked })
        : authentication.vouched(vouched, user);
    if (route.tag === "administration" && !caller.isAdmin)
      throw new Refusal({
        status: 403,
        errcode: "M_FORBIDDEN",
        words: "Only an administrator of this bridge can do that.",
      });
    const body = route.body === undefined ? undefined : bodyOf(request);
    const signal = AbortSignal.any([this.#parts.signal, gone]);
    const answered = await route.run({ caller, networks, params, query, body, signal });
    if (route.waits) authentication.confirm(caller);
    return answered;
  }

  /** Which networks an address is about, and the rest of it. */
  #about(path: string): { readonly path: string; readonly networks: readonly Network[] } {
    const all = this.#parts.networks;
    const [, first = ""] = path.split("/", 2);
    const network = all.get(first as NetworkId);
    const rest = network === undefined ? path : path.slice(first.length + 1);
    if (!rest.startsWith(`${PREFIX}/`)) throw nothingHere();
    return {
      path: rest.slice(PREFIX.length),
      networks: network === undefined ? Array.from(all.values()) : [network],
    };
  }

  #found(method: string, path: string): FoundRoute {
    const found = this.#routes.find(method === "HEAD" ? "GET" : method, path);
    if (found) return found;
    const methods = this.#routes.methods(path);
    if (methods.length === 0) throw nothingHere();
    throw new Refusal({
      status: 405,
      errcode: "M_UNRECOGNIZED",
      words: `This address takes ${methods.join(" or ")}.`,
      allow: methods,
    });
  }

  #refused(error: unknown, route: Route | undefined): WholeReply {
    const { log } = this.#parts;
    const { status, errcode, words, retryAfter, allow } = Refusal.from(error).details;
    const fields = { route: route?.id ?? "none", status, errcode };
    if (status === 500) log.error("A provisioning request failed", { ...fields, ...faultOf(error) });
    else if (status > 500)
      log.warn("a provisioning request was not carried out", { ...fields, ...faultOf(error) });
    else log.debug("a provisioning request was refused", fields);
    const wait = retryAfter === undefined || retryAfter === 0 ? undefined : Math.ceil(retryAfter / 1_000);
    return jsonReply(
      status,
      {
        errcode,
        error: words,
        ...(retryAfter === undefined ? {} : { retry_after_ms: Math.ceil(retryAfter) }),
      },
      {
        ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
        ...(wait === undefined ? {} : { "retry-after": `${wait}` }),
        ...(allow === undefined ? {} : { allow: allow.join(", ") }),
      },
    );
  }
}

const isRead = (method: string): boolean => method === "GET" || method === "HEAD";

const nothingHere = (): Refusal =>
  new Refusal({ status: 404, errcode: "M_UNRECOGNIZED", words: "There is nothing here." });

/** A name that comes twice would be one thing to whoever checks it and another to whoever uses it. */
function queryOf(text: string): Readonly<Record<string, string>> {
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in query) throw invalid("Something in the query is there twice.");
    query[name] = value;
  }
  return query;
}

function bodyOf({ headers, body }: ServedRequest): unknown {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (body.length === 0) return {};
  if (type !== "" && type.trim().toLowerCase() !== "application/json")
    throw new Refusal({ status: 415, errcode: "M_NOT_JSON", words: "The body must be JSON." });
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown;
  } catch {
    throw new Refusal({ status: 400, errcode: "M_NOT_JSON", words: "The body is not valid JSON." });
  }
}
