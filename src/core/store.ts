import type { MatrixEvent, Outgoing, PortalKey, Reachability, RemoteEvent } from "./events.ts";
import type {
  ChatId,
  EventId,
  LoginId,
  MessageId,
  NetworkId,
  OutboxId,
  PersonId,
  RoomId,
  UserId,
} from "./ids.ts";
import type {
  Attachment,
  Contact,
  DeadLetter,
  Ghost,
  HostedFile,
  HsInboxRow,
  HsOutboxRow,
  Login,
  LoginState,
  Message,
  NetInboxRow,
  NetOutboxRow,
  NetOutboxState,
  NewHsOutboxRow,
  Portal,
  Reaction,
} from "./rows.ts";
import type { SignalReads, SignalWrites } from "./signal-records.ts";

/**
 * Everything durable. Asynchronous by contract, so that a database server can serve it as well as a file.
 *
 * Reads see what has been committed. All writing goes through {@link Store.write}; a write either lands whole,
 * and is on disk when its promise resolves, or rejects with a `storage` BridgeError and leaves nothing.
 */
export interface Store extends AsyncDisposable {
  /**
   * Runs `record` inside a transaction shared with the other writes of the same turn. `record` must be
   * synchronous and must do nothing but write; it may be run again when a neighbour in its group fails.
   */
  write(record: (tx: Writes) => void): Promise<void>;
  readonly logins: LoginReads;
  readonly portals: PortalReads;
  readonly ghosts: GhostReads;
  readonly contacts: ContactReads;
  readonly messages: MessageReads;
  readonly hsInbox: HsInboxReads;
  readonly hsOutbox: HsOutboxReads;
  readonly netInbox: NetInboxReads;
  readonly netOutbox: NetOutboxReads;
  readonly deadLetters: DeadLetterReads;
  readonly rooms: ManagementRoomReads;
  readonly reactions: ReactionReads;
  readonly hosted: HostedFileReads;
  readonly records: RecordReads;
  readonly signal: SignalReads;
}

export interface Writes {
  readonly logins: LoginWrites;
  readonly portals: PortalWrites;
  readonly ghosts: GhostWrites;
  readonly contacts: ContactWrites;
  readonly messages: MessageWrites;
  readonly hsInbox: HsInboxWrites;
  readonly hsOutbox: HsOutboxWrites;
  readonly netInbox: NetInboxWrites;
  readonly netOutbox: NetOutboxWrites;
  readonly deadLetters: DeadLetterWrites;
  readonly rooms: ManagementRoomWrites;
  readonly reactions: ReactionWrites;
  readonly hosted: HostedFileWrites;
  readonly records: RecordWrites;
  readonly signal: SignalWrites;
}

export interface LoginReads {
  all(): Promise<readonly Login[]>;
  get(id: LoginId): Promise<Login | undefined>;
  /** A person has at most one login a network. */
  of(user: UserId, network: NetworkId): Promise<Login | undefined>;
}
export interface LoginWrites {
  add(login: Login): void;
  setState(id: LoginId, state: LoginState): void;
  setAccount(id: LoginId, account: string): void;
  /** Deletes what the login has: queues, contacts, mappings and keys; its portals stay, archived. */
  empty(id: LoginId): void;
  /** As {@link empty}, and the login itself. */
  remove(id: LoginId): void;
  setConsent(id: LoginId, version: number, at: number): void;
}

export interface PortalReads {
  byRoom(room: RoomId): Promise<Portal | undefined>;
  byChat(key: PortalKey): Promise<Portal | undefined>;
  ofLogin(login: LoginId): Promise<readonly Portal[]>;
}
export interface PortalWrites {
  /** Ignored where the chat has one already. */
  add(portal: Portal): void;
  setRoom(key: PortalKey, room: RoomId): void;
  setState(key: PortalKey, state: Portal["state"]): void;
  setMember(key: PortalKey, member: Portal["member"]): void;
  /** Forgets the chat; the next message makes a new room. */
  remove(key: PortalKey): void;
}

export interface GhostReads {
  byPerson(network: NetworkId, person: PersonId): Promise<Ghost | undefined>;
  byUser(user: UserId): Promise<Ghost | undefined>;
  /** Every ghost's user id; asked once, at start. */
  users(): Promise<readonly UserId[]>;
}
export interface GhostWrites {
  /** Ignored where the person has one already. */
  add(ghost: Ghost): void;
  setName(network: NetworkId, person: PersonId, name: string): void;
  setProfile(network: NetworkId, person: PersonId, profile: Ghost["profile"]): void;
}

export interface ContactReads {
  get(login: LoginId, person: PersonId): Promise<Contact | undefined>;
  ofLogin(login: LoginId): Promise<readonly Contact[]>;
}
export interface ContactWrites {
  put(contact: Contact): void;
  /** These make the contact where there is none yet. */
  setReachability(login: LoginId, person: PersonId, chat: ChatId, reachability: Reachability): void;
  setTrust(login: LoginId, person: PersonId, chat: ChatId, trust: Contact["trust"]): void;
  setBlocked(login: LoginId, person: PersonId, chat: ChatId, blocked: boolean): void;
}

export interface MessageReads {
  /** The events that show a message, by part. */
  events(key: PortalKey, id: MessageId): Promise<readonly Message[]>;
  /** Only by room and event, so that an event of another room finds nothing. */
  byEvent(room: RoomId, event: EventId): Promise<Message | undefined>;
  /** Parts of a message that are in the room or wait in the outbox to be. */
  parts(key: PortalKey, id: MessageId): Promise<readonly Pick<Message, "part" | "sender">[]>;
  /** First parts of a chat's newest messages of a sender, newest first; to be shown to a network on a person's word. */
  newest(key: PortalKey, sender: PersonId, limit: number): Promise<readonly Message[]>;
}
export interface MessageWrites {
  add(message: Message): void;
}

export interface ReactionReads {
  byEvent(room: RoomId, event: EventId): Promise<Reaction | undefined>;
  of(key: PortalKey, target: MessageId, sender: PersonId | undefined): Promise<Reaction | undefined>;
}
export interface ReactionWrites {
  /** In place of the person's earlier one. */
  put(reaction: Reaction): void;
  remove(key: PortalKey, target: MessageId, sender: PersonId | undefined): void;
}

export interface HostedFileReads {
  get(id: string): Promise<HostedFile | undefined>;
  /** Ids of files hosted before `at`, or of no login any more. */
  stale(at: number): Promise<readonly string[]>;
  all(): Promise<readonly string[]>;
}
export interface HostedFileWrites {
  add(file: HostedFile): void;
  remove(id: string): void;
}

/** How an event came in: pushed by the homeserver, or found by the audit stream. */
export type Via = "push" | "sync";

export interface HsInboxReads {
  /** The first events of a room that are due, in order, at most `limit`; what is held for a gap is not due. */
  next(room: RoomId, limit: number): Promise<readonly HsInboxRow[]>;
  /** Rooms with something to do, now or when the gap is over. */
  lanes(): Promise<readonly RoomId[]>;
  /** Which of these are new to us. */
  unknown(events: readonly EventId[]): Promise<ReadonlySet<EventId>>;
  count(): Promise<number>;
}
export interface HsInboxWrites {
  /**
   * Takes an event once; a known event id changes nothing. While `held` (a gap in the audit stream), pushed
   * events are placed behind everything the stream brings, and the stream moves those it knows to its own order.
   */
  take(event: MatrixEvent, via: Via, held: boolean): void;
  /** The gap is over: what was pushed meanwhile and is not in the stream follows, in the order it came. */
  release(): void;
  done(event: EventId): void;
  failed(event: EventId): void;
}

export interface HsOutboxReads {
  next(room: RoomId, limit: number): Promise<readonly HsOutboxRow[]>;
  lanes(): Promise<readonly RoomId[]>;
  get(id: OutboxId): Promise<HsOutboxRow | undefined>;
  /** The event a row was sent as. */
  eventOf(id: OutboxId): Promise<EventId | undefined>;
  count(): Promise<number>;
}
export interface HsOutboxWrites {
  add(row: NewHsOutboxRow): void;
  setAttachment(id: OutboxId, attachment: Attachment): void;
  tried(id: OutboxId, at: number): void;
  failed(id: OutboxId): void;
  /** Sent: the content is emptied; the message is linked where the row has a link, and the reaction it made knows its event. */
  sent(id: OutboxId, event: EventId): void;
  /** Given up. */
  drop(id: OutboxId): void;
}

export interface NetInboxReads {
  next(key: PortalKey, limit: number): Promise<readonly NetInboxRow[]>;
  lanes(): Promise<readonly PortalKey[]>;
  /** Whether its content was taken; that one could not be decrypted does not count, for it may come again. */
  known(login: LoginId, event: Pick<RemoteEvent, "chat" | "sender" | "id">): Promise<boolean>;
  count(): Promise<number>;
  /** What of a login's is set aside, oldest first. */
  parked(login: LoginId, limit: number): Promise<readonly Pick<NetInboxRow, "seq" | "key">[]>;
}
export interface NetInboxWrites {
  /** Taken once for each login, chat, sender, id and kind; a repeat changes nothing. */
  take(login: LoginId, event: RemoteEvent, at: number): void;
  /** Handled: the plaintext is emptied, the key stays to know repeats by. */
  done(seq: number): void;
  failed(seq: number): void;
  /** Set aside until the message it refers to is there; the lane goes on without it. */
  park(seq: number, target: MessageId): void;
  /** It was waited for long enough: what was set aside is due again, and not to be set aside any more. */
  overdue(row: Pick<NetInboxRow, "seq" | "key">): void;
  /** The message is there: what was parked for it is due again, in the order it came. */
  unpark(key: PortalKey, target: MessageId): void;
}

export interface NetOutboxReads {
  /** The first messages of a chat still to be sent, in order. */
  next(key: PortalKey, limit: number): Promise<readonly NetOutboxRow[]>;
  lanes(): Promise<readonly PortalKey[]>;
  byEvent(event: EventId): Promise<NetOutboxRow | undefined>;
  byRemote(key: PortalKey, remoteId: MessageId): Promise<NetOutboxRow | undefined>;
  count(): Promise<number>;
  /** A chat's messages that failed, oldest first. */
  failed(key: PortalKey): Promise<readonly NetOutboxRow[]>;
}
export interface NetOutboxWrites {
  /** A failed message is to be sent after all: its content is given again, its place is the last. */
  requeue(row: Pick<NetOutboxRow, "id" | "key">, outgoing: Outgoing): void;
  add(row: Omit<NetOutboxRow, "sealed" | "state" | "attempts">): void;
  /** False where it was taken back, or is with the network already. */
  seal(id: OutboxId, sealed: Uint8Array): boolean;
  failed(id: OutboxId): void;
  /**
   * Moves forward only: a late `delivered` never undoes a `read`, and what was sealed is not `cancelled`. False where
   * it does not move.
   */
  setState(id: OutboxId, state: NetOutboxState): boolean;
  /** By the network's ids; unknown ones are ignored. */
  receipt(key: PortalKey, ids: readonly MessageId[], state: "delivered" | "read"): void;
}

export interface DeadLetterReads {
  count(): Promise<number>;
  newest(limit: number): Promise<readonly DeadLetter[]>;
}
export interface DeadLetterWrites {
  add(letter: DeadLetter): void;
}

export interface ManagementRoomReads {
  of(user: UserId): Promise<RoomId | undefined>;
  owners(): Promise<readonly UserId[]>;
  owner(room: RoomId): Promise<UserId | undefined>;
}
export interface ManagementRoomWrites {
  /** A person's management room; a newer one takes the older one's place. */
  set(user: UserId, room: RoomId): void;
  remove(room: RoomId): void;
}

/**
 * Small named values: the sync token, a connector's signing keys. Scope `login/<id>`, and all that begins with
 * `login/<id>/`, is removed with the login.
 */
export interface RecordReads {
  get(scope: string, name: string): Promise<string | undefined>;
}
export interface RecordWrites {
  /** A sweep after `until`, milliseconds since the epoch, forgets it; without, it stays. */
  set(scope: string, name: string, value: string, until?: number): void;
  remove(scope: string, name: string): void;
  /**
   * Housekeeping: forgets what is older than the promises of the design need. Does nothing where `now` is far from
   * the time of the sweep before: that may be a clock that jumped, and a turn later it is known.
   */
  sweep(now: number): void;
}
