import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { BlockList, isIPv6, type Socket } from "node:net";
import type { Log } from "../core/ports/log.ts";

interface ConnectionGuardOptions {
  /** What the log calls the listener. */
  readonly name: string;
  /** Connections at once. */
  readonly most: number;
  /** Those of one address, where no proxy stands before us. */
  readonly mostOfOne: number;
  /** Addresses and networks (`203.0.113.0/24`) of proxies, beside this machine's and private ones. */
  readonly proxies: readonly string[];
  readonly log: Log;
}

/**
 * What came over a connection so far: nothing whole, a part of a request's body, nothing since the last answer; or an
 * answer is under way. The earlier ones here give way first.
 */
const GIVING_WAY = ["new", "arriving", "idle"] as const;
type Phase = (typeof GIVING_WAY)[number] | "answering";

interface Open {
  phase: Phase;
  /** Requests that are not answered whole. */
  requests: number;
  readonly whose: string | undefined;
}

const SAY_EVERY = 60_000;
/** Loopback, private, link-local and carrier-grade networks, where proxies and homeservers are. */
const NEAR = ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"].concat([
  "100.64.0.0/10",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
]);

/** Keeps a listener open to everybody: connections that ask nothing give way to those that come. */
export class ConnectionGuard {
  readonly #options: ConnectionGuardOptions;
  readonly #near: BlockList;
  /** The one whose phase is the oldest first. */
  readonly #open = new Map<Socket, Open>();
  readonly #counts = new Map<string, number>();
  #closing = false;
  #closed = 0;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(server: Server, options: ConnectionGuardOptions) {
    this.#options = options;
    this.#near = networks([...NEAR, ...options.proxies]);
    server.on("connection", (socket: Socket) => this.#take(socket));
    server.on("request", (request, response) => this.#request(request, response));
  }

  /** Ends every connection on which no answer is under way, and the others with their answer. */
  close(): void {
    this.#closing = true;
    for (const [socket, { phase }] of Array.from(this.#open)) if (phase !== "answering") socket.destroy();
  }

  #take(socket: Socket): void {
    const whose = this.#whose(socket.remoteAddress);
    this.#open.set(socket, { phase: "new", requests: 0, whose });
    socket.once("close", () => this.#forget(socket, whose));
    if (this.#closing) socket.destroy();
    if (whose !== undefined) {
      const count = (this.#counts.get(whose) ?? 0) + 1;
      this.#counts.set(whose, count);
      if (count > this.#options.mostOfOne) this.#makeRoom(socket, (open) => open.whose === whose);
    }
    if (this.#open.size > this.#options.most) this.#makeRoom(socket, () => true);
  }

  #forget(socket: Socket, whose: string | undefined): void {
    this.#open.delete(socket);
    if (whose === undefined) return;
    const left = (this.#counts.get(whose) ?? 1) - 1;
    if (left === 0) this.#counts.delete(whose);
    else this.#counts.set(whose, left);
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const open = this.#open.get(socket);
    if (!open) return;
    open.requests += 1;
    this.#turn(socket, open, "arriving");
    request.once("end", () => this.#turn(socket, open, "answering"));
    response.once("close", () => {
      open.requests -= 1;
      if (open.requests > 0) return;
      this.#turn(socket, open, "idle");
      if (this.#closing) socket.destroySoon();
    });
  }

  #turn(socket: Socket, open: Open, phase: Phase): void {
    if (!this.#open.delete(socket)) return;
    open.phase = phase;
    this.#open.set(socket, open);
  }

  /** One of those that match gives way; the newcomer itself where all others are being answered. */
  #makeRoom(newcomer: Socket, matches: (open: Open) => boolean): void {
    const first = new Map<Phase, Socket>();
    for (const [socket, open] of this.#open) {
      if (socket === newcomer || !matches(open) || first.has(open.phase)) continue;
      first.set(open.phase, socket);
      if (open.phase === GIVING_WAY[0]) break;
    }
    const found = GIVING_WAY.map((phase) => first.get(phase)).find((socket) => socket !== undefined);
    (found ?? newcomer).destroy();
    this.#say();
  }

  #say(): void {
    this.#closed += 1;
    const now = performance.now();
    if (now - this.#saidAt < SAY_EVERY) return;
    const { log, name } = this.#options;
    log.warn("more connections than a listener keeps: those that ask nothing were closed", {
      listener: name,
      closed: this.#closed,
    });
    this.#saidAt = now;
    this.#closed = 0;
  }

  /** Undefined where a proxy may stand there. Of IPv6, a person has a whole /64. */
  #whose(address: string | undefined): string | undefined {
    if (address === undefined) return undefined;
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
    const plain = mapped ?? address.replace(/%.*$/, "");
    if (this.#near.check(plain, isIPv6(plain) ? "ipv6" : "ipv4")) return undefined;
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
