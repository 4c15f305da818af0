/** A connection to the sandbox's chat endpoint, as a third party's client opens it; stanzas in and out. */
import { once } from "node:events";
import { create, toBinary } from "@bufbuild/protobuf";
import WebSocket from "ws";
import {
  ClientPayload_Product,
  ClientPayloadSchema,
} from "../../src/networks/meta-interop/wire/gen/handshake_pb.js";
import { type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { encodeFrame, FrameDecoder, INTRO } from "../../src/networks/meta-interop/wire/noise/frames.ts";
import { ClientHandshake } from "../../src/networks/meta-interop/wire/noise/handshake.ts";
import type { Transport } from "../../src/networks/meta-interop/wire/noise/transport.ts";
import type { KeyPair } from "../../src/networks/meta-interop/wire/noise/x25519.ts";
import { decodeStanza } from "../../src/networks/meta-interop/wire/stanza-decode.ts";
import { encodeStanza } from "../../src/networks/meta-interop/wire/stanza-encode.ts";
import type { Enlisted, ThirdParty } from "./third-party.ts";

type Matcher = (stanza: Node) => boolean;

export interface Credentials {
  readonly token: string;
  readonly accountId: string;
  readonly noise: KeyPair;
  readonly product: ClientPayload_Product;
}

/** The acknowledgement that a delivered stanza asks for. */
function ackFor({ tag, attrs }: Node): Node {
  return node("ack", {
    class: tag,
    id: attrs["id"],
    to: attrs["from"],
    type: tag === "message" ? undefined : attrs["type"],
  });
}

export class ChatClient implements AsyncDisposable {
  readonly #ws: WebSocket;
  #transport: Transport | undefined;
  readonly stanzas: Node[] = [];
  readonly closed: Promise<void>;
  #waiting: { readonly matches: Matcher; readonly resolve: (stanza: Node) => void }[] = [];
  #requests = 0;
  /** Called with every stanza before it is kept. */
  onStanza: ((stanza: Node) => void) | undefined;
  /** Acknowledges what must be acknowledged. */
  autoAck = true;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    this.closed = once(ws, "close").then(() => undefined);
  }

  /** Resolves when `<success/>` or `<failure/>` is there. */
  static async open(login: Enlisted, { token, accountId, noise, product }: Credentials): Promise<ChatClient> {
    const ws = new WebSocket(login.chatUrl, { perMessageDeflate: false });
    await once(ws, "open");
    const client = new ChatClient(ws);
    const rootKey = Buffer.from(login.network.root_key, "base64");
    const handshake = new ClientHandshake({ static: noise, rootKey, now: new Date() });
    const decoder = new FrameDecoder({ expectIntro: false });
    const answered = client.next(({ tag }) => tag === "success" || tag === "failure");
    ws.on("message", (data: Buffer) => {
      for (const frame of decoder.push(data)) {
        if (client.#transport !== undefined) {
          client.#take(decodeStanza(client.#transport.open(frame)));
          continue;
        }
        const payload = create(ClientPayloadSchema, {
          product,
          device: 0,
          interopData: { accountId: BigInt(accountId), token: Buffer.from(token) },
        });
        const { message, transport } = handshake.finish(frame, toBinary(ClientPayloadSchema, payload));
        client.#transport = transport;
        ws.send(encodeFrame(message));
      }
    });
    ws.send(Buffer.concat([INTRO, encodeFrame(handshake.hello())]));
    await Promise.race([answered, client.closed]);
    return client;
  }

  static async connect(party: ThirdParty, login: Enlisted): Promise<ChatClient> {
    const token = await party.token(login.noise, login.sub, login.chatUrl);
    const messenger = login.chatUrl.includes("/messenger/");
    const product = messenger ? ClientPayload_Product.INTEROP_MSGR : ClientPayload_Product.INTEROP;
    return ChatClient.open(login, { token, accountId: login.accountId, noise: login.noise, product });
  }

  send(stanza: Node): void {
    if (this.#transport === undefined) throw new Error("not connected");
    this.#ws.send(encodeFrame(this.#transport.seal(encodeStanza(stanza))));
  }

  /** Raw bytes on the socket, for hostile tests. */
  sendRaw(bytes: Uint8Array): void {
    this.#ws.send(bytes);
  }

  /** A sealed frame of anything. */
  sendSealed(bytes: Uint8Array): void {
    if (this.#transport === undefined) throw new Error("not connected");
    this.#ws.send(encodeFrame(this.#transport.seal(bytes)));
  }

  /** The next matching stanza that no other call has taken; call it before the act. */
  next(matches: Matcher): Promise<Node> {
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }));
  }

  /** A matching stanza, received already or later. */
  seen(matches: Matcher): Promise<Node> {
    const there = this.stanzas.find(matches);
    return there === undefined ? this.next(matches) : Promise.resolve(there);
  }

  /** An `<iq>` and its answer. */
  ask(xmlns: string, type: "get" | "set", content: readonly Node[], to = "s.whatsapp.net"): Promise<Node> {
    this.#requests += 1;
    const id = `iq${this.#requests}`;
    const answer = this.next(
      ({ tag, attrs }) => tag === "iq" && attrs["id"] === id && attrs["type"] !== "get",
    );
    this.send(node("iq", { id, type, xmlns, to }, content));
    return answer;
  }

  terminate(): void {
    this.#ws.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ws.close();
    await this.closed;
  }

  #take(stanza: Node): void {
    this.onStanza?.(stanza);
    this.stanzas.push(stanza);
    const i = this.#waiting.findIndex(({ matches }) => matches(stanza));
    if (i >= 0) this.#waiting.splice(i, 1)[0]?.resolve(stanza);
    if (this.autoAck && ["message", "receipt", "notification", "call"].includes(stanza.tag))
      this.send(ackFor(stanza));
  }
}
