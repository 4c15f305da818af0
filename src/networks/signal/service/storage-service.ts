import { durationWords } from "../../../core/model/duration-words.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import {
  basic,
  requestStorage,
  type StorageAnswer,
  type StorageHost,
  storageUnreachable,
} from "./storage-host.ts";

/** What the storage service takes as a name and password; the chat service gives them out for a day or so. */
export interface StorageCredentials {
  readonly username: string;
  readonly password: string;
}

interface StorageServiceParts extends StorageHost {
  /** Asks for new credentials. */
  readonly credentials: () => Promise<StorageCredentials>;
}

interface Call {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly body?: Uint8Array;
}

/** How many records are asked for at once: the service refuses far more (413). */
export const MOST_READ = 200;
/** Seconds to wait where the service does not say how long. */
const WAIT_WHERE_UNSAID = 60;

/** Signal's storage service as HTTP: protobufs that are encrypted within, which this passes on as they are. */
export class StorageService {
  readonly #parts: StorageServiceParts;
  #credentials: Promise<StorageCredentials> | undefined;

  constructor(parts: StorageServiceParts) {
    this.#parts = parts;
  }

  /** A `StorageManifest` newer than a version; undefined where there is none. Throws BridgeError. */
  async manifestAfter(version: bigint): Promise<Uint8Array | undefined> {
    const answer = await this.#call({
      method: "GET",
      path: `/v1/storage/manifest/version/${version}`,
    });
    const { status, body } = answer;
    if (status === 204 || status === 404) return undefined;
    if (status === 200) return body;
    throw refused(answer);
  }

  /** `StorageItems` for a `ReadOperation`. Throws BridgeError. */
  async read(operation: Uint8Array): Promise<Uint8Array> {
    const answer = await this.#call({ method: "PUT", path: "/v1/storage/read", body: operation });
    if (answer.status === 200) return answer.body;
    throw refused(answer);
  }

  /** Carries out a `WriteOperation`; false where another device wrote the same version before. Throws BridgeError. */
  async write(operation: Uint8Array): Promise<boolean> {
    const answer = await this.#call({ method: "PUT", path: "/v1/storage/", body: operation });
    if (answer.status === 200) return true;
    if (answer.status === 409) return false;
    throw refused(answer);
  }

  async #call(call: Call): Promise<StorageAnswer> {
    const answer = await this.#send(call);
    if (answer.status !== 401 && answer.status !== 403) return answer;
    this.#credentials = undefined;
    return this.#send(call);
  }

  async #send({ method, path, body }: Call): Promise<StorageAnswer> {
    const { credentials } = this.#parts;
    this.#credentials ??= credentials();
    const { username, password } = await this.#credentials.catch((error: unknown) => {
      this.#credentials = undefined;
      throw error;
    });
    return requestStorage(this.#parts, { method, path, body, authorization: basic(username, password) });
  }
}

function refused({ status, headers }: StorageAnswer): BridgeError {
  if (status >= 500) return storageUnreachable(new Error(`the storage service answered ${status}`));
  if (status === 429) {
    const wait = Number(headers["retry-after"]) || WAIT_WHERE_UNSAID;
    return new BridgeError("remote-unreachable", {
      words: `Signal's storage service takes no more from you for ${durationWords(wait)}. Try again then.`,
      certain: true,
      retryAfter: wait * 1_000,
    });
  }
  return new BridgeError("remote-refused", {
    words: `Signal's storage service did not take this (error ${status}). Try again later, or do it in Signal on your phone.`,
    certain: true,
    retryAfter: 0,
  });
}
