import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Waits } from "../../tools/matrix/waits.ts";

/** What the proxy does to a request instead of passing it on. */
export type Fault =
  | { readonly kind: "answer"; readonly status: number; readonly type: string; readonly body: string }
  /** The proxy passes the request on and cuts the connection before the answer. */
  | { readonly kind: "lose-answer" }
  /** The proxy passes the request on, and keeps the answer once it is there. */
  | { readonly kind: "unanswered" }
  /** The proxy cuts the connection at once. */
  | { readonly kind: "cut" }
  /** The proxy passes the request on and sends a byte of the answer every three seconds. */
  | { readonly kind: "drip" }
  /** The proxy reads the head of the request and not its body. */
  | { readonly kind: "unread" };

export const htmlPage: Fault = {
  kind: "answer",
  status: 200,
  type: "text/html; charset=utf-8",
  body: "<!doctype html><title>Welcome</title><h1>It works!</h1>",
};

export const serverError = (status: 500 | 502): Fault => ({
  kind: "answer",
  status,
  type: "text/html",
  body: `<h1>${status}</h1>`,
});

/** Picks the requests that meet a fault. */
export type Filter = (method: string, path: string, body: string) => boolean;

/** A reverse proxy that can be told to misbehave, for every request or for those the filter picks. */
export class FaultyProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: URL;
  #faults: { readonly fault: Fault; readonly filter: Filter }[] = [];
  readonly #met = new Waits<number>();
  /** The number of requests that met a fault. */
  faulted = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  static async start(target: string, port = 0): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    proxy.#server.listen(port, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Begins a fault for all requests; waiting requests are cut, so that long polls meet it too. */
  breaks(fault: Fault): void {
    this.#faults = [{ fault, filter: () => true }];
    this.#server.closeAllConnections();
  }

  /** Begins a fault for the requests that the filter picks. */
  poisons(fault: Fault, filter: Filter): void {
    this.#faults.push({ fault, filter });
  }

  /** Resolves when so many more requests have met a fault. */
  async faults(count: number): Promise<void> {
    const last = this.faulted + count;
    await this.#met.next(`${count} requests that meet a fault`, (faulted) => faulted >= last);
  }

  heals(): void {
    this.#faults = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((done) => void this.#server.close(() => done()));
  }

  #faultOf(method: string, path: string, body: string): Fault | undefined {
    return this.#faults.find(({ filter }) => filter(method, path, body))?.fault;
  }

  /** Passes a request on; its body is read first only when a filter may need it. */
  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = incoming;
    if (this.#faultOf(method, url, "")?.kind === "unread") {
      this.#met.offer((this.faulted += 1));
      return;
    }
    const body = this.#faults.length === 0 ? undefined : await bodyOf(incoming);
    const text = body?.toString("utf8") ?? "";
    const fault = this.#faultOf(method, url, text);
    if (fault !== undefined && fault.kind !== "unanswered") this.#met.offer((this.faulted += 1));
    if (fault?.kind === "cut") {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === "answer") {
      outgoing.writeHead(fault.status, { "content-type": fault.type });
      outgoing.end(fault.body);
      return;
    }
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, method, path: url, headers: incoming.headers }, (answer) => {
      if (fault?.kind === "unanswered") {
        answer.resume();
        this.#met.offer((this.faulted += 1));
        return;
      }
      if (fault?.kind === "lose-answer") {
        incoming.socket.destroy();
        answer.resume();
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("error", () => outgoing.destroy());
      if (fault?.kind === "drip") drip(answer, outgoing);
      else answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    if (body === undefined) incoming.pipe(onward);
    else onward.end(body);
  }
}

function drip(answer: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.flushHeaders();
  const timer = setInterval(() => {
    const byte: unknown = answer.read(1);
    if (byte !== null) outgoing.write(byte);
  }, 3_000);
  outgoing.on("close", () => clearInterval(timer));
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // The client has gone.
  }
  return Buffer.concat(chunks);
}
