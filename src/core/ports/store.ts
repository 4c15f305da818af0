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
import type { ExpiryReads, ExpiryWrites } from "./expiries.ts";
import type { AllAnswerNothing, FamilyReads, FamilyWrites } from "./family-store.ts";
import type { GhostPicture } from "./ghost-pictures.ts";
import type { Guard } from "./guards.ts";
import type { PersonDataReads, PersonDataWrites } from "./person-data.ts";
import type {
  FormerIdReads,
  FormerIdWrites,
  FormerRoomReads,
  FormerRoomWrites,
  PortalMemberReads,
  PortalMemberWrites,
  PortalReads,
  PortalWrites,
  RequestAnswerReads,
  RequestAnswerWrites,
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
import type { MessageStatusWrites, ToldReads, ToldWrites } from "./told.ts";

/**
 * All stored data. Asynchronous, so that a database server can implement it as well as a file. Reads see what is
 * committed. All writing goes through {@link Store.write}: a record is committed as a whole, and is on disk when its
 * promise resolves; or nothing of it is, and it rejects with a `storage` or `unstorable` BridgeError, or with a
 * `GuardFailed` where one of its guards does not hold. A store, and each of its parts, is a plain object of functions,
 * so that one can be wrapped around another.
 */
export interface Store extends FamilyReads, AsyncDisposable {
  /**
   * Runs `record` at once to list its guards and writes, and carries them out after those of earlier calls. `record`
   * must be synchronous and only list; whoever needs to know stored values reads them before, and guards them. An
   * implementation keeps the list, or sends it to a database server: first the guards, on what was committed before
   * this record (there each locks the row it checks, or the transaction is serializable and repeated), then, where all
   * hold, the writes in order, in one transaction. Records may share a transaction; a failed guard or write of one does
   * not affect the others.
   */
  write(record: (tx: Writes) => void): Promise<void>;
  readonly logins: LoginReads;
  readonly portals: PortalReads;
  readonly portalMembers: PortalMemberReads;
  readonly sharedGroups: SharedGroupReads;
  readonly formerRooms: FormerRoomReads;
  readonly formerIds: FormerIdReads;
  readonly requestAnswers: RequestAnswerReads;
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
  readonly expiries: ExpiryReads;
  readonly records: RecordReads;
  readonly told: ToldReads;
  readonly personData: PersonDataReads;
}

/** What a record can list. */
export interface Writes
  extends AllAnswerNothing<{
      readonly logins: LoginWrites;
      readonly portals: PortalWrites;
      readonly portalMembers: PortalMemberWrites;
      readonly sharedGroups: SharedGroupWrites;
      readonly formerRooms: FormerRoomWrites;
      readonly formerIds: FormerIdWrites;
      readonly requestAnswers: RequestAnswerWrites;
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
      readonly expiries: ExpiryWrites;
      readonly records: RecordWrites;
      readonly told: ToldWrites;
      readonly messageStatuses: MessageStatusWrites;
      readonly personData: PersonDataWrites;
    }>,
    FamilyWrites {
  /** Commits the record only where the condition holds, judged before its writes. */
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
  /** Deletes the login's data and keys. Its portals stay, archived, and rows queued for the network, without their text. */
  empty(id: LoginId): void;
  /** As {@link empty}, and the login itself. */
  remove(id: LoginId): void;
  setConsent(id: LoginId, version: number, at: number): void;
  /** Sets the account after a new link: its visible id, and the connector's data. */
  setAccount(id: LoginId, account: Pick<Login, "visibleId" | "account">): void;
}

export interface GhostReads {
  byPerson(network: NetworkId, person: PersonId): Promise<Ghost | undefined>;
  byUser(user: UserId): Promise<Ghost | undefined>;
  /** Every ghost; read once, at the start. */
  all(): Promise<readonly Ghost[]>;
  /** A person's picture that is not fetched yet. */
  unfetched(network: NetworkId, person: PersonId): Promise<GhostPicture | undefined>;
  /** All of {@link unfetched}. */
  allUnfetched(): Promise<readonly GhostPicture[]>;
}
export interface GhostWrites {
  /** Adds a ghost; ignored where the person has one, or the user is another person's. */
  add(ghost: Ghost): void;
  setName(network: NetworkId, person: PersonId, name: string): void;
  setProfile(network: NetworkId, person: PersonId, profile: Ghost["profile"]): void;
  /** Has a ghost's own picture fetched again. */
  forgetPicture(network: NetworkId, person: PersonId): void;
  /** Has every ghost's profile checked again before their next message, and their own pictures fetched again. */
  doubt(): void;
  /** Stores that the homeserver shows this name: the profile is `named`. */
  setShown(network: NetworkId, person: PersonId, shown: string): void;
  setAvatar(network: NetworkId, person: PersonId, avatar: string): void;
  /** Stores which picture a ghost's person has, which is to be fetched; an empty reference for none. */
  tellPicture(picture: GhostPicture): void;
  /** Stores where a person's picture is at the homeserver; it is fetched, unless another was told of meanwhile. */
  setPicture(picture: GhostPicture, uri: string): void;
}

export interface ContactReads {
  get(login: LoginId, person: PersonId): Promise<Contact | undefined>;
  /** The contact of a direct chat. */
  ofChat(key: PortalKey): Promise<Contact | undefined>;
  /** Somebody who is in a group, and whose trust is `changed`. */
  changedIn(key: PortalKey): Promise<Contact | undefined>;
}
export interface ContactWrites {
  /** Each makes the contact where there is none yet. */
  setReachability(login: LoginId, person: PersonId, chat: ChatId, reachability: Reachability): void;
  setTrust(login: LoginId, person: PersonId, chat: ChatId, trust: Contact["trust"]): void;
  /** Makes the trust of a verified contact `changed`. */
  setChanged(login: LoginId, person: PersonId): void;
  setBlocked(login: LoginId, person: PersonId, chat: ChatId, blocked: boolean): void;
}

export interface MessageReads {
  /** The events that show a message, in the order of its parts. */
  events(key: PortalKey, id: MessageId): Promise<readonly Message[]>;
  /** By room and event, as an event of another room finds nothing; the newest of several, as the named login has it. */
  byEvent(room: RoomId, event: EventId, login?: LoginId): Promise<Message | undefined>;
  /** As {@link byEvent}, with all messages of the event, in order. */
  ofEvent(room: RoomId, event: EventId, login?: LoginId): Promise<readonly Message[]>;
  /** The parts of a message that are in the room or queued for it. */
  parts(key: PortalKey, id: MessageId): Promise<readonly MessagePart[]>;
  /** The first parts of a sender's newest messages in a chat, newest first; for a report. */
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
  /** `item`: the index among the messages of its event. */
  add(message: Message, item?: number): void;
  /** Removes a message that no event shows any more. */
  remove(key: PortalKey, message: Pick<Message, "id" | "sender">): void;
}

/** The edits of messages. */
export interface RevisionReads {
  byEvent(room: RoomId, event: EventId, login?: LoginId): Promise<Revision | undefined>;
  /** Finds an edit by the network's id of it. */
  byRemote(key: PortalKey, remote: MessageId): Promise<Revision | undefined>;
  /** The edits of our person's event, in the order in which clients apply them. */
  ofEvent(room: RoomId, original: EventId, login?: LoginId): Promise<readonly Revision[]>;
  /** The edits of a message's parts, in order. */
  ofMessage(key: PortalKey, id: MessageId): Promise<readonly Revision[]>;
}
export interface RevisionWrites {
  add(revision: Revision): void;
  remove(room: RoomId, event: EventId): void;
  /** Forgets the edits' events of one part of a message. */
  forget(key: PortalKey, message: Pick<Revision, "id" | "part" | "sender">): void;
}

/** The ids that a network gave to our messages, beside the keys that stand for them here. */
export interface LearntIdReads {
  /** The network's id of the message of a key. */
  of(key: PortalKey, ours: MessageId): Promise<MessageId | undefined>;
  /** The key of the message of a network's id. */
  ours(key: PortalKey, learnt: MessageId): Promise<MessageId | undefined>;
}
export interface LearntIdWrites {
  /** The first that was learnt stays, until it is forgotten. */
  add(key: PortalKey, id: { readonly ours: MessageId; readonly learnt: MessageId }): void;
  /** What the network called so did not arrive, and is sent again. */
  forget(key: PortalKey, ours: MessageId): void;
}

/** Deleted messages, and parts that an edit made needless. */
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
  /** Stores a reaction in place of the person's earlier one. */
  put(reaction: Reaction): void;
  remove(key: PortalKey, target: MessageId, sender: PersonId | undefined): void;
}

export interface ManagementRoomReads {
  of(user: UserId): Promise<RoomId | undefined>;
  owners(): Promise<readonly UserId[]>;
  owner(room: RoomId): Promise<UserId | undefined>;
}
export interface ManagementRoomWrites {
  /** Sets a person's management room, in place of an older one. */
  set(user: UserId, room: RoomId): void;
  remove(room: RoomId): void;
}

/**
 * Small named values, such as the sync token or a connector's signing keys. Scope `login/<id>`, and all that begin with
 * `login/<id>/`, are removed with the login.
 */
export interface RecordReads {
  get(scope: string, name: string): Promise<string | undefined>;
  all(scope: string): Promise<readonly { readonly name: string; readonly value: string }[]>;
}
export interface RecordWrites {
  /** Sets a value. A sweep deletes it after `until`, in milliseconds since the epoch; without, it stays. */
  set(scope: string, name: string, value: string, until?: number): void;
  remove(scope: string, name: string): void;
  /** Removes all values of a scope. */
  clear(scope: string): void;
  /** Deletes what is older than the promises need; nothing where `now` is far from the last sweep, as after a jump. */
  sweep(now: number): void;
}
