import { type Dispatcher, request } from "undici";
import { BridgeError } from "../../../core/model/errors.ts";

/** What the storage service takes as a name and password; the chat service gives them out for a day or so. */
export interface StorageCredentials {
  readonly username: string;
  readonly password: string;
}

interface StorageServiceParts {
  /** The address, without a slash at the end. */
  readonly address: string;
  /** Trusts the service's certificate. */
  readonly dispatcher: Dispatcher;
  readonly userAgent: string;
  /** Asks for new credentials. */
  readonly credentials: () => Promise<StorageCredentials>;
  /** Ends requests that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

interface Call {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly body?: Uint8Array;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Milliseconds for a whole answer. */
const TIMEOUT = 30_000;
/** Bytes of an answer; a read of {@link MOST_READ} records is some hundred kilobytes. */
const MOST_BYTES = 32 * 1024 * 1024;
/** How many records are asked for at once: the service refuses far more (413). */
export const MOST_READ = 200;

/** Signal's storage service as HTTP: protobufs that are encrypted within, which this passes on as they are. */
export class StorageService {
  readonly #parts: StorageServiceParts;
  #credentials: Promise<StorageCredentials> | undefined;

  constructor(parts: StorageServiceParts) {
    this.#parts = parts;
  }

  /** A `StorageManifest` newer than a version; undefined where there is none. Throws BridgeError. */
  async manifestAfter(version: bigint): Promise<Uint8Array | undefined> {
    const { status, body } = await this.#call({
      method: "GET",
      path: `/v1/storage/manifest/version/${version}`,
    });
    if (status === 204 || status === 404) return undefined;
    if (status === 200) return body;
    throw refused(status);
  }

  /** `StorageItems` for a `ReadOperation`. Throws BridgeError. */
  async read(operation: Uint8Array): Promise<Uint8Array> {
    const { status, body } = await this.#call({ method: "PUT", path: "/v1/storage/read", body: operation });
    if (status === 200) return body;
    throw refused(status);
  }

  /** Carries out a `WriteOperation`; false where another device wrote the same version before. Throws BridgeError. */
  async write(operation: Uint8Array): Promise<boolean> {
    const { status } = await this.#call({ method: "PUT", path: "/v1/storage/", body: operation });
    if (status === 200) return true;
    if (status === 409) return false;
    throw refused(status);
  }

  async #call(call: Call): Promise<Answer> {
    const answer = await this.#send(call);
    if (answer.status !== 401 && answer.status !== 403) return answer;
    this.#credentials = undefined;
    return this.#send(call);
  }

  async #send({ method, path, body }: Call): Promise<Answer> {
    const { address, dispatcher, userAgent, credentials, stopping } = this.#parts;
    this.#credentials ??= credentials();
    const given = await this.#credentials.catch((error: unknown) => {
      this.#credentials = undefined;
      throw error;
    });
    const basic = Buffer.from(`${given.username}:${given.password}`).toString("base64");
    try {
      const answer = await request(`${address}${path}`, {
        method,
        dispatcher,
        headers: {
          authorization: `Basic ${basic}`,
          "user-agent": userAgent,
          "x-signal-agent": userAgent,
          ...(body && { "content-type": "application/x-protobuf" }),
        },
        ...(body && { body }),
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(stopping ? [stopping] : [])]),
      });
      return { status: answer.statusCode, body: await capped(answer.body) };
    } catch (cause) {
      stopping?.throwIfAborted();
      throw cause instanceof BridgeError ? cause : unreachable(cause);
    }
  }
}

async function capped(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) throw unreachable(new Error("an answer longer than any right one"));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const refused = (status: number): BridgeError =>
  new BridgeError("remote-refused", {
    words: `Signal's storage service refused (error ${status}).`,
    certain: true,
    retryAfter: 0,
  });

const unreachable = (cause: unknown): BridgeError =>
  new BridgeError("remote-unreachable", {
    words: "Signal's storage service cannot be reached at the moment.",
    certain: false,
    retryAfter: 0,
    cause,
  });
