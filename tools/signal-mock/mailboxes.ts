import type { Device, Server } from "@signalapp/mock-server";

export type Socket = Parameters<Server["addWebSocket"]>[1];
type Bytes = Buffer<ArrayBuffer>;

interface Letter {
  readonly message: Bytes;
  readonly acknowledged: PromiseWithResolvers<void>;
}

/**
 * What waits for each device until it has acknowledged it, in order; it comes again at every connection. The mock's own
 * queue forgets what was not acknowledged at its second try.
 */
export class Mailboxes {
  readonly #letters = new Map<Device, Letter[]>();
  readonly #sockets = new Map<Device, Socket>();
  /** Whether acknowledgements are lost just now. */
  readonly #losesAcks: () => boolean;

  constructor(losesAcks: () => boolean) {
    this.#losesAcks = losesAcks;
  }

  /** Resolves when the device has acknowledged it. */
  send(device: Device, message: Bytes): Promise<void> {
    const letter = { message, acknowledged: Promise.withResolvers<void>() };
    const letters = this.#letters.get(device) ?? [];
    letters.push(letter);
    this.#letters.set(device, letters);
    const socket = this.#sockets.get(device);
    if (socket !== undefined) void this.#hand(device, socket, letter);
    return letter.acknowledged.promise;
  }

  /** The device's connection: it is sent what waits, and then that there is no more, when the mock says so. */
  opened(device: Device, socket: Socket): Socket {
    const sendMessage = async (message: Bytes | "empty"): Promise<void> => {
      if (message !== "empty") throw new Error("Messages go through the mailboxes");
      for (const letter of this.#letters.get(device) ?? []) void this.#hand(device, socket, letter);
      this.#sockets.set(device, socket);
      await socket.sendMessage(message).catch(() => undefined);
    };
    return { sendMessage, close: socket.close.bind(socket) };
  }

  closed(device: Device, socket: Socket): void {
    if (this.#sockets.get(device) === socket) this.#sockets.delete(device);
  }

  socketOf(device: Device): Socket | undefined {
    return this.#sockets.get(device);
  }

  async #hand(device: Device, socket: Socket, letter: Letter): Promise<void> {
    try {
      await socket.sendMessage(letter.message);
    } catch {
      return;
    }
    if (this.#losesAcks()) return;
    const letters = this.#letters.get(device) ?? [];
    const at = letters.indexOf(letter);
    if (at >= 0) letters.splice(at, 1);
    letter.acknowledged.resolve();
  }
}
