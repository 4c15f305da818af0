import type { RawData, WebSocket } from "ws";
import { encodeFrame, FrameDecoder } from "../../networks/meta-interop/wire/noise/frames.ts";
import type { ServerHandshake } from "../../networks/meta-interop/wire/noise/handshake.ts";
import type { Transport } from "../../networks/meta-interop/wire/noise/transport.ts";

const handshakeMs = 20_000;
const batchBytes = 64 << 10;
const mostUnread = 64 << 20;
/** Frames a client may send before its login is answered. */
const mostEarlyFrames = 64;

export interface Hello {
  readonly clientPayload: Uint8Array;
  readonly clientStatic: Uint8Array;
}

interface ChatSocketEvents {
  /** Called when the handshake is done; stanzas wait until `begin`. */
  onHello(hello: Hello): void;
  onStanza(stanza: Uint8Array): void;
  /** Called when bytes break the framing, the handshake or the encryption; the socket closes after it. */
  onViolation(where: "bad-frame" | "bad-handshake", cause: unknown): void;
  onClose(): void;
}

/** One WebSocket: frames, Noise handshake, encryption. Stanzas are bytes here. */
export class ChatSocket {
  readonly #ws: WebSocket;
  readonly #events: ChatSocketEvents;
  readonly #handshake: ServerHandshake;
  readonly #decoder = new FrameDecoder({ expectIntro: true });
  readonly #handshakeTimer: NodeJS.Timeout;
  #transport: Transport | undefined;
  #step: "hello" | "finish" | "login" | "open" | "closed" = "hello";
  #early: Uint8Array[] = [];
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #flushScheduled = false;

  constructor(ws: WebSocket, handshake: ServerHandshake, events: ChatSocketEvents) {
    this.#ws = ws;
    this.#events = events;
    this.#handshake = handshake;
    this.#handshakeTimer = setTimeout(() => this.terminate(), handshakeMs);
    ws.on("message", (data) => this.#receive(data));
    ws.on("error", () => this.terminate());
    ws.on("close", () => this.#closed());
  }

  get open(): boolean {
    return this.#step === "open" || this.#step === "login";
  }

  /** Bytes that the client has not read yet. */
  get backlog(): number {
    return this.#ws.bufferedAmount + this.#unsentBytes;
  }

  /** To be called when the login was answered: hands on the stanzas that came early, and later ones as they come. */
  begin(): void {
    if (this.#step !== "login") return;
    clearTimeout(this.#handshakeTimer);
    this.#step = "open";
    for (const stanza of this.#early.splice(0)) this.#events.onStanza(stanza);
  }

  /** Sends a stanza; stanzas of one turn of the event loop share a WebSocket message. */
  send(stanza: Uint8Array): void {
    if (this.#transport === undefined || this.#step === "closed") return;
    this.#write(encodeFrame(this.#transport.seal(stanza)));
  }

  /** Sends what is queued, then closes. */
  close(): void {
    this.flush();
    this.#ws.close(1000);
    setTimeout(() => this.terminate(), 2000).unref();
  }

  /** Cuts the connection at once. */
  terminate(): void {
    this.#ws.terminate();
    this.#closed();
  }

  flush(): void {
    this.#flushScheduled = false;
    if (this.#unsent.length === 0) return;
    const frames = this.#unsent;
    this.#unsent = [];
    this.#unsentBytes = 0;
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.send(frames.length === 1 && frames[0] !== undefined ? frames[0] : Buffer.concat(frames));
  }

  /** Reads no more until `resume`. */
  pause(): void {
    if (this.#step === "open") this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  #write(frame: Uint8Array): void {
    // A client that sends requests and does not read the answers is cut off.
    if (this.#ws.bufferedAmount > mostUnread) return this.terminate();
    this.#unsent.push(frame);
    this.#unsentBytes += frame.length;
    if (this.#unsentBytes >= batchBytes) return this.flush();
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(() => this.flush());
  }

  #receive(data: RawData): void {
    if (this.#step === "closed") return;
    const chunk = Array.isArray(data) ? Buffer.concat(data) : (data as Buffer);
    try {
      for (const frame of this.#decoder.push(chunk)) this.#frame(frame);
    } catch (cause) {
      this.#events.onViolation(this.#transport === undefined ? "bad-handshake" : "bad-frame", cause);
      this.terminate();
    }
  }

  #frame(frame: Uint8Array): void {
    if (this.#step === "hello") {
      this.#step = "finish";
      this.#write(encodeFrame(this.#handshake.hello(frame)));
    } else if (this.#step === "finish") {
      const { transport, ...hello } = this.#handshake.finish(frame);
      this.#transport = transport;
      this.#step = "login";
      this.#events.onHello(hello);
    } else if (this.#transport !== undefined && this.open) {
      const stanza = this.#transport.open(frame);
      if (this.#step === "open") this.#events.onStanza(stanza);
      else if (this.#early.push(stanza) > mostEarlyFrames)
        throw new Error("too many frames before the login's answer");
    }
  }

  #closed(): void {
    if (this.#step === "closed") return;
    clearTimeout(this.#handshakeTimer);
    this.#step = "closed";
    this.#early = [];
    this.#unsent = [];
    this.#events.onClose();
  }
}
