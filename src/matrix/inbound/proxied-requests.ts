import type { IncomingMessage } from "node:http";
import type { UserId } from "../../core/model/ids.ts";
import type { HttpRequest } from "../../core/ports/http-route.ts";
import { readBody } from "../../http/read-body.ts";
import { isId } from "../http/identifier.ts";

/** A client's request that the homeserver passed on. */
interface ProxiedRequest extends HttpRequest {
  readonly query: string;
  /** Whose token it came with, as the homeserver has found out. */
  readonly user: UserId;
  /** Aborts when the homeserver does not wait for the answer any more. */
  readonly gone: AbortSignal;
}

export interface ProxiedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface ProxiedRequests {
  /** The path below which they are, without its version: as the registration asks for. */
  readonly base: string;
  readonly answer: (request: ProxiedRequest) => Promise<ProxiedReply>;
}

const MOST_BYTES = 64 * 1024;
/** Clients may write any version or namespace before the prefix. */
const VERSION = /^\/_matrix\/client\/(?:unstable\/[^/]+|v[^/]+)/;

/** The rest of the path of a request that was passed on; undefined for any other. */
export function proxiedPath({ base }: ProxiedRequests, path: string): string | undefined {
  const prefix = base.replace(VERSION, "");
  const rest = VERSION.test(path) ? path.replace(VERSION, "") : "";
  return rest.startsWith(`${prefix}/`) ? rest.slice(prefix.length) : undefined;
}

/** Answers a request that carries the homeserver's token; a body that is too long is refused with 413. */
export async function answerProxied(
  proxied: ProxiedRequests,
  { path, query, gone }: Pick<ProxiedRequest, "path" | "query" | "gone">,
  request: IncomingMessage,
): Promise<ProxiedReply> {
  const user = request.headers["x-matrix-user-identifier"];
  // Two such headers come as one, with a space.
  if (!isId(user, "@") || /\s/.test(user))
    return refused(400, "M_INVALID_PARAM", "The homeserver does not say whose request this is.");
  const body = await readBody(request, MOST_BYTES);
  if (body === undefined) return refused(413, "M_TOO_LARGE", `A body may have at most ${MOST_BYTES} bytes.`);
  const type = request.headers["content-type"];
  const headers = type === undefined ? {} : { "content-type": type };
  const method = request.method ?? "";
  return proxied.answer({ method, path, query, headers, body, user: user as UserId, gone });
}

const refused = (status: number, errcode: string, error: string): ProxiedReply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ errcode, error }),
});
