import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "../core/ports/log.ts";
import { ClientAddresses } from "./client-addresses.ts";

interface ConnectionGuardOptions {
  /** The listener's name in the log. */
  readonly name: string;
  /** The most connections at once. */
  readonly most: number;
  /** The most connections of one client's address; a proxy's address is not limited. */
  readonly mostPerAddress: number;
  /** Addresses and networks (`203.0.113.0/24`) of proxies, beside this machine's and private ones. */
  readonly proxies: readonly string[];
  readonly log: Log;
}

/**
 * A connection's phases in the order in which they are closed for new ones: no request yet, a request's body is
 * arriving, idle after an answer. One in the phase `answering` is never closed.
 */
const CLOSING_ORDER = ["new", "arriving", "idle"] as const;
type Phase = (typeof CLOSING_ORDER)[number] | "answering";

interface OpenConnection {
  phase: Phase;
  /** Requests without a complete answer. */
  requests: number;
  readonly client: string | undefined;
}

const LOG_EVERY = 60_000;
/** Keeps a listener open to everybody: when there are too many connections, it closes those without a running request. */
export class ConnectionGuard {
  readonly #options: ConnectionGuardOptions;
  readonly #addresses: ClientAddresses;
  /** Ordered by when each connection entered its phase, oldest first. */
  readonly #open = new Map<Socket, OpenConnection>();
  readonly #counts = new Map<string, number>();
  #closing = false;
  #closed = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(server: Server, options: ConnectionGuardOptions) {
    this.#options = options;
    this.#addresses = new ClientAddresses(options.proxies);
    server.on("connection", (socket: Socket) => this.#add(socket));
    server.on("request", (request, response) => this.#request(request, response));
  }

  /** Closes every connection: those with a running answer after it. */
  close(): void {
    this.#closing = true;
    for (const [socket, { phase }] of Array.from(this.#open)) if (phase !== "answering") socket.destroy();
  }

  #add(socket: Socket): void {
    const client = this.#addresses.counted(socket.remoteAddress);
    this.#open.set(socket, { phase: "new", requests: 0, client });
    socket.once("close", () => this.#forget(socket, client));
    if (this.#closing) socket.destroy();
    if (client !== undefined) {
      const count = (this.#counts.get(client) ?? 0) + 1;
      this.#counts.set(client, count);
      if (count > this.#options.mostPerAddress) this.#makeRoom(socket, (open) => open.client === client);
    }
    if (this.#open.size > this.#options.most) this.#makeRoom(socket, () => true);
  }

  #forget(socket: Socket, client: string | undefined): void {
    this.#open.delete(socket);
    if (client === undefined) return;
    const left = (this.#counts.get(client) ?? 1) - 1;
    if (left === 0) this.#counts.delete(client);
    else this.#counts.set(client, left);
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const open = this.#open.get(socket);
    if (!open) return;
    open.requests += 1;
    this.#setPhase(socket, open, "arriving");
    request.once("end", () => this.#setPhase(socket, open, "answering"));
    response.once("close", () => {
      open.requests -= 1;
      if (open.requests > 0) return;
      this.#setPhase(socket, open, "idle");
      if (this.#closing) socket.destroySoon();
    });
  }

  #setPhase(socket: Socket, open: OpenConnection, phase: Phase): void {
    if (!this.#open.delete(socket)) return;
    open.phase = phase;
    this.#open.set(socket, open);
  }

  /** Closes one of the matching connections; the newcomer where all others are being answered. */
  #makeRoom(newcomer: Socket, matches: (open: OpenConnection) => boolean): void {
    const first = new Map<Phase, Socket>();
    for (const [socket, open] of this.#open) {
      if (socket === newcomer || !matches(open) || first.has(open.phase)) continue;
      first.set(open.phase, socket);
      if (open.phase === CLOSING_ORDER[0]) break;
    }
    const found = CLOSING_ORDER.map((phase) => first.get(phase)).find((socket) => socket !== undefined);
    (found ?? newcomer).destroy();
    this.#logClosed();
  }

  #logClosed(): void {
    this.#closed += 1;
    const now = performance.now();
    if (now - this.#loggedAt < LOG_EVERY) return;
    const { log, name } = this.#options;
    log.warn("more connections than a listener keeps: those that ask nothing were closed", {
      listener: name,
      closed: this.#closed,
    });
    this.#loggedAt = now;
    this.#closed = 0;
  }
}
