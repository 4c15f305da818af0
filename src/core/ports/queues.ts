import type { MatrixEvent, Outgoing, PortalKey, RemoteEvent, UnplacedDeletion } from "../model/events.ts";
import type {
  ChatId,
  EventId,
  LoginId,
  MessageId,
  OutboxId,
  PersonId,
  RoomId,
  UserId,
} from "../model/ids.ts";
import type {
  Attachment,
  DamagedMatrixInboxRow,
  DamagedMatrixOutboxRow,
  DamagedNetworkInboxRow,
  DamagedNetworkOutboxRow,
  DeadLetter,
  MatrixInboxRow,
  MatrixOutboxRow,
  NetworkInboxRow,
  NetworkOutboxRow,
  NetworkOutboxState,
  NewMatrixOutboxRow,
  NewNetworkOutboxRow,
} from "./rows.ts";

/** Characters of JSON that are read of a queue at once, so that no batch takes long. */
export const BATCH_SIZE = 262_144;

/** The head of a lane of one queue: of its first `limit` rows as many as have `size` characters, and at least one. */
interface LaneReads<Key, Row, Damaged> {
  /** Those that are due, in order, without those nobody can read. `size` is {@link BATCH_SIZE} where it is absent. */
  next(key: Key, limit: number, size?: number): Promise<readonly Row[]>;
  /** Those that nobody can read. */
  damaged(key: Key, limit: number, size?: number): Promise<readonly Damaged[]>;
}

/** How an event came in: pushed by the homeserver, or found by the audit stream. */
export type Via = "push" | "sync";

/** What is held for a gap is not due. */
export interface MatrixInboxReads extends LaneReads<RoomId, MatrixInboxRow, DamagedMatrixInboxRow> {
  /** Rooms with something to do, now or when the gap is over. */
  lanes(): Promise<readonly RoomId[]>;
  /** Which of these are new to us. */
  unknown(events: readonly EventId[]): Promise<ReadonlySet<EventId>>;
  count(): Promise<number>;
}
export interface MatrixInboxWrites {
  /**
   * Takes an event once; a known event id changes nothing. While `held` (a gap in the audit stream), pushed events are
   * placed behind everything the stream brings, and the stream moves those it knows to its own order.
   */
  take(event: MatrixEvent, via: Via, held: boolean): void;
  /** The gap is over: what was pushed meanwhile and is not in the stream follows, in the order it came. */
  release(): void;
  /** Handled: the event is emptied, the key stays to know repeats by. */
  finish(event: EventId): void;
  /** It was tried in vain, and stays. */
  countTry(event: EventId): void;
}

/** Where and by whom a row is, or was, sent; and as what, once that is known. */
interface MadeBy {
  readonly room: RoomId;
  readonly sender: UserId;
  /** Who was to send it, before it was handed over. */
  readonly insteadOf: UserId | undefined;
  readonly event: EventId | undefined;
}

export interface MatrixOutboxReads extends LaneReads<RoomId, MatrixOutboxRow, DamagedMatrixOutboxRow> {
  lanes(): Promise<readonly RoomId[]>;
  madeBy(id: OutboxId): Promise<MadeBy | undefined>;
  /** What a row was sent as, and where. */
  sentAs(id: OutboxId): Promise<{ readonly event: EventId; readonly room: RoomId } | undefined>;
  count(): Promise<number>;
}
export interface MatrixOutboxWrites {
  /** It is to be sent by somebody else, as this. */
  handOver(id: OutboxId, by: Pick<MatrixOutboxRow, "sender" | "content">): void;
  add(row: NewMatrixOutboxRow): void;
  setAttachment(id: OutboxId, attachment: Attachment): void;
  /** It was tried in vain, and stays. */
  countTry(id: OutboxId): void;
  /** Sent: the content is emptied; the message is linked where the row has a link, and the reaction or edit it made knows its event. */
  sent(id: OutboxId, event: EventId): void;
  /** Given up. */
  abandon(id: OutboxId): void;
  /** To another room, behind what is queued for it; tries are counted anew. */
  move(id: OutboxId, room: RoomId, content: MatrixOutboxRow["content"]): void;
}

type MessageKey = Pick<RemoteEvent, "chat" | "sender" | "id">;
export type Unconfirmed = MessageKey & {
  readonly sender: PersonId;
  readonly seq: number;
  readonly receipt: string;
};

export interface NetworkInboxReads extends LaneReads<PortalKey, NetworkInboxRow, DamagedNetworkInboxRow> {
  lanes(): Promise<readonly PortalKey[]>;
  /** In which chat a sender's message of that id was taken, or is. */
  chatOf(
    login: LoginId,
    message: { readonly sender: PersonId | undefined; readonly id: MessageId },
  ): Promise<ChatId | undefined>;
  /** Whether its content was taken; that one could not be decrypted does not count, for it may come again. */
  known(login: LoginId, event: MessageKey): Promise<boolean>;
  count(): Promise<number>;
  /** The `receipt` a message came with, until its delivery is confirmed. */
  receipt(login: LoginId, message: MessageKey): Promise<string | undefined>;
  /** Messages that are in their rooms while their delivery is not confirmed, in the order of `seq`. */
  unconfirmed(login: LoginId, after: number, limit: number): Promise<readonly Unconfirmed[]>;
  /** What of a login's is set aside, oldest first. */
  parked(login: LoginId, limit: number): Promise<readonly Pick<NetworkInboxRow, "seq" | "key">[]>;
}
export interface NetworkInboxWrites {
  /**
   * Taken once for each login, chat, sender, id and kind; a repeat changes nothing. What was unplaced for want of it
   * follows in its chat.
   */
  take(login: LoginId, event: RemoteEvent, at: number): void;
  /** Kept until a message of that sender and id is taken. */
  takeUnplaced(login: LoginId, deletion: UnplacedDeletion, at: number): void;
  /** Handled: the plaintext is emptied, the key stays to know repeats by. */
  finish(seq: number): void;
  /** It was tried in vain, and stays. */
  countTry(seq: number): void;
  /** The network knows that the message was delivered. */
  confirmed(login: LoginId, message: MessageKey): void;
  /** Set aside until the message it refers to is there; the lane goes on without it. */
  park(seq: number, target: MessageId): void;
  /** It was waited for long enough: what was set aside is due again, and not to be set aside any more. */
  overdue(row: Pick<NetworkInboxRow, "seq" | "key">): void;
  /** The message is there: what was parked for it is due again, in the order it came. */
  unpark(key: PortalKey, target: MessageId): void;
}

export interface NetworkOutboxReads extends LaneReads<PortalKey, NetworkOutboxRow, DamagedNetworkOutboxRow> {
  lanes(): Promise<readonly PortalKey[]>;
  get(id: OutboxId): Promise<NetworkOutboxRow | undefined>;
  /** What an event became; of several the first. */
  byEvent(event: EventId): Promise<NetworkOutboxRow | undefined>;
  /** All that an event became, in order. */
  ofEvent(event: EventId): Promise<readonly NetworkOutboxRow[]>;
  byRemote(key: PortalKey, remoteId: MessageId): Promise<NetworkOutboxRow | undefined>;
  /** Whether a row of the login's has, or had lately, this id. */
  hasRemote(login: LoginId, remoteId: MessageId): Promise<boolean>;
  count(): Promise<number>;
  /** A chat's messages that failed, oldest first; no edits, reactions or deletions. */
  listFailed(key: PortalKey): Promise<readonly NetworkOutboxRow[]>;
}
export interface NetworkOutboxWrites {
  /** To the end of its lane: what it refers to is queued behind it. */
  postpone(row: Pick<NetworkOutboxRow, "id" | "key">): void;
  /** A failed message is to be sent after all: its content is given again, its place is the last. */
  requeue(row: Pick<NetworkOutboxRow, "id" | "key">, outgoing: Outgoing): void;
  add(row: NewNetworkOutboxRow): void;
  /** Ignored where it is not queued any more. */
  seal(id: OutboxId, sealed: Uint8Array): void;
  /** It was tried in vain, and stays. */
  countTry(id: OutboxId): void;
  remove(id: OutboxId): void;
  /** Moves forward only: a late `delivered` never undoes a `read`, and what was sealed is not `cancelled`. */
  setState(id: OutboxId, state: Exclude<NetworkOutboxState, "queued">): void;
  /** By the network's ids; unknown ones are ignored. */
  receipt(key: PortalKey, ids: readonly MessageId[], state: "delivered" | "read"): void;
}

export interface DeadLetterReads {
  /** Those of a login. */
  count(login: LoginId): Promise<number>;
  /** Everybody's, for who looks into it. */
  newest(limit: number): Promise<readonly DeadLetter[]>;
}
export interface DeadLetterWrites {
  /** Ignored for a login that is no more: nothing is kept of it. */
  add(letter: DeadLetter): void;
}
