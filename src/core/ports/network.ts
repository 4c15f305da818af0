import type { Capabilities } from "../model/capabilities.ts";
import type { BridgeError } from "../model/errors.ts";
import type {
  Outgoing,
  Reachability,
  RemoteEvent,
  RemoteReceipt,
  RemoteSignal,
  Role,
  UnplacedDeletion,
} from "../model/events.ts";
import type { ChatId, LoginId, MessageId, NetworkId, OutboxId, PersonId } from "../model/ids.ts";
import type { MediaFile } from "../model/media.ts";
import type { LoginFlow, PersonSetting } from "./login-flow.ts";
import type { Login } from "./rows.ts";
import type { Writes } from "./store.ts";

/** A service people are on, which a connector speaks to. */
export interface Network {
  readonly id: NetworkId;
  /** As people write it. */
  readonly name: string;
  /** `#rrggbb`, dark enough for white letters: what people know it by, without anybody's mark. */
  readonly colour: string;
  /** What a person can type after `start-chat`, in words: `a phone number with country code`. */
  readonly addressing: string;
  /** Its chats may be groups: what each is, its clients' `chatInfo` says. Absent: all chats are between two. */
  readonly groups?: true;
  /** Which of its people can be written with, where not all can: `who turned on third-party chats`. */
  readonly audience?: string;
  /** Before a connection has told more. */
  readonly capabilities: Capabilities;
  /** How many accounts a person may have on it through this bridge. */
  readonly logins: "one" | "many";
  /** The ways to log in, at least one. */
  readonly flows: readonly LoginFlow[];
  /** What a person must have agreed to before anything they write is sent: the newest version of the flows' notice. */
  readonly noticeVersion: number;
  /** What it asks of a person beside the flows; of one family each name stands for one setting. */
  readonly settings: readonly PersonSetting[];
  /** Takes the login back at the network; already gone is success. */
  delist(login: Login): Promise<void>;
  /** Starts the login's connection, which reconnects by itself until it is disposed. */
  connect(login: Login, bridge: RemoteSink): NetworkClient;
  /**
   * The id that the network is to know a message of ours by: asked when its row is queued, stored with the row, and the
   * same at each try. Absent where the network gives ids itself; {@link NetworkClient.send} answers with them.
   */
  messageId?(message: NewMessage): MessageId;
  /** What the network's servers may ask of ours. */
  readonly routes: readonly HttpRoute[];
  /**
   * Tries what can be tried without anybody's login: whether the network is reached, and reaches us. Undefined where
   * nothing is wrong. Tells nothing about anybody.
   */
  check?(): Promise<NetworkTrouble | undefined>;
}

/** A message of ours that is about to be queued. */
export interface NewMessage {
  /** Unique, and random in part. */
  readonly row: OutboxId;
  readonly login: LoginId;
  readonly chat: ChatId;
  /** Milliseconds since the epoch, our clock, which may be set back. */
  readonly at: number;
  /** How many ids made for this message were another's of the login; each must give another id. */
  readonly taken: number;
}

/** What a network answers of a message it has taken. */
export interface Taken {
  /** The id the network gave it; only of networks without {@link Network.messageId}. */
  readonly id?: MessageId;
  /** What must be in the store when that is. */
  readonly record?: (tx: Writes) => void;
}

/** What keeps a network from being used, for the administrator. */
export interface NetworkTrouble {
  /** `proof`: the network does not believe who we are. `link`: everything before that. */
  readonly kind: "link" | "proof";
  /** Where it was met: a URL. */
  readonly address: string;
  /** A sentence: what is wrong. */
  readonly what: string;
  /** A sentence or two: what to do about it. */
  readonly cure: string;
}

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  /** Trying again by itself. */
  | { readonly kind: "waiting"; readonly words: string; readonly trouble?: NetworkTrouble }
  /** Not trying again: the person must do something, or the administrator where there is a `trouble`. */
  | { readonly kind: "refused"; readonly words: string; readonly trouble?: NetworkTrouble };

/**
 * Why nothing can be carried any more: the network withdrew, or suspends this service; it removed this service for
 * good; or the person's account there is gone.
 */
export interface Ended {
  readonly kind: "withdrawn" | "removed" | "gone";
  /** A sentence for the person. */
  readonly words: string;
}

/** One login's connection. An ability a network lacks is a method that is not there. */
export interface NetworkClient extends AsyncDisposable {
  readonly state: ConnectionState;
  /** Resolves when connected, or rejects when `signal` aborts. */
  connected(signal: AbortSignal): Promise<void>;
  /**
   * Sends a stored message and resolves when the network has taken it. The bytes are given to `journal` before
   * they leave; on a repeat the connector may use those it stored before. Throws BridgeError.
   *
   * What it answers is committed with the end of the message. Where that is lost, by a crash or on the wire, the same
   * item is sent again: it crosses once where the network drops repeats of `item.id`, be it the message's id or, where
   * the network gives ids, the client's key beside it. Where a network has no place for such a key, the message may
   * cross twice.
   */
  send(item: OutgoingItem, journal: Journal): Promise<Taken | undefined>;
  /** Looks a contact up by what a person typed. */
  find(query: string): Promise<Found>;
  /**
   * What the network grants now in a chat; in a chat between two where none is named. It may change while connected;
   * see `RemoteSink.capabilities`.
   */
  capabilities(chat?: ChatId): Capabilities;
  /**
   * What a chat is and who is in it; there where the network has groups. Of a chat between two it answers without
   * asking the network. Throws BridgeError.
   */
  chatInfo?(chat: ChatId): Promise<ChatInfo>;
  /** Tells the network that messages arrived in the room. Best effort. */
  markDelivered?(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void;
  /** Tells the network that our person read, or played, a contact's messages. Best effort. */
  markRead?(chat: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void;
  setTyping?(chat: ChatId, active: boolean, voice: boolean): void;
  /** Fetches a file a contact sent, decrypts it and checks it whole. Throws BridgeError. */
  openMedia?(ref: string): Promise<MediaFile>;
  setBlocked?(person: PersonId, blocked: boolean): Promise<void>;
  /** Hands messages the person agreed to show over to the network. */
  report?(person: PersonId, messages: readonly Reported[]): Promise<void>;
  /** The number and scannable code two people compare; undefined while no message was exchanged. */
  safetyNumber?(person: PersonId): Promise<SafetyNumber | undefined>;
}

export interface Reported {
  readonly id: MessageId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

export interface SafetyNumber {
  /** 60 digits. */
  readonly digits: string;
  readonly scannable: Uint8Array;
}

export interface OutgoingItem {
  readonly chat: ChatId;
  /** What {@link Network.messageId} gave; else the message's key: unique, and the same at each try. */
  readonly id: MessageId;
  /** What it refers to is named by the network's ids. */
  readonly outgoing: Outgoing;
  /** Opens a file of the message that is on the homeserver. Throws BridgeError. */
  open(uri: string): Promise<MediaFile>;
}

export interface Journal {
  /** What was sealed for this message at an earlier try. */
  readonly sealed: Uint8Array | undefined;
  /**
   * Commits new bytes together with what made them; resolves when on disk. Rejects where the message may not leave any
   * more: it was taken back, or the contact's key is not the one its writer compared.
   */
  seal(sealed: Uint8Array, record: (tx: Writes) => void): Promise<void>;
  /** What the sender should know of how it crosses, a sentence: to be recorded with {@link seal}. */
  remark(words: string): (tx: Writes) => void;
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

export type Granted = (chat: ChatId) => Capabilities;

/** What the network knows of a chat. */
export type ChatInfo = DirectInfo | GroupInfo;

interface DirectInfo {
  readonly kind: "direct";
  readonly person: PersonId;
  /** Absent where the network does not say. */
  readonly name?: string;
}

export interface GroupInfo {
  readonly kind: "group";
  /** Empty where the network has none. */
  readonly name: string;
  readonly topic?: string;
  /** What `openMedia` brings the picture by: another word for another picture. */
  readonly avatar?: string;
  /** All who are in it, our person too. */
  readonly members: readonly GroupMember[];
  /** Who our person is to the others there: as whom their own messages come to another login. */
  readonly self?: PersonId;
}

interface GroupMember {
  /** Undefined for our own person. */
  readonly person: PersonId | undefined;
  readonly role: Role;
  readonly name?: string;
}

/** What a client gives the bridge. Once a promise resolves, the network may be told. */
export interface RemoteSink {
  /**
   * Stores events with what the connector must store in the same commit (`record`). Events known already are
   * dropped, `record` is committed all the same.
   */
  accept(events: readonly (RemoteEvent | UnplacedDeletion)[], record: (tx: Writes) => void): Promise<void>;
  receipt(receipt: RemoteReceipt): Promise<void>;
  signal(signal: RemoteSignal): void;
  /**
   * The outgoing message a network asks for again; undefined when it is no longer kept, or may not be sent to that
   * contact now. To be asked once more where answering began a session with another key.
   */
  again(chat: ChatId, id: MessageId): Promise<Outgoing | undefined>;
  /**
   * A message the network had taken could not be read by its receiver, and does not get there: its writer is told why.
   * Resolves when that is stored.
   */
  undelivered(chat: ChatId, id: MessageId, error: BridgeError): Promise<void>;
  /** What the network grants has changed; `granted` says what it is in a chat. */
  capabilities(granted: Granted): void;
  /** The connection came up, went down, or was refused. */
  state(state: ConnectionState): void;
  /**
   * The account, or the whole network, is no longer there for us; the connection does not try again by itself.
   * Resolves when what follows is stored; repeating it changes nothing.
   */
  ended(what: Ended): Promise<void>;
  /** A network that had withdrawn is back. As {@link ended}. */
  resumed(): Promise<void>;
}

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
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}
export interface HttpRoute {
  readonly method: "GET" | "POST";
  /** Exact, or a prefix where it ends in `/*`. */
  readonly path: string;
  handle(request: HttpRequest): Promise<HttpReply>;
}
