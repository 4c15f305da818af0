import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { isIPv6 } from "node:net";
import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { TokenOwners } from "../../core/ports/access.ts";
import { errcodeOf } from "../http/errcode.ts";
import { isId } from "../http/identifier.ts";
import { fieldOf, jsonOf } from "../http/json.ts";
import { cappedText } from "./capped-text.ts";
import type { Names } from "./public-names.ts";
import { parseServerName, type ServerName, serverOf } from "./server-name.ts";

interface OtherServersParts {
  readonly names: Names;
  readonly stopping: AbortSignal;
  /** PEM; the system's authorities if absent. */
  readonly ca?: string;
  /** Of well-known files; 443 if absent. */
  readonly wellKnownPort?: number;
}

/** Where a server is asked, and by which name it must prove itself. */
interface Destination {
  readonly host: string;
  readonly port: number;
  /** The name of its certificate and of the `Host` header. */
  readonly name: ServerName;
}

/** Milliseconds for finding a server and for its answer, together. */
const TIMEOUT = 10_000;
const FEDERATION_PORT = 8_448;

/**
 * Asks other homeservers whose an OpenID token is. A server is found as the specification says (server-server API,
 * “Resolving server names”), but for redirects, which are not followed, and private addresses, which are not asked.
 */
export class OtherServers implements Pick<TokenOwners, "ofOpenId"> {
  readonly #parts: OtherServersParts;

  constructor(parts: OtherServersParts) {
    this.#parts = parts;
  }

  async ofOpenId(token: string, user: UserId): Promise<UserId | undefined> {
    const server = serverOf(user);
    if (server === undefined) return undefined;
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT), this.#parts.stopping]);
    try {
      const path = `/_matrix/federation/v1/openid/userinfo?${new URLSearchParams({ access_token: token }).toString()}`;
      const { status, body } = await this.#ask(await this.#find(server, signal), path, signal);
      if (status === 200) {
        const sub = fieldOf(body, "sub");
        // A server speaks for its own people only.
        return isId(sub, "@") && sub === user ? user : undefined;
      }
      if (errcodeOf(body) !== undefined && (status === 401 || status === 403)) return undefined;
    } catch (cause) {
      this.#parts.stopping.throwIfAborted();
      throw unreachable(cause);
    }
    throw unreachable();
  }

  async #find(server: ServerName, signal: AbortSignal): Promise<Destination> {
    if (server.isAddress) return { host: server.host, port: server.port ?? FEDERATION_PORT, name: server };
    if (server.port !== undefined) return { host: server.host, port: server.port, name: server };
    const delegated = await this.#delegated(server, signal);
    if (delegated?.isAddress || delegated?.port !== undefined)
      return { host: delegated.host, port: delegated.port ?? FEDERATION_PORT, name: delegated };
    const name = delegated ?? server;
    for (const service of ["_matrix-fed._tcp", "_matrix._tcp"]) {
      const [first] = await within(signal, this.#parts.names.services(`${service}.${name.host}`));
      if (first) return { ...first, name };
    }
    return { host: name.host, port: FEDERATION_PORT, name };
  }

  /** What the server's well-known file names instead; undefined where it has none that can be used. */
  async #delegated(server: ServerName, signal: AbortSignal): Promise<ServerName | undefined> {
    const { wellKnownPort: port = 443 } = this.#parts;
    try {
      const at = { host: server.host, port, name: server };
      const { status, body } = await this.#ask(at, "/.well-known/matrix/server", signal);
      const named = status === 200 ? fieldOf(body, "m.server") : undefined;
      return typeof named === "string" ? parseServerName(named) : undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NotPublic) throw error;
      return undefined;
    }
  }

  async #ask({ host, port, name }: Destination, path: string, signal: AbortSignal) {
    const { names, ca } = this.#parts;
    const addresses = parseServerName(isIPv6(host) ? `[${host}]` : host)?.isAddress
      ? [host]
      : await within(signal, names.addresses(host));
    // One private address among several is no server of anybody's either.
    const [address] = addresses;
    if (address === undefined || !addresses.every((one) => names.isPublic(one))) throw new NotPublic();
    const asked = isIPv6(name.host) ? `[${name.host}]` : name.host;
    const sending = request({
      // The address that was looked at: a name could lead elsewhere by now.
      host: address,
      port,
      path,
      headers: {
        host: name.port === undefined ? asked : `${asked}:${name.port}`,
        accept: "application/json",
      },
      // An address is no server name of TLS; the certificate must have it all the same.
      servername: name.isAddress ? "" : name.host,
      agent: false,
      signal,
      ...(ca === undefined ? {} : { ca }),
    });
    const answered = Promise.withResolvers<IncomingMessage>();
    sending.once("response", answered.resolve).once("error", answered.reject).end();
    const answer = await answered.promise;
    return { status: answer.statusCode ?? 0, body: jsonOf(await cappedText(answer)) };
  }
}

/** What is asked of a resolver cannot be given up, only be waited for no more. */
async function within<T>(signal: AbortSignal, asked: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([asked, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

class NotPublic extends Error {
  override readonly name = "NotPublic";
}

const unreachable = (cause?: unknown): BridgeError =>
  new BridgeError("homeserver-unreachable", {
    words: "Your homeserver could not be asked whether this token is yours. Try again later.",
    certain: true,
    cause,
  });
