import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { Cdn } from "../../src/networks/signal/media/cdn.ts";
import { selfSigned } from "./self-signed.ts";

/** Imported when it is needed: its libsignal cannot be required while ours is being loaded. */
const mocksCrypto = () => import("@signalapp/mock-server/src/crypto.js");
type Encrypt = Awaited<ReturnType<typeof mocksCrypto>>["encryptAttachment"];

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A host of files as Signal's, with a certificate of its own: serves what a test puts there, or does what it is told. */
export class SignalCdn implements AsyncDisposable {
  readonly origin: string;
  /** What a bridge reaches it by. */
  readonly cdn: Cdn;
  /** Answers by method and path, as `GET /attachments/a`. */
  readonly answers = new Map<string, Answer>();
  readonly asked: string[] = [];
  readonly #server: Server;

  readonly #encrypt: Encrypt;

  private constructor(server: Server, encrypt: Encrypt) {
    this.#server = server;
    this.#encrypt = encrypt;
    this.origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    const cdns = new Map([0, 2, 3].map((number) => [number, this.origin]));
    this.cdn = new Cdn({ servers: { cdns, ca: selfSigned.cert }, userAgent: "a bridge" });
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const asked = `${request.method} ${request.url}`;
      this.asked.push(asked);
      const answer = this.answers.get(asked);
      if (answer) answer(response, request);
      else response.writeHead(404).end();
    });
  }

  static async start(): Promise<SignalCdn> {
    const { encryptAttachment } = await mocksCrypto();
    const server = createServer(selfSigned).listen(0, "localhost");
    await once(server, "listening");
    return new SignalCdn(server, encryptAttachment);
  }

  serve(path: string, blob: Uint8Array): void {
    this.answers.set(`GET ${path}`, (response) => response.end(blob));
  }

  /** Encrypts and serves a file as the mock server's phones do; answers what a message says of it. */
  attachment(cdnKey: string, plain: Uint8Array) {
    const secrets = { aesKey: randomBytes(32), macKey: randomBytes(32), iv: randomBytes(16) };
    const { blob, key, digest, size } = this.#encrypt(Buffer.from(plain), secrets);
    this.serve(`/attachments/${cdnKey}`, blob);
    return { cdn: 3, cdnKey, key, digest, size, blob };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cdn[Symbol.asyncDispose]();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
