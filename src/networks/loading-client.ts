import type { Capabilities } from "../core/model/capabilities.ts";
import { BridgeError } from "../core/model/errors.ts";
import type { ChatId } from "../core/model/ids.ts";
import type { Clock } from "../core/ports/clock.ts";
import { faultOf, type Log } from "../core/ports/log.ts";
import type {
  ConnectionState,
  Found,
  Journal,
  NetworkClient,
  OutgoingItem,
  RemoteSink,
  SendResult,
} from "../core/ports/network.ts";

export interface LoadingClientParts<Client extends NetworkClient> {
  /** Undefined where the store has no keys for the login. */
  readonly load: () => Promise<Client | undefined>;
  /** The network. */
  readonly profile: { readonly name: string; readonly capabilities: Capabilities };
  /** What a person whose keys are missing is to write, as a sentence. */
  readonly restored: string;
  /** Called when the client is closed. */
  readonly closed: () => void;
  readonly sink: RemoteSink;
  readonly clock: Clock;
  readonly log: Log;
}

const LOAD_AGAIN = 2_000;

/**
 * Stands for a login's client while its keys are read from the store. A family's own adds what its networks can do
 * beside these.
 */
export class LoadingClient<Client extends NetworkClient> implements NetworkClient {
  readonly #parts: LoadingClientParts<Client>;
  #client = Promise.withResolvers<Client>();
  #loaded: Client | undefined;
  #state: ConnectionState = { kind: "connecting" };
  #cancel: (() => void) | undefined;
  #loading: Promise<void>;
  #stopped = false;

  constructor(parts: LoadingClientParts<Client>) {
    this.#parts = parts;
    this.#client.promise.catch(() => undefined);
    this.#loading = this.#load();
  }

  /** The client; undefined until it is loaded. */
  get loaded(): Client | undefined {
    return this.#loaded;
  }

  /** Resolves with the client when it is loaded; rejects where there is none. */
  protected get client(): Promise<Client> {
    return this.#client.promise;
  }

  get state(): ConnectionState {
    return this.#loaded?.state ?? this.#state;
  }

  capabilities(chat?: ChatId): Capabilities {
    return this.#loaded?.capabilities(chat) ?? this.#parts.profile.capabilities;
  }

  async connected(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      const client = await Promise.race([this.client, promise]);
      await client.connected(signal);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined> {
    return (this.#loaded ?? (await this.client)).send(item, journal);
  }

  async find(query: string): Promise<Found> {
    return (await this.client).find(query);
  }

  /** Closes the client and loads it anew, because what it was made of has changed. */
  async reload(): Promise<void> {
    const before = this.#loaded;
    if (!before || this.#stopped) return;
    this.#loaded = undefined;
    this.#client = Promise.withResolvers<Client>();
    this.#client.promise.catch(() => undefined);
    this.#change({ kind: "connecting" });
    this.#loading = this.#loadAfter(before);
    await this.#loading;
  }

  async #loadAfter(before: Client): Promise<void> {
    await before[Symbol.asyncDispose]();
    if (!this.#stopped) await this.#load();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    this.#parts.closed();
    await this.#loading;
    const words = "The connection was closed.";
    this.#client.reject(new BridgeError("remote-unreachable", { words, certain: true, retryAfter: 0 }));
    await this.#loaded?.[Symbol.asyncDispose]();
  }

  async #load(): Promise<void> {
    const { load, profile, restored, log, clock } = this.#parts;
    try {
      const client = await load();
      if (client) {
        this.#loaded = client;
        this.#client.resolve(client);
        return;
      }
      const words = `The keys of your ${profile.name} account are missing here. ${restored}`;
      this.#change({ kind: "refused", words });
      this.#client.reject(new BridgeError("remote-refused", { words, certain: true }));
    } catch (error) {
      log.error("a login's keys could not be read", faultOf(error));
      if (this.#stopped) return;
      this.#change({
        kind: "waiting",
        words: "The bridge cannot read its own storage.",
      });
      this.#cancel = clock.after(LOAD_AGAIN, () => {
        this.#loading = this.#load();
      });
    }
  }

  #change(state: ConnectionState): void {
    this.#state = state;
    this.#parts.sink.state(state);
  }
}
