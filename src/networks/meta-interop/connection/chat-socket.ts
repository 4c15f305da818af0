import { WebSocket } from "ws";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Node } from "../wire/node.ts";
import { encodeFrame, FrameDecoder, INTRO } from "../wire/noise/frames.ts";
import { ClientHandshake } from "../wire/noise/handshake.ts";
import type { Transport } from "../wire/noise/transport.ts";
import type { KeyPair } from "../wire/noise/x25519.ts";
import { decodeStanza, stanzaHead } from "../wire/stanza-decode.ts";
import { encodeStanza } from "../wire/stanza-encode.ts";

export interface ChatSocketOptions {
  readonly url: string;
  readonly static: KeyPair;
  readonly rootKey: Uint8Array;
  /** An encoded ClientPayload; it is encrypted for the server after the server has proven itself. */
  readonly payload: Uint8Array;
  readonly clock: Clock;
}

export interface ChatSocketListener {
  stanza(stanza: Node): void;
  /** Called for a stanza that cannot be read, with its tag and attributes where these can; later ones can be read. */
  unreadable(fault: unknown, head: Node | undefined): void;
  /** Called once. `fault` is undefined where either end closed in good order. */
  closed(fault: unknown): void;
}

const HANDSHAKE_TIMEOUT = 15_000;
/** The largest WebSocket message in bytes: the other end may put several frames into one. */
const MAX_CHUNK = 4 * 1024 * 1024;

/** A WebSocket with frames and the Noise handshake on it (interop-sandbox/1); stanzas out, stanzas in. */
export class ChatSocket {
  readonly #ws: WebSocket;
  readonly #options: ChatSocketOptions;
  readonly #listener: ChatSocketListener;
  readonly #frames = new FrameDecoder({ expectIntro: false });
  readonly #handshake: ClientHandshake;
  readonly #cancelTimeout: () => void;
  #transport: Transport | undefined;
  #outgoing: Uint8Array[] = [];
  #fault: unknown;
  #closed = false;

  constructor(options: ChatSocketOptions, listener: ChatSocketListener) {
    const { url, clock } = options;
    this.#options = options;
    this.#listener = listener;
    this.#handshake = new ClientHandshake({
      static: options.static,
      rootKey: options.rootKey,
      now: new Date(clock.now()),
    });
    this.#ws = new WebSocket(url, {
      handshakeTimeout: HANDSHAKE_TIMEOUT,
      maxPayload: MAX_CHUNK,
      followRedirects: false,
      perMessageDeflate: false,
    });
    this.#cancelTimeout = clock.after(HANDSHAKE_TIMEOUT, () => this.#fail(new Error("handshake timeout")));
    this.#ws.on("open", () => this.#write(Buffer.concat([INTRO, encodeFrame(this.#handshake.hello())])));
    this.#ws.on("message", (data) => this.#receive(data));
    this.#ws.on("error", (error) => this.#fail(error));
    this.#ws.on("close", () => this.#end());
  }

  /** Sends the stanzas of one turn of the event loop together. Drops them where the connection is not up. */
  send(stanza: Node): void {
    if (!this.#transport || this.#closed) return;
    if (this.#outgoing.length === 0) setImmediate(() => this.#flush());
    this.#outgoing.push(encodeFrame(this.#transport.seal(encodeStanza(stanza))));
  }

  /** Stops reading, so that the other end is slowed down. */
  pause(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.pause();
  }

  resume(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.resume();
  }

  close(fault?: unknown): void {
    this.#fail(fault);
  }

  #flush(): void {
    const frames = this.#outgoing;
    this.#outgoing = [];
    if (!this.#closed && frames.length > 0)
      this.#write(frames.length === 1 ? frames[0] : Buffer.concat(frames));
  }

  #write(bytes: Uint8Array | undefined): void {
    if (bytes && this.#ws.readyState === WebSocket.OPEN) this.#ws.send(bytes);
  }

  #receive(data: WebSocket.RawData): void {
    if (this.#closed) return;
    try {
      const chunk = Array.isArray(data) ? Buffer.concat(data) : data;
      for (const frame of this.#frames.push(chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk)) {
        this.#frame(frame);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #frame(frame: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#transport) {
      const { message, transport } = this.#handshake.finish(frame, this.#options.payload);
      this.#cancelTimeout();
      this.#write(encodeFrame(message));
      this.#transport = transport;
      return;
    }
    const plain = this.#transport.open(frame);
    let stanza: Node;
    try {
      stanza = decodeStanza(plain);
    } catch (error) {
      this.#listener.unreadable(error, stanzaHead(plain));
      return;
    }
    this.#listener.stanza(stanza);
  }

  #fail(fault: unknown): void {
    this.#fault ??= fault;
    this.#flush();
    this.#closed = true;
    this.#cancelTimeout();
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.close(1000);
    // The other end may never answer the close, so the socket is ended after a second.
    const cancel = this.#options.clock.after(1_000, () => this.#ws.terminate());
    this.#ws.once("close", cancel);
    if (this.#ws.readyState === WebSocket.CONNECTING) this.#ws.terminate();
  }

  #end(): void {
    this.#closed = true;
    this.#cancelTimeout();
    this.#listener.closed(this.#fault);
  }
}
