import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { WSRequest } from "@signalapp/mock-server/src/server/ws/service.js";
import { WebSocket } from "ws";
import { z } from "zod";
import { basic } from "./basic.ts";
import type { HttpAnswer } from "./faults.ts";
import { Connection } from "./mock-server.ts";
import type { PlayedServer } from "./played-server.ts";

/** A connection's requests go to the mock, but for those that a fault answers, and links that Signal's server refuses. */
class PlayedConnection extends Connection {
  readonly #server: PlayedServer;

  constructor(request: Http2ServerRequest, socket: WebSocket, server: PlayedServer) {
    super(request, socket, server);
    this.#server = server;
  }

  protected override async handleRequest(request: WSRequest) {
    const { id, verb, path, body } = request;
    const isLink = verb === "PUT" && path === "/v1/devices/link";
    const answer =
      this.#server.faults.nextRequest(path ?? "") ??
      (isLink && losesCapability(read(body)) ? { status: 409 } : undefined);
    if (answer === undefined) {
      const response = await super.handleRequest(request);
      if (isLink && response.status === 200) await this.#server.linked(read(body), read(response.body));
      return response;
    }
    const headers = Object.entries({ "content-type": "application/json", ...answer.headers });
    return {
      id,
      status: answer.status,
      message: null,
      headers: headers.map(([name, value]) => `${name}:${value}`),
      body: Uint8Array.from(Buffer.from(JSON.stringify(answer.body ?? {}))),
    };
  }
}

/** What an account of Signal's apps can do, and must not lose by a device that is linked to it. */
const ACCOUNT_CAPABILITIES = ["attachmentBackfill", "spqr", "usernameChangeSyncMessage"] as const;

const linkRequest = z.object({
  accountAttributes: z.object({ capabilities: z.record(z.string(), z.boolean()).default({}) }),
});

function losesCapability(link: unknown): boolean {
  const { capabilities } = linkRequest.parse(link).accountAttributes;
  return ACCOUNT_CAPABILITIES.some((capability) => capabilities[capability] !== true);
}

const read = (bytes: Uint8Array | null | undefined): unknown =>
  JSON.parse(Buffer.from(bytes ?? []).toString()) as unknown;

/** What ws makes of an upgrade itself; it has no call for a stream of HTTP/2. */
const ServerSocket = WebSocket as unknown as new (
  address: null,
  protocols: undefined,
  options: object,
) => WebSocket & { setSocket(stream: unknown, head: Buffer, options: object): void };

/** Takes a WebSocket over HTTP/2 (RFC 8441), unless a fault or a device that is not linked any more forbids it. */
export async function takeConnection(
  server: PlayedServer,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
): Promise<void> {
  const answer = server.faults.nextUpgrade(request.url) ?? (await refusal(server, request));
  if (answer !== undefined) {
    response.writeHead(answer.status, answer.headers ?? {});
    response.end();
    return;
  }
  response.writeHead(200, server.upgradeHeaders);
  const socket = new ServerSocket(null, undefined, {});
  socket.setSocket(request.stream, Buffer.alloc(0), {});
  server.connections.add(nameOf(request), { socket, stream: request.stream });
  await new PlayedConnection(request, socket, server).start(socket).catch(() => socket.close());
}

const nameOf = ({ headers, url }: Http2ServerRequest): string =>
  headers.authorization === undefined
    ? new URL(url, "https://localhost").pathname
    : basic(headers.authorization).username;

/** A device that was unlinked, or whose password is wrong, is refused; the mock takes it, and closes it at once. */
async function refusal(
  server: PlayedServer,
  { headers }: Http2ServerRequest,
): Promise<HttpAnswer | undefined> {
  if (headers.authorization === undefined) return undefined;
  const { username, password } = basic(headers.authorization);
  return (await server.auth(username, password)) === undefined ? { status: 403 } : undefined;
}
