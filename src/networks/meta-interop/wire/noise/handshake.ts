import { create, toBinary } from "@bufbuild/protobuf";
import { WireError } from "../errors.ts";
import { HandshakeMessageSchema } from "../gen/handshake_pb.js";
import { decodeProtobuf } from "../protobuf.ts";
import { verifyChain } from "./certificate.ts";
import { TAG_LENGTH } from "./cipher-state.ts";
import { INTRO } from "./frames.ts";
import { NoiseXX } from "./noise.ts";
import { type Transport, transportOver } from "./transport.ts";
import { KEY_LENGTH, type KeyPair } from "./x25519.ts";

const sealedKey = KEY_LENGTH + TAG_LENGTH;
const nothing = new Uint8Array(0);

/** The client's side of the handshake, without a socket: what it returns goes out as a frame, in this order. */
export class ClientHandshake {
  readonly #noise: NoiseXX;
  readonly #rootKey: Uint8Array;
  readonly #now: Date;

  /** `rootKey`: the gatekeeper's pinned public key, 32 bytes. */
  constructor(options: { readonly static: KeyPair; readonly rootKey: Uint8Array; readonly now: Date }) {
    this.#noise = new NoiseXX({ role: "initiator", prologue: INTRO, static: options.static });
    this.#rootKey = options.rootKey;
    this.#now = options.now;
  }

  hello(): Uint8Array<ArrayBuffer> {
    return encode({ clientHello: { ephemeral: this.#noise.writeMessage(nothing) } });
  }

  /**
   * Proves the server by its certificates before `clientPayload` (an encoded ClientPayload, with the token in it) is sealed
   * for it. Throws `protobuf`, `noise` or `certificate`.
   */
  finish(
    serverHello: Uint8Array,
    clientPayload: Uint8Array,
  ): { readonly message: Uint8Array<ArrayBuffer>; readonly transport: Transport } {
    const { serverHello: hello } = decodeProtobuf(HandshakeMessageSchema, serverHello);
    if (hello === undefined) throw unexpected("a server hello");
    const chain = this.#noise.readMessage(
      joined([hello.ephemeral, KEY_LENGTH], [hello.static, sealedKey], hello.payload),
    );
    const serverStatic = this.#noise.remoteStatic ?? nothing;
    verifyChain(chain, { rootKey: this.#rootKey, serverStatic, now: this.#now });
    const last = this.#noise.writeMessage(clientPayload);
    const message = encode({
      clientFinish: { static: last.slice(0, sealedKey), payload: last.slice(sealedKey) },
    });
    return { message, transport: transportOver(this.#noise.split()) };
  }
}

/** The server's side. `chain`: what issueChain made for the static key. */
export class ServerHandshake {
  readonly #noise: NoiseXX;
  readonly #chain: Uint8Array;

  constructor(options: { readonly static: KeyPair; readonly chain: Uint8Array }) {
    this.#noise = new NoiseXX({ role: "responder", prologue: INTRO, static: options.static });
    this.#chain = options.chain;
  }

  /** Throws `protobuf` or `noise`. */
  hello(clientHello: Uint8Array): Uint8Array<ArrayBuffer> {
    const { clientHello: hello } = decodeProtobuf(HandshakeMessageSchema, clientHello);
    if (hello === undefined) throw unexpected("a client hello");
    this.#noise.readMessage(joined([hello.ephemeral, KEY_LENGTH], hello.payload));
    const answer = this.#noise.writeMessage(this.#chain);
    const payloadAt = KEY_LENGTH + sealedKey;
    return encode({
      serverHello: {
        ephemeral: answer.slice(0, KEY_LENGTH),
        static: answer.slice(KEY_LENGTH, payloadAt),
        payload: answer.slice(payloadAt),
      },
    });
  }

  /** `clientStatic` is proven; whose it is, the token in the payload has to say. Throws `protobuf` or `noise`. */
  finish(clientFinish: Uint8Array): {
    readonly clientPayload: Uint8Array<ArrayBuffer>;
    readonly clientStatic: Uint8Array<ArrayBuffer>;
    readonly transport: Transport;
  } {
    const { clientFinish: finish } = decodeProtobuf(HandshakeMessageSchema, clientFinish);
    if (finish === undefined) throw unexpected("a client finish");
    const clientPayload = this.#noise.readMessage(joined([finish.static, sealedKey], finish.payload));
    const clientStatic = this.#noise.remoteStatic ?? nothing;
    return { clientPayload, clientStatic, transport: transportOver(this.#noise.split()) };
  }
}

type HandshakeFields = Parameters<typeof create<typeof HandshakeMessageSchema>>[1];

const encode = (fields: HandshakeFields): Uint8Array<ArrayBuffer> =>
  toBinary(HandshakeMessageSchema, create(HandshakeMessageSchema, fields));

const unexpected = (what: string): WireError => new WireError("protobuf", `${what} was expected`);

/** The Noise message that the fields were cut from: a field of another length would move the cuts. */
function joined(...parts: readonly (Uint8Array | readonly [Uint8Array, number])[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      const [key, length] = part;
      if (key.length !== length) throw new WireError("protobuf", `a handshake's key is not ${length} bytes`);
      return key;
    }),
  );
}
