import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the proxy does to a request instead of passing it on. */
export type Fault =
  | { readonly kind: "answer"; readonly status: number; readonly type: string; readonly body: string }
  /** Passes the request on, then cuts the connection before the answer. */
  | { readonly kind: "lose-answer" }
  /** Cuts the connection at once. */
  | { readonly kind: "cut" };

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

/** A reverse proxy that can be told to misbehave, for every request or for those the filter picks. */
export class FaultyProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: URL;
  #fault: Fault | undefined;
  #filter: (method: string, path: string) => boolean = () => true;
  /** Requests that met a fault. */
  faulted = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, outgoing) => this.#serve(incoming, outgoing));
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

  /** From now on; connections that wait for an answer are cut, so that long polls meet the fault too. */
  breaks(fault: Fault, filter: (method: string, path: string) => boolean = () => true): void {
    this.#fault = fault;
    this.#filter = filter;
    this.#server.closeAllConnections();
  }

  heals(): void {
    this.#fault = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((done) => void this.#server.close(() => done()));
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = "GET", url = "/" } = incoming;
    const fault = this.#filter(method, url) ? this.#fault : undefined;
    if (fault !== undefined) this.faulted += 1;
    if (fault?.kind === "cut") {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === "answer") {
      incoming.resume();
      outgoing.writeHead(fault.status, { "content-type": fault.type });
      outgoing.end(fault.body);
      return;
    }
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, method, path: url, headers: incoming.headers }, (answer) => {
      if (fault?.kind === "lose-answer") {
        incoming.socket.destroy();
        answer.resume();
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("error", () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }
}
