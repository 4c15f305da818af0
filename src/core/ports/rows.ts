import type { MatrixEvent, Outgoing, PortalKey, Reachability, RemoteEvent, Role } from "../model/events.ts";
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
} from "../model/ids.ts";
import type { Found, Media } from "../model/media.ts";

/** What the store keeps. Times are milliseconds since the epoch. */

export type LoginState = "active" | "leaving";

export interface Login {
  readonly id: LoginId;
  readonly user: UserId;
  readonly network: NetworkId;
  readonly state: LoginState;
  /** What contacts see as this person's address on our side. */
  readonly visibleId: string;
  /** The connector's own JSON: account number, keys, addresses. */
  readonly account: string;
  readonly consentVersion: number;
  readonly consentAt: number;
}

/** A chat between two, or of several. */
export type Portal = DirectPortal | GroupPortal;

export interface DirectPortal extends PortalBase {
  readonly kind: "direct";
  readonly person: PersonId;
}

export interface GroupPortal extends PortalBase {
  readonly kind: "group";
  /** As the network gave them last, cleaned; empty where it has none. */
  readonly name: string;
  readonly topic: string;
  /** The connector's word for the picture, another one for another picture; empty where there is none. */
  readonly avatar: string;
  /** The avatar that the room shows. */
  readonly picture: string;
  /** By which the others there know the login's person; empty where that is not known. */
  readonly self: PersonId | "";
}

/** Somebody who is, or was, in a group. */
export interface PortalMember extends PortalKey {
  /** Undefined for the login's own person. */
  readonly person: PersonId | undefined;
  readonly role: Role;
  readonly membership: "joined" | "left";
}

interface PortalBase extends PortalKey {
  readonly network: NetworkId;
  /** Names the room's alias, so that a room whose making was not confirmed is found instead of made twice. */
  readonly createKey: string;
  /** Absent until the room is known to exist. */
  readonly room: RoomId | undefined;
  /** `making` until the members are invited; `archived` rooms are read-only. */
  readonly state: "making" | "open" | "archived";
  /** Where our person stands in the room; one who left or declined is invited again at the next message. */
  readonly member: "none" | "invited" | "joined" | "left";
}

/** A room that a chat had before. */
export interface FormerRoom extends PortalKey {
  readonly room: RoomId;
  /** The room itself named the one after it, as when it was upgraded; else the bridge made that. */
  readonly followed: boolean;
  /** What was queued for it is queued for the room after it. */
  readonly carried: boolean;
  readonly at: number;
}

export interface Ghost {
  readonly network: NetworkId;
  readonly person: PersonId;
  readonly user: UserId;
  /** The contact's name as the network gave it, cleaned. */
  readonly name: string;
  /** What the homeserver has: nothing, an account with a device, or an account with the shown name. */
  readonly profile: "none" | "registered" | "named";
  /** The name that was set last at the homeserver; empty where that is not known. */
  readonly shown: string;
  /** The key of the drawn avatar that was set last at the homeserver; empty where there is none. */
  readonly avatar: string;
}

export interface Contact {
  readonly login: LoginId;
  readonly person: PersonId;
  readonly chat: ChatId;
  readonly reachability: Reachability;
  /** Our person compared the safety number. `changed`: it is another one since, and nothing is sent until they agree. */
  readonly trust: "unverified" | "verified" | "changed";
  /** Our person blocked them. */
  readonly blocked: boolean;
}

/** Ties one part of a network's message to the event that shows it. */
export interface MessageLink extends PortalKey {
  readonly id: MessageId;
  readonly part: number;
  /** Undefined for what our own person wrote. */
  readonly sender: PersonId | undefined;
  /** When it was written, by the clock of the side it was written on. */
  readonly at: number;
}

/** One person's reaction to a message; a person has at most one on each. */
export interface Reaction extends PortalKey {
  readonly target: MessageId;
  /** Undefined for our own person's. */
  readonly sender: PersonId | undefined;
  readonly emoji: string;
  readonly room: RoomId;
  /** A person's own event; a contact's once its row was sent. */
  readonly event: EventId | undefined;
  /** The row that makes a contact's reaction. */
  readonly row: OutboxId | undefined;
}

/** What an event refers to, looked up when its turn to be sent comes: a part of a message, or what a row made. */
export type RowTarget =
  | ({ readonly kind: "message"; readonly id: MessageId; readonly part: number } & PortalKey)
  | { readonly kind: "row"; readonly id: OutboxId };

/** A file on its way to the homeserver, step by step, so that a repeat goes on where it was. */
export interface Attachment {
  readonly media: Media;
  readonly login: LoginId;
  /** Reserved; the file may or may not be there. */
  readonly uri?: string;
  readonly thumbnailUri?: string;
  /** What was found by looking, once the file is there. */
  readonly done?: { readonly size: number; readonly found: Found };
}

export interface Message extends MessageLink {
  readonly room: RoomId;
  readonly event: EventId;
  /**
   * Of what our person wrote on another device: who shows it, our person or a ghost of theirs. Absent for what is an
   * event of their own making, and for contacts' messages.
   */
  readonly shownBy?: UserId;
  /** What our person's message is there, by `formOf`; absent where that is not known. */
  readonly form?: string;
}

/** An edit of a part of a message, in an event of its own. */
export interface Revision extends PortalKey {
  /** The message's id, not the edit's. */
  readonly id: MessageId;
  readonly part: number;
  /** Undefined for our own person. */
  readonly sender: PersonId | undefined;
  readonly room: RoomId;
  /** The event that our person's edit changes. */
  readonly original: EventId | undefined;
  /** A contact's is known once its row was sent. */
  readonly event: EventId | undefined;
  readonly row: OutboxId | undefined;
  /** The id the network knows the edit by; none where it did not go there. */
  readonly remote: MessageId | undefined;
  readonly at: number;
}

/** A message that was deleted, or one part of it that is needless. */
export interface Withdrawn {
  readonly id: MessageId;
  /** Undefined for our own person. */
  readonly sender: PersonId | undefined;
  readonly part: number | undefined;
}

export interface MatrixInboxRow {
  readonly event: MatrixEvent;
  readonly attempts: number;
}

export interface NetworkInboxRow {
  readonly seq: number;
  readonly key: PortalKey;
  readonly event: RemoteEvent;
  readonly attempts: number;
  /** What it refers to was waited for long enough. */
  readonly overdue: boolean;
}

/** What is left of a stored row that nobody can read; `body` is what stands in it. */
interface Damaged {
  readonly body: string;
}

export interface DamagedMatrixInboxRow extends Damaged {
  readonly event: EventId;
  readonly room: RoomId;
}

export interface DamagedNetworkInboxRow extends Damaged {
  readonly seq: number;
  readonly key: PortalKey;
  readonly id: MessageId;
}

export interface DamagedMatrixOutboxRow
  extends Damaged,
    Pick<MatrixOutboxRow, "id" | "room" | "sender" | "type"> {
  /** The message it is a part of. */
  readonly message: MessageId | undefined;
}

export type DamagedNetworkOutboxRow = Damaged &
  Pick<NetworkOutboxRow, "id" | "key" | "room" | "event" | "sender">;

export interface MatrixOutboxRow {
  readonly id: OutboxId;
  readonly room: RoomId;
  readonly sender: UserId;
  readonly type: string;
  /** Present for a state event. */
  readonly stateKey: string | undefined;
  /** The event's content, with the row's id under our content key. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly link: MessageLink | undefined;
  /** What {@link TARGET} in the content stands for. A row whose target never came to the room is dropped. */
  readonly target: RowTarget | undefined;
  readonly attachment: Attachment | undefined;
  readonly createdAt: number;
  readonly attempts: number;
}

export type NetworkOutboxState = "queued" | "sent" | "delivered" | "read" | "failed" | "cancelled";

export type NewMatrixOutboxRow = Omit<MatrixOutboxRow, "attempts">;

export interface NetworkOutboxRow {
  readonly id: OutboxId;
  readonly key: PortalKey;
  readonly room: RoomId;
  readonly event: EventId;
  /** Which of the messages its event became, from 0; an event of several files becomes several. */
  readonly item: number;
  readonly sender: UserId;
  /** The id the network knows the message by; where the network gives ids, the key that stands for it here. */
  readonly remoteId: MessageId;
  /** Emptied when it is no longer needed. */
  readonly outgoing: Outgoing | undefined;
  /** The connector's sealed bytes, once made: sent again as they are while they are good. */
  readonly sealed: Uint8Array | undefined;
  readonly state: NetworkOutboxState;
  readonly attempts: number;
  readonly createdAt: number;
}

export type NewNetworkOutboxRow = Omit<NetworkOutboxRow, "sealed" | "state" | "attempts" | "item"> &
  Partial<Pick<NetworkOutboxRow, "item">>;

export interface DeadLetter {
  readonly direction: "to-matrix" | "to-network";
  readonly key: PortalKey | undefined;
  /** Event id or message id of what could not cross. */
  readonly ref: string;
  readonly reason: string;
  readonly at: number;
  /** The stored row, to be looked at or tried again. */
  readonly body: string;
}
