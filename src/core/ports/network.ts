import type { Capabilities } from "../model/capabilities.ts";
import type { BridgeError } from "../model/errors.ts";
import type {
  Outgoing,
  Reachability,
  RemoteEvent,
  RemoteReceipt,
  RemoteSignal,
  UnplacedDeletion,
} from "../model/events.ts";
import type { GroupInfo, NewGroup } from "../model/groups.ts";
import type { ChatId, LoginId, MessageId, NetworkId, OutboxId, PersonId } from "../model/ids.ts";
import type { HomeserverFile, MediaFile } from "../model/media.ts";
import type { OptIn, UnreachedMember } from "../model/reachability-text.ts";
import type { HttpRoute } from "./http-route.ts";
import type { LoginFlow, PersonSetting } from "./login-flow.ts";
import type { Login } from "./rows.ts";
import type { Writes } from "./store.ts";

/** A service that people are on, to which a connector speaks. */
export interface Network {
  readonly id: NetworkId;
  /** As people write it. */
  readonly name: string;
  /** `#rrggbb`, dark enough for white letters: the colour by which people know it, without any trademark. */
  readonly colour: string;
  /** What a person can type after `start-chat`, in words: `a phone number with country code`. */
  readonly addressing: string;
  /** Something of that kind, for an example: `+31612345678`. */
  readonly example?: string;
  /** Whether its chats may be groups; `chatInfo` of its clients says what each is. Without it all chats are direct. */
  readonly groups?: true;
  /**
   * Whether a login is one device of an account that its person uses in the network's own app too, where they can look
   * at what this bridge cannot show.
   */
  readonly ownApp?: true;
  /** Whether a reply has to say what it answers, in words and by the kind of its file. */
  readonly quotes?: true;
  /** Which of its people can be reached, where not all can: `who turned on third-party chats`. */
  readonly audience?: string;
  /** What its people turn on before they can be reached from here; absent where all of them can. */
  readonly optIn?: OptIn;
  /** The capabilities until a connection gives others. */
  readonly capabilities: Capabilities;
  /** How many accounts a person may have on it through this bridge. */
  readonly logins: "one" | "many";
  /** The ways to log in, at least one. */
  readonly flows: readonly LoginFlow[];
  /** The newest version of the flows' notice, which a person must have agreed to before anything they write is sent. */
  readonly noticeVersion: number;
  /** Settings that it asks of a person beside the flows; in one family a name stands for one setting. */
  readonly settings: readonly PersonSetting[];
  /** Who a login's person is to the other members of groups; absent where the network has none. */
  selfOf?(login: Login): PersonId | undefined;
  /** Withdraws the login's registration at the network; already gone is success. */
  delist(login: Login): Promise<void>;
  /** Starts the login's connection, which reconnects by itself until it is disposed. */
  connect(login: Login, bridge: RemoteSink): NetworkClient;
  /**
   * The network's id for a message of ours: asked for when its row is queued, stored with the row, and the same at each
   * try. Absent where the network gives ids itself; {@link NetworkClient.send} then returns them.
   */
  messageId?(message: NewMessage): MessageId;
  /** The routes that the network's servers use. */
  readonly routes: readonly HttpRoute[];
  /**
   * Checks without a login, and without naming anybody, whether the network can be reached and can reach us. Undefined
   * where nothing is wrong.
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
  /** How many ids made for this message were in use in the login; each call must give another id. */
  readonly taken: number;
}

/** What a network returned for a message that it has taken. */
export interface SendResult {
  /** The id the network gave it; only of networks without {@link Network.messageId}. */
  readonly id?: MessageId;
  /** For a group's new picture: the reference by which the network will tell of it. */
  readonly avatar?: string;
  /** For a message that disappears: the seconds after which it does, counted from now. */
  readonly expires?: number;
  /** Writes that are committed together with the result. */
  readonly record?: (tx: Writes) => void;
}

/** What keeps a network from being used, for the administrator. */
export interface NetworkTrouble {
  /** `proof`: the network does not accept our proof of who we are. `link`: it, or what is before it, is not reached. */
  readonly kind: "link" | "proof";
  /** The URL where it occurred. */
  readonly address: string;
  /** A sentence: what is wrong. */
  readonly what: string;
  /** A sentence or two: what to do about it. */
  readonly cure: string;
}

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  /** The connection is tried again by itself, which whoever shows the words says beside them. */
  | { readonly kind: "waiting"; readonly words: string; readonly trouble?: NetworkTrouble }
  /** The connection is not tried again: the person must act, or the administrator where there is a `trouble`. */
  | { readonly kind: "refused"; readonly words: string; readonly trouble?: NetworkTrouble };

/**
 * Why messages can no longer cross: the network withdrew or suspended this service, removed it for good, or the
 * person's account there is gone.
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
   * Sends a stored message and resolves when the network has taken it. The bytes are given to `journal` before they
   * leave; a repeat may use the stored ones. Throws BridgeError. The result is committed with the end of the message.
   * If it is lost, by a crash or on the wire, the item is sent again: it crosses once where the network drops repeats
   * of `item.id`, which is the message's id or, where the network gives ids, the client's key beside it. Where a
   * network has no place for such a key, the message may cross twice.
   */
  send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined>;
  /** Looks a contact up by what a person typed. */
  find(query: string): Promise<Found>;
  /**
   * The capabilities that the network grants now in a chat; in a direct chat without one. They may change while
   * connected; see `RemoteSink.capabilities`.
   */
  capabilities(chat?: ChatId): Capabilities;
  /**
   * What a chat is and who is in it; present where the network has groups, or our person may begin a chat on another
   * device. For a direct chat it does not ask the network. Throws BridgeError.
   */
  chatInfo?(chat: ChatId): Promise<ChatInfo>;
  /**
   * Makes a group with our person as its owner; a repeat with the same `key` makes no second one. Throws BridgeError.
   */
  createGroup?(group: NewGroup): Promise<ChatId>;
  /** Tells the network that messages arrived in the room. Best effort. */
  markDelivered?(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void;
  /** Tells the network that our person read, or played, a contact's messages. Best effort. */
  markRead?(chat: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void;
  setTyping?(chat: ChatId, active: boolean, voice: boolean): void;
  /** Fetches a file a contact sent, decrypts it and checks it whole. Throws BridgeError. */
  openMedia?(ref: string): Promise<MediaFile>;
  /**
   * The reference of a person's picture for `openMedia`, another one for another picture: empty where they have none,
   * undefined where the network does not say. Changes come as events. Throws BridgeError.
   */
  avatarOf?(person: PersonId): Promise<string | undefined>;
  setBlocked?(person: PersonId, blocked: boolean): Promise<void>;
  /**
   * Tells the network that our person accepted, or declined, that a contact writes to them, or that they were invited to
   * a group. Having answered so already is success. Throws BridgeError.
   */
  answerRequest?(chat: ChatId, accepted: boolean): Promise<void>;
  /** Reports a person, with messages that our person agreed to show. */
  report?(person: PersonId, messages: readonly Reported[]): Promise<void>;
  /** The number and scannable code that two people compare; undefined before the first message. */
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
  /** The id of {@link Network.messageId}; else the message's key: unique, and the same at each try. */
  readonly id: MessageId;
  /** The content; targets are given by the network's ids. */
  readonly outgoing: Outgoing;
  /** Opens a file of the message that is on the homeserver. Throws BridgeError. */
  open(file: HomeserverFile): Promise<MediaFile>;
}

export interface Journal {
  /** The bytes that were sealed for this message at an earlier try. */
  readonly sealed: Uint8Array | undefined;
  /**
   * Commits new bytes with the writes that belong to them; resolves when on disk. Rejects where the message may not
   * leave any more: it was taken back, or the contact's key is not the one its sender verified.
   */
  seal(sealed: Uint8Array, record: (tx: Writes) => void): Promise<void>;
  /** The writes that tell the sender how the message crosses, a sentence; they are committed with {@link seal}. */
  note(words: string): (tx: Writes) => void;
}

export type Found =
  | { readonly kind: "found"; readonly contact: NetworkContact }
  | { readonly kind: "not-found"; readonly words: string };

export interface NetworkContact {
  readonly person: PersonId;
  readonly chat: ChatId;
  readonly name: string;
  readonly reachability: Reachability;
  /** Whether it is our own person, whose chat is with oneself. */
  readonly self?: true;
}

export type Granted = (chat: ChatId) => Capabilities;

/** A chat as the network describes it. */
export type ChatInfo = DirectInfo | GroupInfo;

interface DirectInfo {
  readonly kind: "direct";
  readonly person: PersonId;
  /** Absent where the network does not say. */
  readonly name?: string;
  /** Whether `person` is our own: a chat with oneself. */
  readonly self?: true;
  /** Whether our person has yet to accept that they write; absent where the network has no such thing. */
  readonly isRequest?: boolean;
}

/** Receives what a client gives the bridge. Once a promise resolves, the network may be told. */
export interface RemoteSink {
  /**
   * Stores events, with the connector's own writes (`record`) in the same commit. Repeated events are dropped, and
   * `record` is committed all the same.
   */
  accept(events: readonly (RemoteEvent | UnplacedDeletion)[], record: (tx: Writes) => void): Promise<void>;
  receipt(receipt: RemoteReceipt): Promise<void>;
  signal(signal: RemoteSignal): void;
  /**
   * The outgoing message that a network, or of a group the member `asker`, asks for again; undefined where it is no
   * longer stored, or may not be sent to the contact now, and `held` where the member may not have it until our person
   * agrees, who is told so. It is to be called again after a session with another key was started.
   */
  again(chat: ChatId, id: MessageId, asker?: PersonId): Promise<Outgoing | "held" | undefined>;
  /**
   * The outgoing message that another device of our person's own account asks for again, which need not know its chat;
   * undefined where it is no longer stored.
   */
  againForOwn(id: MessageId): Promise<{ readonly chat: ChatId; readonly outgoing: Outgoing } | undefined>;
  /** Whether a chat is a message request that our person is yet to answer. */
  isRequest(chat: ChatId): Promise<boolean>;
  /**
   * Tells the sender why a message that the network had taken cannot be read by its receiver. Resolves when that is
   * stored.
   */
  undelivered(chat: ChatId, id: MessageId, error: BridgeError): Promise<void>;
  /**
   * Tells our person in a group's room which members do not get what they write there while the others do: of each once
   * for a reason, so that it may be called with every message. Resolves when that is stored.
   */
  unreached(chat: ChatId, members: readonly UnreachedMember[]): Promise<void>;
  /** Called when the network's capabilities have changed; `granted` gives those of a chat. */
  capabilities(granted: Granted): void;
  /**
   * Tells our person something that the network wants of them, in a sentence or two; resolves when that is stored, with
   * `record`.
   */
  tell(words: string, record: (tx: Writes) => void): Promise<void>;
  /** Called when the connection's state has changed. */
  state(state: ConnectionState): void;
  /**
   * Called when the account or the network no longer exists for us; the connection is not tried again. Resolves when
   * the consequences are stored; idempotent.
   */
  ended(what: Ended): Promise<void>;
  /** Called when a network that had withdrawn is back. As {@link ended}. */
  resumed(): Promise<void>;
}
