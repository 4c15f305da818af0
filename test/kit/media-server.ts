import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { encryptMedia, type MediaUse } from "../../src/networks/meta-interop/wire/media-crypto.ts";
import type { MediaFile } from "../../src/networks/meta-interop/wire/plaintext-kinds.ts";

type Answer = (response: ServerResponse) => void;

/** A gatekeeper's media host: serves ciphertext, or does what a test tells it. */
export class MediaServer implements AsyncDisposable {
  readonly url: string;
  /** Answers by path. */
  readonly answers = new Map<string, Answer>();
  readonly asked: string[] = [];
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/whatsapp/media`;
    server.on("request", (request, response: ServerResponse) => {
      this.asked.push(request.url ?? "");
      const path = (request.url ?? "").replace("/whatsapp/media", "");
      const answer = this.answers.get(path);
      if (answer) answer(response);
      else response.writeHead(404).end();
    });
  }

  static async start(): Promise<MediaServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new MediaServer(server);
  }

  /** Encrypts and hosts a file; answers what a message states of it. */
  async put(path: string, plain: Uint8Array, use: MediaUse, mimetype = "image/png"): Promise<MediaFile> {
    const mediaKey = new Uint8Array(randomBytes(32));
    const { ciphertext, digests } = await encrypted(plain, mediaKey, use);
    this.answers.set(path, (response) => response.end(ciphertext));
    const { fileSha256, fileEncSha256, fileLength } = digests;
    return { directPath: path, mimetype, fileLength, fileSha256, mediaKey, fileEncSha256 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

async function encrypted(plain: Uint8Array, mediaKey: Uint8Array, use: MediaUse) {
  const out: Uint8Array[] = [];
  async function* source() {
    yield plain;
  }
  const stream = encryptMedia(source(), mediaKey, use);
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { ciphertext: Buffer.concat(out), digests: next.value };
    out.push(next.value);
  }
}
