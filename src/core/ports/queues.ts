import type { MatrixEvent, Outgoing, PortalKey, RemoteEvent, UnplacedDeletion } from "../model/events.ts";
import type { GroupChange } from "../model/groups.ts";
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

/** The most characters of JSON that are read from a queue at once, so that no batch takes long. */
export const BATCH_SIZE = 262_144;

/** Reads the head of a queue's lane: of its first `limit` rows as many as have `size` characters, and at least one. */
interface LaneReads<Key, Row, Damaged> {
  /** The due rows, in order, without damaged ones. `size` defaults to {@link BATCH_SIZE}. */
  next(key: Key, limit: number, size?: number): Promise<readonly Row[]>;
  /** The damaged rows. */
  damaged(key: Key, limit: number, size?: number): Promise<readonly Damaged[]>;
}

/** How an event came: pushed by the homeserver, or found by the audit stream. */
export type Via = "push" | "sync";

/** An event that is held for a gap is not due. */
export interface MatrixInboxReads extends LaneReads<RoomId, MatrixInboxRow, DamagedMatrixInboxRow> {
  /** The rooms with rows, due now or when the gap is over. */
  lanes(): Promise<readonly RoomId[]>;
  /** Which of these events were never taken. */
  unknown(events: readonly EventId[]): Promise<ReadonlySet<EventId>>;
  count(): Promise<number>;
}
export interface MatrixInboxWrites {
  /**
   * Takes an event once; a known event id changes nothing. While `held` (a gap in the audit stream), pushed events are
   * placed behind everything the stream brings, and the stream moves those it knows to its own order.
   */
  take(event: MatrixEvent, via: Via, held: boolean): void;
  /** Ends the gap: pushed events that the stream did not bring follow, in the order they came. */
  release(): void;
  /** Ends a handled row: empties the event, and keeps its key to recognise repeats. */
  finish(event: EventId): void;
  /** Counts a failed try; the row stays. */
  countTry(event: EventId): void;
}

/** The room, sender and, once known, event of a row, also after it was sent. */
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
  /** The event and room of a sent row. */
  sentAs(id: OutboxId): Promise<{ readonly event: EventId; readonly room: RoomId } | undefined>;
  count(): Promise<number>;
}
export interface MatrixOutboxWrites {
  /** It is to be sent by somebody else, as this. */
  handOver(id: OutboxId, by: Pick<MatrixOutboxRow, "sender" | "content">): void;
  add(row: NewMatrixOutboxRow): void;
  setAttachment(id: OutboxId, attachment: Attachment): void;
  /** Counts a failed try; the row stays. */
  countTry(id: OutboxId): void;
  /** Ends a sent row: empties its content, links its message, and stores the event of its reaction or edit. */
  sent(id: OutboxId, event: EventId): void;
  /** Ends a row that is given up. */
  abandon(id: OutboxId): void;
  /** Moves a row to another room, behind the rows queued there; its tries are counted anew. */
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
  /** The chat in which a sender's message of that id was taken or is shown. */
  chatOf(
    login: LoginId,
    message: { readonly sender: PersonId | undefined; readonly id: MessageId },
  ): Promise<ChatId | undefined>;
  /** Whether its content was taken; an undecryptable message does not count, as it may come again. */
  hasTaken(login: LoginId, event: MessageKey): Promise<boolean>;
  count(): Promise<number>;
  /** The `receipt` of a message, until its delivery is confirmed. */
  receipt(login: LoginId, message: MessageKey): Promise<string | undefined>;
  /** The messages that are in their rooms and whose delivery is not confirmed, in the order of `seq`. */
  unconfirmed(login: LoginId, after: number, limit: number): Promise<readonly Unconfirmed[]>;
  /** The parked rows of a login, oldest first. */
  parked(login: LoginId, limit: number): Promise<readonly Pick<NetworkInboxRow, "seq" | "key">[]>;
  /** Whether a row of the chat is parked for that message. */
  isAwaited(key: PortalKey, target: MessageId): Promise<boolean>;
}
export interface NetworkInboxWrites {
  /**
   * Takes an event, once for each login, chat, sender, id and kind; a repeat changes nothing. An unplaced deletion of
   * it follows in its chat.
   */
  take(login: LoginId, event: RemoteEvent, at: number): void;
  /** Stores a deletion until a message of that sender and id is taken. */
  takeUnplaced(login: LoginId, deletion: UnplacedDeletion, at: number): void;
  /** Ends a handled row: empties the plaintext, and keeps its key to recognise repeats. */
  finish(seq: number): void;
  /** Counts a failed try; the row stays. */
  countTry(seq: number): void;
  /** Stores that the network knows of the message's delivery. */
  confirmed(login: LoginId, message: MessageKey): void;
  /** Parks a row until the message it refers to is there; the lane goes on without it. */
  park(seq: number, target: MessageId): void;
  /** Makes a parked row due, and not to be parked again, as its target was awaited long enough. */
  overdue(row: Pick<NetworkInboxRow, "seq" | "key">): void;
  /** Makes the rows due that were parked for a message, in the order they came. */
  unpark(key: PortalKey, target: MessageId): void;
}

/** A change of a group that is still to be sent, with its row. */
interface WaitingChange {
  readonly id: OutboxId;
  readonly change: GroupChange;
}

export interface NetworkOutboxReads extends LaneReads<PortalKey, NetworkOutboxRow, DamagedNetworkOutboxRow> {
  lanes(): Promise<readonly PortalKey[]>;
  get(id: OutboxId): Promise<NetworkOutboxRow | undefined>;
  /** The row of an event; of several the first. */
  byEvent(event: EventId): Promise<NetworkOutboxRow | undefined>;
  /** All rows of an event, in order. */
  ofEvent(event: EventId): Promise<readonly NetworkOutboxRow[]>;
  /** Those of {@link ofEvent} that are still to be sent, without their content. */
  queuedOf(event: EventId): Promise<readonly Pick<NetworkOutboxRow, "id" | "item">[]>;
  byRemote(key: PortalKey, remoteId: MessageId): Promise<NetworkOutboxRow | undefined>;
  /** Whether a row of the login has, or lately had, this id. */
  hasRemote(login: LoginId, remoteId: MessageId): Promise<boolean>;
  /** The chat of the message with this id, as long as its row is kept. */
  chatOf(login: LoginId, remoteId: MessageId): Promise<ChatId | undefined>;
  count(): Promise<number>;
  /** The changes of a group that are still to be sent, in order. */
  changes(key: PortalKey): Promise<readonly WaitingChange[]>;
  /** The failed messages of a chat, and changes of a group, oldest first; no edits, reactions or deletions. */
  listFailed(key: PortalKey): Promise<readonly NetworkOutboxRow[]>;
  /** As {@link listFailed}, with edits, reactions and deletions. */
  allFailed(key: PortalKey): Promise<readonly NetworkOutboxRow[]>;
}
export interface NetworkOutboxWrites {
  /** Moves a row to the end of its lane, as its target is queued behind it. */
  postpone(row: Pick<NetworkOutboxRow, "id" | "key">): void;
  /** Queues a failed message again, with its content, at the end of its lane. */
  requeue(row: Pick<NetworkOutboxRow, "id" | "key">, outgoing: Outgoing): void;
  add(row: NewNetworkOutboxRow): void;
  /** Stores sealed bytes; ignored where the row is not queued any more. */
  seal(id: OutboxId, sealed: Uint8Array): void;
  /** Counts a failed try; the row stays. */
  countTry(id: OutboxId): void;
  remove(id: OutboxId): void;
  /**
   * Sets a state; it only moves forward: a late `delivered` does not undo a `read`, and a sealed row is not
   * `cancelled`.
   */
  setState(id: OutboxId, state: Exclude<NetworkOutboxState, "queued">): void;
  /** The network shows that it has the message, whether it is queued or was given up: the state is `sent`. */
  arrived(id: OutboxId): void;
  /** Empties what was sent under these ids; it is kept no longer. */
  empty(key: PortalKey, ids: readonly MessageId[]): void;
  /** Sets the state of rows by the network's ids; unknown ids are ignored. */
  receipt(key: PortalKey, ids: readonly MessageId[], state: "delivered" | "read"): void;
}

export interface DeadLetterReads {
  /** The number of a login's dead letters. */
  count(login: LoginId): Promise<number>;
  /** The newest dead letters of all logins, for whoever looks into them. */
  newest(limit: number): Promise<readonly DeadLetter[]>;
}
export interface DeadLetterWrites {
  /** Adds a dead letter; ignored for a removed login, of which nothing is kept. */
  add(letter: DeadLetter): void;
}
