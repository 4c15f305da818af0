import type { MatrixEvent, Outgoing, PortalKey, Reachability, RemoteEvent } from "../model/events.ts";
import type { GroupPermissions, Role } from "../model/groups.ts";
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
import type { FileKey, Found, Media } from "../model/media.ts";

/** Rows as the store gives them. Times are milliseconds since the epoch. */

export type LoginState = "active" | "leaving";

export interface Login {
  readonly id: LoginId;
  readonly user: UserId;
  readonly network: NetworkId;
  readonly state: LoginState;
  /** The person's address as contacts see it. */
  readonly visibleId: string;
  /** The connector's own JSON: account number, keys, addresses. */
  readonly account: string;
  readonly consentVersion: number;
  readonly consentAt: number;
}

/** A direct chat or a group. */
export type Portal = DirectPortal | GroupPortal;

export interface DirectPortal extends PortalBase {
  readonly kind: "direct";
  readonly person: PersonId;
  /** Whether the person is our own: a chat with oneself, in which no ghost is. */
  readonly self?: true;
}

export interface GroupPortal extends PortalBase {
  readonly kind: "group";
  /** The name as the network last gave it, cleaned; empty where there is none. */
  readonly name: string;
  readonly topic: string;
  /** The connector's reference of the picture, another one for another picture; empty where there is none. */
  readonly avatar: string;
  /** The avatar that the room shows. */
  readonly picture: string;
  /** The least roles that may write in it, and change it. */
  readonly permissions: GroupPermissions;
  /** The permissions that the room shows, as text; empty where that is not known. */
  readonly powers: string;
  /** How many changes its room is yet to be told of, as they were too many to tell of each; absent for 0. */
  readonly untold?: number;
  /** The id by which other members know the login's person; empty where it is not known. */
  readonly self: PersonId | "";
}

/** Somebody who is, or was, in a group. */
export interface PortalMember extends PortalKey {
  /** Undefined for the login's own person. */
  readonly person: PersonId | undefined;
  readonly role: Role;
  readonly membership: "joined" | "left";
  /** How often the room was doubted to show them; absent for 0. What was read before a doubt is not shown by it. */
  readonly doubts?: number | undefined;
}

interface PortalBase extends PortalKey {
  readonly network: NetworkId;
  /** The key of the room's alias, so that a room whose creation was not confirmed is found and not made twice. */
  readonly createKey: string;
  /** Undefined until the room exists. */
  readonly room: RoomId | undefined;
  /** `making` until the members are invited; `archived` rooms are read-only. */
  readonly state: "making" | "open" | "archived";
  /** Our person's membership; one who left or declined is invited again at the next message. */
  readonly member: "none" | "invited" | "joined" | "left";
}

/** A room that a chat had before. */
export interface FormerRoom extends PortalKey {
  readonly room: RoomId;
  /** Whether the room itself named the next one, as in an upgrade; otherwise the bridge made that. */
  readonly followed: boolean;
  /** Whether its queued rows were moved to the next room. */
  readonly carried: boolean;
  readonly at: number;
}

export interface Ghost {
  readonly network: NetworkId;
  readonly person: PersonId;
  readonly user: UserId;
  /** The contact's name as the network gave it, cleaned. */
  readonly name: string;
  /** What the homeserver has of it: nothing, an account with a device, or an account with the shown name. */
  readonly profile: "none" | "registered" | "named";
  /** The name that was set last at the homeserver; empty where that is not known. */
  readonly shown: string;
  /** The key of the avatar that was set last at the homeserver; empty where there is none. */
  readonly avatar: string;
  /** `mxc://` of their own picture: empty where none is to be shown, undefined where it is not known if they have one. */
  readonly picture: string | undefined;
}

export interface Contact {
  readonly login: LoginId;
  readonly person: PersonId;
  readonly chat: ChatId;
  readonly reachability: Reachability;
  /**
   * `verified`: our person compared the safety number. `changed`: it has changed since, and nothing is sent until they
   * agree.
   */
  readonly trust: "unverified" | "verified" | "changed";
  /** Whether our person blocked them. */
  readonly blocked: boolean;
}

/** Links a part of a network's message to the event that shows it. */
export interface MessageLink extends PortalKey {
  readonly id: MessageId;
  readonly part: number;
  /** Undefined for what our own person wrote. */
  readonly sender: PersonId | undefined;
  /** The time of writing, by the clock of the side it was written on. */
  readonly at: number;
}

/** One person's reaction to a message; a person has at most one on each. */
export interface Reaction extends PortalKey {
  readonly target: MessageId;
  /** Undefined for our own person's. */
  readonly sender: PersonId | undefined;
  readonly emoji: string;
  readonly room: RoomId;
  /** The event; for a contact's reaction only once its row was sent. */
  readonly event: EventId | undefined;
  /** The row that makes a contact's reaction. */
  readonly row: OutboxId | undefined;
}

/** The target of a row, looked up when the row is sent: a part of a message, or the event of another row. */
export type RowTarget =
  | ({ readonly kind: "message"; readonly id: MessageId; readonly part: number } & PortalKey)
  | { readonly kind: "row"; readonly id: OutboxId };

/** The upload of a file to the homeserver, step by step, so that a repeat continues it. */
export interface Attachment {
  readonly media: Media;
  /** It is a picture of something in the event, which goes without it where that cannot be had. */
  readonly isPicture?: true;
  readonly login: LoginId;
  /** The reserved address; the file may or may not be there. */
  readonly uri?: string;
  /** What it is encrypted with; absent where it is not. */
  readonly key?: FileKey;
  readonly thumbnailUri?: string;
  readonly thumbnailKey?: FileKey;
  /** What inspection found, once the file is uploaded. */
  readonly done?: { readonly size: number; readonly found: Found };
}

export interface Message extends MessageLink {
  readonly room: RoomId;
  readonly event: EventId;
  /**
   * For our person's message from another device: the user who shows it, our person or their ghost. Absent for events
   * of the person's own and for contacts' messages.
   */
  readonly shownBy?: UserId;
  /** The form of our person's message on the network, by `formOf`; absent where it is not known. */
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
  /** The event; for a contact's edit only once its row was sent. */
  readonly event: EventId | undefined;
  readonly row: OutboxId | undefined;
  /** The network's id of the edit; undefined where it did not go there. */
  readonly remote: MessageId | undefined;
  readonly at: number;
}

/** A deleted message, or a part that an edit made needless. */
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
  /** Whether its target was waited for long enough. */
  readonly overdue: boolean;
}

/** What is left of an unreadable row; `body` is its stored text. */
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
  /** The index among the messages of its event; an event with several files becomes several. */
  readonly item: number;
  readonly sender: UserId;
  /** The network's id of the message; where the network gives ids, the key that stands for it here. */
  readonly remoteId: MessageId;
  /** The content; emptied when it is no longer needed. */
  readonly outgoing: Outgoing | undefined;
  /** The connector's sealed bytes, once made; they are sent again while they are valid. */
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
  /** The event id or message id of what could not cross. */
  readonly ref: string;
  readonly reason: string;
  readonly at: number;
  /** The stored row, to be looked at or tried again. */
  readonly body: string;
}
