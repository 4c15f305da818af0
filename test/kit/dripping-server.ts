import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** What a server does with a connection after a request. */
export type Act = (socket: Socket, drip: (bytes: string | Uint8Array) => void) => void;

/** A server that sends its answer byte by byte when a test calls `drop`, or does what a test tells it. */
export class DrippingServer implements AsyncDisposable {
  readonly url: string;
  /** The number of connections that sent a request. */
  asked = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #drops: readonly (() => void)[] = [];

  private constructor(server: Server, act: Act) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
      socket.once("data", () => {
        this.asked += 1;
        act(socket, (bytes) => this.#drip(socket, Buffer.from(bytes)));
      });
    });
  }

  static async start(act: Act): Promise<DrippingServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new DrippingServer(server, act);
  }

  /** Sends the next byte of each answer. */
  drop(): void {
    for (const drop of this.#drops) drop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #drip(socket: Socket, bytes: Buffer): void {
    let at = 0;
    const drop = (): void => {
      if (!socket.writable || at >= bytes.length) return;
      socket.write(bytes.subarray(at, at + 1));
      at += 1;
    };
    this.#drops = [...this.#drops, drop];
  }
}

/** An answer of a thousand bytes, sent one by one. */
export const drippingBody =
  (head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"): Act =>
  (socket, drip) => {
    socket.write(head);
    drip(new Uint8Array(1_000));
  };

/** An answer whose head is sent byte by byte. */
export const drippingHead: Act = (_, drip) => drip(`HTTP/1.1 200 OK\r\nx-slow: ${"x".repeat(900)}\r\n\r\n`);

/** An answer that stops after its first bytes. */
export const stalling: Act = (socket) => {
  socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nthe first of it");
};
