import type { Message } from "./content.ts";
import type { ChatId, EventId, LoginId, MessageId, OutboxId, PersonId, RoomId, UserId } from "./ids.ts";

/** What is known of a contact's way to be written to; `off` and `app` are choices the contact made. */
export type Reachability = "reachable" | "off" | "app" | "unknown" | "blocked" | "gone";

interface FromChat {
  readonly chat: ChatId;
  /** The network's id of the stanza, unique per sender; a repeat has the same. */
  readonly id: MessageId;
  /** Milliseconds since the epoch, the network's clock. */
  readonly at: number;
}

interface FromContact {
  readonly sender: PersonId;
}

interface FromAnybody {
  /** Undefined for our own person, who did it on another device of theirs. */
  readonly sender: PersonId | undefined;
  /**
   * Of our own person: the `id` of the item that was sent, where this may be the network's copy of what we sent. Such a
   * copy is not shown, and tells the id that the network gave it.
   */
  readonly sentAs?: MessageId;
}

interface FromOurselves {
  readonly sender: undefined;
}

/** What a connector tells the bridge, durably: stored with the ratchet, then acknowledged. */
export type RemoteEvent = FromChat & (ByAnybody | ByContact | ByOurselves);

type ByAnybody = FromAnybody &
  (
    | {
        readonly kind: "message";
        readonly senderName?: string;
        readonly message: Message;
        /** What the network wants back with word of its delivery. */
        readonly receipt?: string;
      }
    | { readonly kind: "undecryptable"; readonly senderName?: string }
    | {
        readonly kind: "edit";
        readonly senderName?: string;
        readonly target: MessageId;
        readonly message: Message;
      }
    | { readonly kind: "delete"; readonly senderName?: string; readonly target: MessageId }
    /** One a person; another takes its place, an empty emoji takes it back. `own`: our person wrote the target. */
    | {
        readonly kind: "reaction";
        readonly senderName?: string;
        readonly target: MessageId;
        readonly own: boolean;
        readonly emoji: string;
      }
    /** What the network shares with nobody: said once a chat and kind. */
    | { readonly kind: "excluded"; readonly senderName?: string; readonly what: Excluded }
    | { readonly kind: "call"; readonly senderName?: string; readonly video: boolean }
    /** Something this version cannot show; `what` is a few plain words, `raw` its bytes for a later one (base64). */
    | {
        readonly kind: "unsupported";
        readonly senderName?: string;
        readonly what: string;
        readonly raw?: string;
      }
    /** A group is called otherwise, is about something else, looks otherwise; the sender did it. */
    | { readonly kind: "group-name"; readonly senderName?: string; readonly name: string }
    | { readonly kind: "group-topic"; readonly senderName?: string; readonly topic: string }
    /** `avatar`: what the picture is fetched by; empty where it has none any more. */
    | { readonly kind: "group-avatar"; readonly senderName?: string; readonly avatar: string }
    /** The sender may be who joined or left, or somebody else who added or removed them. */
    | {
        readonly kind: "group-members";
        readonly senderName?: string;
        readonly changes: readonly MemberChange[];
      }
    | { readonly kind: "group-roles"; readonly senderName?: string; readonly changes: readonly RoleChange[] }
  );

type ByContact = FromContact &
  (
    | { readonly kind: "identity-changed" }
    | { readonly kind: "renamed"; readonly name: string }
    | { readonly kind: "reachability"; readonly state: Reachability }
  );

/** Our person has read the chat up to a contact's message. */
type ByOurselves = FromOurselves & { readonly kind: "read"; readonly target: MessageId };

export interface MemberChange {
  /** Undefined for our own person. */
  readonly person: PersonId | undefined;
  readonly name?: string;
  /** `left`, be it of their own accord or not. */
  readonly membership: "joined" | "left";
}

/** What somebody may do in a group on the network. */
export type Role = "member" | "admin" | "owner";

export interface RoleChange {
  readonly person: PersonId | undefined;
  readonly role: Role;
}

/** A deletion of a network that does not say in which chat: its sender's message of that id, wherever it is. */
export type UnplacedDeletion = Omit<Extract<RemoteEvent, { kind: "delete" }>, "chat"> & {
  readonly chat?: undefined;
};

export type Excluded = "status" | "disappearing" | "view-once";

/** Best effort, never stored. */
export type RemoteSignal = {
  readonly kind: "typing";
  readonly chat: ChatId;
  readonly sender: PersonId;
  readonly active: boolean;
  readonly voice: boolean;
};

/** What became of a message of ours on the network. */
export interface RemoteReceipt {
  readonly chat: ChatId;
  /** Who got or read it. */
  readonly person: PersonId;
  readonly kind: "delivered" | "read" | "played";
  readonly ids: readonly MessageId[];
}

/** What crosses to a network, in no network's format; stored before it is sent. */
export type Outgoing =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "edit"; readonly target: MessageId; readonly message: Message }
  /** `replacedBy`: not to be sent where that message, which goes before it, did not cross. */
  | { readonly kind: "delete"; readonly target: MessageId; readonly replacedBy?: MessageId }
  /** `own`: our person wrote the target. An empty emoji takes the reaction back. */
  | { readonly kind: "reaction"; readonly target: MessageId; readonly own: boolean; readonly emoji: string };

interface FromRoom {
  readonly room: RoomId;
  readonly sender: UserId;
  readonly id: EventId;
  /** Milliseconds since the epoch, the homeserver's clock. */
  readonly at: number;
  /** The row that it says it was made of; it was where such a row is that room's and that sender's. */
  readonly row?: OutboxId;
}

/** What the homeserver tells the bridge, decoded and checked. */
export type MatrixEvent = FromRoom &
  /** `note`: what was lost in making it carriable, a sentence for the sender. */
  (
    | {
        readonly kind: "message";
        readonly message: Message;
        readonly replyTo?: EventId;
        readonly note?: string;
      }
    | { readonly kind: "edit"; readonly target: EventId; readonly message: Message }
    | { readonly kind: "reaction"; readonly target: EventId; readonly emoji: string }
    /**
     * An event a person sent that this version cannot carry; `what` is a few plain words. `unseen`: clients show no
     * such event by itself.
     */
    | { readonly kind: "unsupported"; readonly what: string; readonly unseen?: boolean }
    | { readonly kind: "encrypted" }
    | { readonly kind: "redaction"; readonly target: EventId }
    | {
        readonly kind: "member";
        readonly user: UserId;
        readonly membership: Membership;
        readonly direct: boolean;
        /** Of an invitation: the room that the one it is to claims to take the place of. */
        readonly replaces?: RoomId;
      }
    /** The room was closed, in favour of another as a rule; what of that is true its state says. */
    | { readonly kind: "tombstone" }
    | { readonly kind: "encryption-enabled" }
  );

/** Best effort, never stored: who types in a room, and who has read up to what. */
export type MatrixSignal =
  | { readonly kind: "typing"; readonly room: RoomId; readonly users: readonly UserId[] }
  | { readonly kind: "receipt"; readonly room: RoomId; readonly event: EventId; readonly user: UserId };

export type Membership = "invite" | "join" | "leave" | "ban" | "knock";

export interface PortalKey {
  readonly login: LoginId;
  readonly chat: ChatId;
}
