import type { Capabilities } from "../../core/model/capabilities.ts";
import { BridgeError } from "../../core/model/errors.ts";
import type { ChatId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { MediaFile } from "../../core/model/media.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";
import type {
  ConnectionState,
  Found,
  Journal,
  NetworkClient,
  OutgoingItem,
  RemoteSink,
  Reported,
  SafetyNumber,
} from "../../core/ports/network.ts";
import type { InteropClient } from "./client.ts";
import type { Profile } from "./profile.ts";

interface LoadingClientParts {
  /** Undefined where the store has no keys for the login. */
  readonly load: () => Promise<InteropClient | undefined>;
  readonly profile: Pick<Profile, "name" | "capabilities">;
  /** Called when the client is closed. */
  readonly closed: () => void;
  readonly sink: RemoteSink;
  readonly clock: Clock;
  readonly log: Log;
}

const LOAD_AGAIN = 2_000;

/** Stands for a login's client while its keys are read from the store. */
export class LoadingClient implements NetworkClient {
  readonly #parts: LoadingClientParts;
  readonly #client = Promise.withResolvers<InteropClient>();
  #loaded: InteropClient | undefined;
  #state: ConnectionState = { kind: "connecting" };
  #cancel: (() => void) | undefined;
  #loading: Promise<void>;
  #stopped = false;

  constructor(parts: LoadingClientParts) {
    this.#parts = parts;
    this.#client.promise.catch(() => undefined);
    this.#loading = this.#load();
  }

  get state(): ConnectionState {
    return this.#loaded?.state ?? this.#state;
  }

  capabilities(): Capabilities {
    return this.#loaded?.capabilities() ?? this.#parts.profile.capabilities;
  }

  async connected(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      const client = await Promise.race([this.#client.promise, promise]);
      await client.connected(signal);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async send(item: OutgoingItem, journal: Journal): Promise<undefined> {
    return (this.#loaded ?? (await this.#client.promise)).send(item, journal);
  }

  async find(query: string): Promise<Found> {
    return (await this.#client.promise).find(query);
  }

  markDelivered(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    this.#loaded?.markDelivered(chat, sender, ids);
  }

  markRead(chat: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void {
    this.#loaded?.markRead(chat, sender, ids, how);
  }

  setTyping(chat: ChatId, active: boolean, voice: boolean): void {
    this.#loaded?.setTyping(chat, active, voice);
  }

  async openMedia(ref: string): Promise<MediaFile> {
    return (await this.#client.promise).openMedia(ref);
  }

  async avatarOf(person: PersonId): Promise<string | undefined> {
    return (await this.#client.promise).avatarOf(person);
  }

  async setBlocked(person: PersonId, blocked: boolean): Promise<void> {
    await (await this.#client.promise).setBlocked(person, blocked);
  }

  async report(person: PersonId, messages: readonly Reported[]): Promise<void> {
    await (await this.#client.promise).report(person, messages);
  }

  async safetyNumber(person: PersonId): Promise<SafetyNumber | undefined> {
    return (await this.#client.promise).safetyNumber(person);
  }

  /** Called for the gatekeeper's push. */
  wake(): void {
    this.#loaded?.wake();
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
    const { load, profile, log, clock } = this.#parts;
    const network = profile.name;
    try {
      const client = await load();
      if (client) {
        this.#loaded = client;
        this.#client.resolve(client);
        return;
      }
      const words = `The keys of your ${network} account are missing here. Write “disable ${network.toLowerCase()}”, then enable it again.`;
      this.#change({ kind: "refused", words });
      this.#client.reject(refused(words));
    } catch (error) {
      log.error("a login's keys could not be read", faultOf(error));
      if (this.#stopped) return;
      this.#change({
        kind: "waiting",
        words: "The bridge cannot read its own storage. Trying again by itself.",
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

function refused(words: string): BridgeError {
  return new BridgeError("remote-refused", { words, certain: true });
}
