import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A port through which another one of this machine is reached, while it is open. */
export class TcpGate implements AsyncDisposable {
  readonly port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  readonly #forgotten = new WeakSet<Socket>();
  #isSilent = false;

  private constructor(target: number, server: Server) {
    this.#target = target;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket: Socket) => this.#pass(socket));
  }

  static async to(target: number): Promise<TcpGate> {
    return new TcpGate(target, await listening(0));
  }

  /** Nothing can be connected to, and what was connected is cut off. */
  async shut(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  async reopen(): Promise<void> {
    this.#isSilent = false;
    this.#server = await listening(this.port);
    this.#server.on("connection", (socket: Socket) => this.#pass(socket));
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections stay, and nothing passes any more, as after a cable was pulled out. */
  hush(): void {
    this.#isSilent = true;
  }

  /** As {@link hush}, for the connections there are: others can be made, as after a router forgot those. */
  forget(): void {
    for (const socket of this.#sockets) this.#forgotten.add(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.shut();
  }

  #pass(socket: Socket): void {
    const onward = connect(this.#target, "localhost");
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (bytes) => this.#isSilent || this.#forgotten.has(from) || to.write(bytes));
      from.on("error", () => undefined);
      from.once("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, "localhost");
  await once(server, "listening");
  return server;
}
