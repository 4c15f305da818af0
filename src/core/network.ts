import type { Outgoing, Reachability, RemoteEvent, RemoteReceipt, RemoteSignal } from "./events.ts";
import type { ChatId, LoginId, MessageId, NetworkId, OutboxId, PersonId, UserId } from "./ids.ts";
import type { Login } from "./rows.ts";
import type { Writes } from "./store.ts";

/** A family of chats people can turn on: WhatsApp, Messenger. A connector implements it. */
export interface Network {
  readonly id: NetworkId;
  /** As people write it: `WhatsApp`. */
  readonly name: string;
  /** What a person can type after `start-chat`, in words: `a phone number with country code`. */
  readonly addressing: string;
  readonly limits: Limits;
  /** What a person must read before anything about them leaves the house. */
  readonly notice: Notice;
  /**
   * Registers a person with the network. Repeating it for the same person gives the same account.
   * Throws BridgeError with words for the person.
   */
  enlist(request: { readonly login: LoginId; readonly user: UserId }): Promise<Enlisted>;
  /** Takes the registration back; already gone is success. */
  delist(login: Login): Promise<void>;
  /** Starts the login's connection, which reconnects by itself until it is disposed. */
  connect(login: Login, bridge: RemoteSink): NetworkClient;
  /** What the network's servers may ask of ours. */
  readonly routes: readonly HttpRoute[];
}

export interface Limits {
  /** Characters (UTF-16 code units) a text may have. */
  readonly text: number;
}

export interface Notice {
  readonly version: number;
  /** Paragraphs of plain text. */
  readonly paragraphs: readonly string[];
}

export interface Enlisted {
  readonly visibleId: string;
  /** The connector's own JSON, kept in the login. */
  readonly account: string;
  /** What else must be in the store when the login is. */
  record(tx: Writes): void;
}

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  /** Trying again by itself. */
  | { readonly kind: "waiting"; readonly words: string }
  /** Not trying again: the person must do something. */
  | { readonly kind: "refused"; readonly words: string };

/** One login's connection. An ability a network lacks is a method that is not there. */
export interface NetworkClient extends AsyncDisposable {
  readonly state: ConnectionState;
  /** Resolves when connected, or rejects when `signal` aborts. */
  connected(signal: AbortSignal): Promise<void>;
  /**
   * Sends a stored message and resolves when the network has taken it. The bytes are given to `journal` before
   * they leave; on a repeat the connector may use those it stored before. Throws BridgeError.
   */
  send(item: OutgoingItem, journal: Journal): Promise<void>;
  /** Looks a contact up by what a person typed. */
  find(query: string): Promise<Found>;
  /** Tells the network that messages arrived in the room. Best effort. */
  markDelivered?(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void;
}

export interface OutgoingItem {
  readonly chat: ChatId;
  readonly id: MessageId;
  readonly outgoing: Outgoing;
}

export interface Journal {
  /** What was sealed for this message at an earlier try. */
  readonly sealed: Uint8Array | undefined;
  /** Commits new bytes together with what made them; resolves when on disk. */
  seal(sealed: Uint8Array, record: (tx: Writes) => void): Promise<void>;
}

export type Found =
  | { readonly kind: "found"; readonly contact: NetworkContact }
  | { readonly kind: "not-found"; readonly words: string };

export interface NetworkContact {
  readonly person: PersonId;
  readonly chat: ChatId;
  readonly name: string;
  readonly reachability: Reachability;
}

/** What a client gives the bridge. Once a promise resolves, the network may be told. */
export interface RemoteSink {
  /**
   * Stores events with what the connector must store in the same commit (`record`). Events known already are
   * dropped, `record` is committed all the same.
   */
  accept(events: readonly RemoteEvent[], record: (tx: Writes) => void): Promise<void>;
  receipt(receipt: RemoteReceipt): Promise<void>;
  signal(signal: RemoteSignal): void;
  /** The outgoing message a network asks for again; undefined when it is no longer kept. */
  again(chat: ChatId, id: MessageId): Promise<Outgoing | undefined>;
  /** The connection came up, went down, or was refused. */
  state(state: ConnectionState): void;
  /** The network tells that the account is no longer one: taken back, or the integrator was removed. */
  ended(words: string): void;
}

/** A message id for the network made from an outbox row's id; the same row always gives the same. */
export type MessageIdOf = (row: OutboxId) => MessageId;

export interface HttpRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}
export interface HttpRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  handle(request: HttpRequest): Promise<HttpReply>;
}
