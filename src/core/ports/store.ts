import type { PortalKey, Reachability } from "../model/events.ts";
import type {
  ChatId,
  EventId,
  LoginId,
  MessageId,
  NetworkId,
  PersonId,
  RoomId,
  UserId,
} from "../model/ids.ts";
import type { AllAnswerNothing } from "./answers-nothing.ts";
import type { FamilyReads, FamilyWrites } from "./family-store.ts";
import type { Guard } from "./guards.ts";
import type {
  FormerRoomReads,
  FormerRoomWrites,
  PortalMemberReads,
  PortalMemberWrites,
  PortalReads,
  PortalWrites,
} from "./portal-store.ts";
import type {
  DeadLetterReads,
  DeadLetterWrites,
  MatrixInboxReads,
  MatrixInboxWrites,
  MatrixOutboxReads,
  MatrixOutboxWrites,
  NetworkInboxReads,
  NetworkInboxWrites,
  NetworkOutboxReads,
  NetworkOutboxWrites,
} from "./queues.ts";
import type { Contact, Ghost, Login, LoginState, Message, Reaction, Revision, Withdrawn } from "./rows.ts";
import type { SharedGroupReads, SharedGroupWrites } from "./shared-groups.ts";
import type { ToldReads, ToldWrites } from "./told.ts";

/**
 * Everything durable. Asynchronous by contract, so that a database server can serve it as well as a file.
 *
 * Reads see what has been committed. All writing goes through {@link Store.write}; a record either lands whole,
 * and is on disk when its promise resolves, or leaves nothing: it rejects with a `storage` or `unstorable` BridgeError,
 * or with a `GuardFailed` where a guard of it does not hold.
 * A store, and each of its parts, is a plain object of functions, so that one can be put around another.
 */
export interface Store extends FamilyReads, AsyncDisposable {
  /**
   * Runs `record` once, at once, to list its guards and writes, and carries them out behind those of earlier calls. It
   * must be synchronous and must do nothing but list; who must know what is there reads it before, and guards it.
   *
   * An implementation keeps the list, or sends it as it is to a database server: first the guards, on what was committed
   * before this record (there each locks the row it looked at, or the transaction is serializable and repeated), then,
   * where all hold, the writes in their order, in one transaction. Records may share one; that a guard of one does not
   * hold, or a write of one fails, is then no matter of the others.
   */
  write(record: (tx: Writes) => void): Promise<void>;
  readonly logins: LoginReads;
  readonly portals: PortalReads;
  readonly portalMembers: PortalMemberReads;
  readonly sharedGroups: SharedGroupReads;
  readonly formerRooms: FormerRoomReads;
  readonly ghosts: GhostReads;
  readonly contacts: ContactReads;
  readonly messages: MessageReads;
  readonly matrixInbox: MatrixInboxReads;
  readonly matrixOutbox: MatrixOutboxReads;
  readonly networkInbox: NetworkInboxReads;
  readonly networkOutbox: NetworkOutboxReads;
  readonly deadLetters: DeadLetterReads;
  readonly rooms: ManagementRoomReads;
  readonly reactions: ReactionReads;
  readonly revisions: RevisionReads;
  readonly learntIds: LearntIdReads;
  readonly withdrawn: WithdrawnReads;
  readonly records: RecordReads;
  readonly told: ToldReads;
}

/** What a record may list. */
export interface Writes
  extends AllAnswerNothing<{
      readonly logins: LoginWrites;
      readonly portals: PortalWrites;
      readonly portalMembers: PortalMemberWrites;
      readonly sharedGroups: SharedGroupWrites;
      readonly formerRooms: FormerRoomWrites;
      readonly ghosts: GhostWrites;
      readonly contacts: ContactWrites;
      readonly messages: MessageWrites;
      readonly matrixInbox: MatrixInboxWrites;
      readonly matrixOutbox: MatrixOutboxWrites;
      readonly networkInbox: NetworkInboxWrites;
      readonly networkOutbox: NetworkOutboxWrites;
      readonly deadLetters: DeadLetterWrites;
      readonly rooms: ManagementRoomWrites;
      readonly reactions: ReactionWrites;
      readonly revisions: RevisionWrites;
      readonly learntIds: LearntIdWrites;
      readonly withdrawn: WithdrawnWrites;
      readonly records: RecordWrites;
      readonly told: ToldWrites;
    }>,
    FamilyWrites {
  /** The record stands only where this is so; judged before its writes, which do not count. */
  guard(condition: Guard): void;
}

export interface LoginReads {
  all(): Promise<readonly Login[]>;
  get(id: LoginId): Promise<Login | undefined>;
  /** A person's logins on a network, in the order they were made. */
  of(user: UserId, network: NetworkId): Promise<readonly Login[]>;
}
export interface LoginWrites {
  add(login: Login): void;
  setState(id: LoginId, state: LoginState): void;
  /**
   * Deletes what the login has: queues, contacts, mappings and keys; its portals stay, archived. What is queued for the
   * network stays without its text, for its person to be told of.
   */
  empty(id: LoginId): void;
  /** As {@link empty}, and the login itself. */
  remove(id: LoginId): void;
  setConsent(id: LoginId, version: number, at: number): void;
  /** Its account was linked anew: what it is known by, and what the connector keeps. */
  setAccount(id: LoginId, account: Pick<Login, "visibleId" | "account">): void;
}

export interface GhostReads {
  byPerson(network: NetworkId, person: PersonId): Promise<Ghost | undefined>;
  byUser(user: UserId): Promise<Ghost | undefined>;
  /** Every ghost; asked once, at start. */
  all(): Promise<readonly Ghost[]>;
}
export interface GhostWrites {
  /** Ignored where the person has one already. */
  add(ghost: Ghost): void;
  setName(network: NetworkId, person: PersonId, name: string): void;
  setProfile(network: NetworkId, person: PersonId, profile: Ghost["profile"]): void;
  /** What the homeserver has of their names is looked at again, before the next message of each. */
  doubt(): void;
  /** The homeserver shows this name: the profile is `named`. */
  setShown(network: NetworkId, person: PersonId, shown: string): void;
  setAvatar(network: NetworkId, person: PersonId, avatar: string): void;
}

export interface ContactReads {
  get(login: LoginId, person: PersonId): Promise<Contact | undefined>;
  /** The contact of a chat between two. */
  ofChat(key: PortalKey): Promise<Contact | undefined>;
}
export interface ContactWrites {
  /** Each makes the contact where there is none yet. */
  setReachability(login: LoginId, person: PersonId, chat: ChatId, reachability: Reachability): void;
  setTrust(login: LoginId, person: PersonId, chat: ChatId, trust: Contact["trust"]): void;
  /** Their number is another one: of who was verified it is `changed`. */
  setChanged(login: LoginId, person: PersonId): void;
  setBlocked(login: LoginId, person: PersonId, chat: ChatId, blocked: boolean): void;
}

export interface MessageReads {
  /** The events that show a message, by part. */
  events(key: PortalKey, id: MessageId): Promise<readonly Message[]>;
  /**
   * Only by room and event, so that an event of another room finds nothing; the newest, where it shows several. Where
   * logins share the room, as the named one has it.
   */
  byEvent(room: RoomId, event: EventId, login?: LoginId): Promise<Message | undefined>;
  /** As {@link byEvent}, all the messages an event became, in order. */
  ofEvent(room: RoomId, event: EventId, login?: LoginId): Promise<readonly Message[]>;
  /** Parts of a message that are in the room or wait in the outbox to be. */
  parts(key: PortalKey, id: MessageId): Promise<readonly MessagePart[]>;
  /** First parts of a chat's newest messages of a sender, newest first; to be shown to a network on a person's word. */
  newest(key: PortalKey, sender: PersonId, limit: number): Promise<readonly Message[]>;
  /** Where the event of a contact's message stands in the order of sending; undefined for any other event. */
  placeOf(room: RoomId, event: EventId): Promise<number | undefined>;
  /** Contacts' messages in a room behind the place `after`, up to `upTo`: the newest, in order, at most `limit`. */
  between(
    room: RoomId,
    after: number,
    upTo: number,
    limit: number,
    login?: LoginId,
  ): Promise<readonly TheirMessage[]>;
}
export type MessagePart = Pick<Message, "part" | "sender" | "shownBy">;
export interface TheirMessage {
  readonly id: MessageId;
  readonly sender: PersonId;
}
export interface MessageWrites {
  /** `item`: which of the messages its event became. */
  add(message: Message, item?: number): void;
  /** The message is shown no more by any event. */
  remove(key: PortalKey, message: Pick<Message, "id" | "sender">): void;
}

/** The edits of messages. */
export interface RevisionReads {
  byEvent(room: RoomId, event: EventId, login?: LoginId): Promise<Revision | undefined>;
  /** By the id the network knows the edit itself by. */
  byRemote(key: PortalKey, remote: MessageId): Promise<Revision | undefined>;
  /** Those of an event of our person's, the one that clients show last. */
  ofEvent(room: RoomId, original: EventId, login?: LoginId): Promise<readonly Revision[]>;
  /** Those of a message's parts, in order. */
  ofMessage(key: PortalKey, id: MessageId): Promise<readonly Revision[]>;
}
export interface RevisionWrites {
  add(revision: Revision): void;
  remove(room: RoomId, event: EventId): void;
  /** The events of one part of somebody's message are taken out. */
  forget(key: PortalKey, message: Pick<Revision, "id" | "part" | "sender">): void;
}

/** The ids that a network gave to what was sent to it, beside the keys they are known by here. */
export interface LearntIdReads {
  /** What the network calls the message of a key. */
  of(key: PortalKey, ours: MessageId): Promise<MessageId | undefined>;
  /** The key of the message that the network calls so. */
  ours(key: PortalKey, learnt: MessageId): Promise<MessageId | undefined>;
}
export interface LearntIdWrites {
  /** The first that was learnt stays, until it is forgotten. */
  add(key: PortalKey, id: { readonly ours: MessageId; readonly learnt: MessageId }): void;
  /** What the network called so did not arrive, and is sent again. */
  forget(key: PortalKey, ours: MessageId): void;
}

/** Messages that were deleted, and parts of messages that an edit made needless. */
export interface WithdrawnReads {
  of(key: PortalKey, id: MessageId): Promise<readonly Omit<Withdrawn, "id">[]>;
}
export interface WithdrawnWrites {
  add(key: PortalKey, withdrawn: Withdrawn): void;
  remove(key: PortalKey, withdrawn: Withdrawn): void;
}

export interface ReactionReads {
  byEvent(room: RoomId, event: EventId, login?: LoginId): Promise<Reaction | undefined>;
  of(key: PortalKey, target: MessageId, sender: PersonId | undefined): Promise<Reaction | undefined>;
  ofMessage(key: PortalKey, target: MessageId): Promise<readonly Reaction[]>;
}
export interface ReactionWrites {
  /** In place of the person's earlier one. */
  put(reaction: Reaction): void;
  remove(key: PortalKey, target: MessageId, sender: PersonId | undefined): void;
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
  all(scope: string): Promise<readonly { readonly name: string; readonly value: string }[]>;
}
export interface RecordWrites {
  /** A sweep after `until`, milliseconds since the epoch, forgets it; without, it stays. */
  set(scope: string, name: string, value: string, until?: number): void;
  remove(scope: string, name: string): void;
  /** Removes all of a scope. */
  clear(scope: string): void;
  /**
   * Housekeeping: forgets what is older than the promises of the design need. Does nothing where `now` is far from
   * the time of the sweep before: that may be a clock that jumped, and a turn later it is known.
   */
  sweep(now: number): void;
}
