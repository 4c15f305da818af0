import type { ServerHttp2Stream } from "node:http2";
import type { WebSocket } from "ws";

/** A WebSocket as it is below what the mock makes of it. */
export interface RawConnection {
  readonly socket: WebSocket;
  /** Of HTTP/2, which carries the WebSocket's frames. */
  readonly stream: ServerHttp2Stream;
}

/** The open connections, by who made them: a device's name, as `<aci>.2`, or else the path they came to. */
export class RawConnections {
  readonly #open = new Map<string, RawConnection>();

  add(name: string, connection: RawConnection): void {
    this.#open.set(name, connection);
    connection.socket.once("close", () => {
      if (this.#open.get(name) === connection) this.#open.delete(name);
    });
  }

  of(name: string): RawConnection | undefined {
    return this.#open.get(name);
  }
}
