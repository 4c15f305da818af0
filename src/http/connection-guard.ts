import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { BlockList, isIPv6, type Socket } from "node:net";
import type { Log } from "../core/ports/log.ts";

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
/** Loopback, private, link-local and carrier-grade networks, in which proxies and homeservers are. */
const PRIVATE_NETWORKS = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
].concat(["100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"]);

/** Keeps a listener open to everybody: when there are too many connections, it closes those without a running request. */
export class ConnectionGuard {
  readonly #options: ConnectionGuardOptions;
  readonly #ownNetworks: BlockList;
  /** Ordered by when each connection entered its phase, oldest first. */
  readonly #open = new Map<Socket, OpenConnection>();
  readonly #counts = new Map<string, number>();
  #closing = false;
  #closed = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(server: Server, options: ConnectionGuardOptions) {
    this.#options = options;
    this.#ownNetworks = networks([...PRIVATE_NETWORKS, ...options.proxies]);
    server.on("connection", (socket: Socket) => this.#add(socket));
    server.on("request", (request, response) => this.#request(request, response));
  }

  /** Closes every connection: those with a running answer after it. */
  close(): void {
    this.#closing = true;
    for (const [socket, { phase }] of Array.from(this.#open)) if (phase !== "answering") socket.destroy();
  }

  #add(socket: Socket): void {
    const client = this.#clientOf(socket.remoteAddress);
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

  /** The address that a client is counted by, for IPv6 its /64; undefined for one that may be a proxy's. */
  #clientOf(address: string | undefined): string | undefined {
    if (address === undefined) return undefined;
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
    const plain = mapped ?? address.replace(/%.*$/, "");
    if (this.#ownNetworks.check(plain, isIPv6(plain) ? "ipv6" : "ipv4")) return undefined;
    return isIPv6(plain) ? firstHalf(plain) : plain;
  }
}

function networks(written: readonly string[]): BlockList {
  const list = new BlockList();
  for (const each of written) {
    const [address = "", bits] = each.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** The first 64 bits of an IPv6 address, as its four groups. */
function firstHalf(address: string): string {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(gap).fill("0"), ...after].slice(0, 4).join(":");
}
