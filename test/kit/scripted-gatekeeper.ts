import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { PrivateKey } from "@signalapp/libsignal-client";
import { type WebSocket, WebSocketServer } from "ws";
import { child, type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { issueChain } from "../../src/networks/meta-interop/wire/noise/certificate.ts";
import { encodeFrame, FrameDecoder } from "../../src/networks/meta-interop/wire/noise/frames.ts";
import { ServerHandshake } from "../../src/networks/meta-interop/wire/noise/handshake.ts";
import type { Transport } from "../../src/networks/meta-interop/wire/noise/transport.ts";
import { generateKeyPair } from "../../src/networks/meta-interop/wire/noise/x25519.ts";
import { decodeStanza } from "../../src/networks/meta-interop/wire/stanza-decode.ts";
import { encodeStanza } from "../../src/networks/meta-interop/wire/stanza-encode.ts";
import { Waits } from "../../tools/matrix/waits.ts";

const day = 86_400_000;

/** Answers a request; undefined leaves it unanswered. */
export type IqAnswer = (iq: Node) => Node | undefined;

/** The gatekeeper's end of a chat socket, which does what a test tells it, stanza by stanza. */
export class ScriptedGatekeeper implements AsyncDisposable {
  readonly url: string;
  readonly rootKey: string;
  /** Every stanza that came, in order, over all connections. */
  readonly stanzas: Node[] = [];
  connections = 0;
  /** The first stanza of a connection. */
  greeting: Node = node("success", {}, [node("features", {}, [node("limits", { text: "5000" })])]);
  /** The answers to requests, by `xmlns type`. */
  readonly answers = new Map<string, IqAnswer>([
    ["encrypt set", ({ attrs: { id } }) => node("iq", { id, type: "result" })],
    ["encrypt get", countAnswer("100", "100")],
    ["urn:xmpp:ping get", ({ attrs: { id } }) => node("iq", { id, type: "result" })],
  ]);
  /** The acknowledgement of a message; undefined sends none. */
  ack: (message: Node) => Node | undefined = ({ attrs: { id, to } }) =>
    node("ack", { class: "message", id, from: to, t: "1" });
  readonly #server: WebSocketServer;
  readonly #root: Uint8Array;
  readonly #pair = generateKeyPair();
  #socket: { readonly ws: WebSocket; readonly transport: Transport } | undefined;
  readonly #came = new Waits<void>();

  constructor(server: WebSocketServer) {
    const root = PrivateKey.generate();
    this.#root = root.serialize();
    this.rootKey = Buffer.from(root.getPublicKey().getPublicKeyBytes()).toString("base64");
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/chat`;
    server.on("connection", (ws) => this.#accept(ws));
  }

  static async start(): Promise<ScriptedGatekeeper> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    return new ScriptedGatekeeper(server);
  }

  send(stanza: Node): void {
    const socket = this.#socket;
    if (!socket) throw new Error("nobody is connected");
    socket.ws.send(encodeFrame(socket.transport.seal(encodeStanza(stanza))));
  }

  /** Sends bytes that are no stanza, in a sealed frame or without one. */
  sendRaw(bytes: Uint8Array, { sealed }: { readonly sealed: boolean }): void {
    const socket = this.#socket;
    if (!socket) throw new Error("nobody is connected");
    socket.ws.send(encodeFrame(sealed ? socket.transport.seal(bytes) : bytes));
  }

  cut(): void {
    this.#socket?.ws.terminate();
  }

  /** The first stanza that matches, sent before or after this call, from `since` on. */
  until(what: string, matches: (stanza: Node) => boolean, since = 0): Promise<Node> {
    return this.#came.until(what, () => this.stanzas.slice(since).find(matches));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(ws: WebSocket): void {
    const now = Date.now();
    const chain = issueChain({
      rootKey: this.#root,
      serverStatic: this.#pair.publicKey,
      notBefore: new Date(now - day),
      notAfter: new Date(now + day),
    });
    const handshake = new ServerHandshake({ static: this.#pair, chain });
    const frames = new FrameDecoder({ expectIntro: true });
    let step = 0;
    ws.on("message", (data) => {
      for (const frame of frames.push(data as Buffer)) {
        step += 1;
        if (step === 1) ws.send(encodeFrame(handshake.hello(frame)));
        else if (step === 2) {
          this.#socket = { ws, transport: handshake.finish(frame).transport };
          this.connections += 1;
          this.send(this.greeting);
        } else if (this.#socket?.ws === ws) this.#take(decodeStanza(this.#socket.transport.open(frame)));
      }
    });
  }

  #take(stanza: Node): void {
    this.stanzas.push(stanza);
    const { tag, attrs } = stanza;
    const answer =
      tag === "iq"
        ? this.answers.get(`${attrs["xmlns"]} ${attrs["type"]}`)?.(stanza)
        : tag === "message"
          ? this.ack(stanza)
          : undefined;
    if (answer) this.send(answer);
    this.#came.offer();
  }
}

/** Answers how many prekeys are left; a request for somebody's keys goes to `bundles`. */
export function countAnswer(value: string, kyber: string, bundles?: IqAnswer): IqAnswer {
  return (iq) => {
    if (!child(iq, "count")) return bundles?.(iq);
    return node("iq", { id: iq.attrs["id"], type: "result" }, [node("count", { value, kyber })]);
  };
}
