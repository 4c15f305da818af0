import type { Message } from "./content.ts";
import type { GroupChange, GroupPermissions, Role } from "./groups.ts";
import type { ChatId, EventId, LoginId, MessageId, OutboxId, PersonId, RoomId, UserId } from "./ids.ts";

/** Whether a contact can be reached; `off` and `app` are the contact's own choices. */
export type Reachability = "reachable" | "off" | "app" | "unknown" | "blocked" | "gone";

interface FromChat {
  readonly chat: ChatId;
  /** The network's id of the event, unique per sender; a repeat has the same. */
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
        /** What the network wants back with the delivery receipt. */
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
    /**
     * One for each person; a new one replaces it, and an empty emoji removes it. `own`: our person wrote the target.
     */
    | {
        readonly kind: "reaction";
        readonly senderName?: string;
        readonly target: MessageId;
        readonly own: boolean;
        readonly emoji: string;
      }
    /** Something that the network does not share; told once for each chat and kind. */
    | { readonly kind: "excluded"; readonly senderName?: string; readonly what: Excluded }
    | { readonly kind: "call"; readonly senderName?: string; readonly video: boolean }
    /** Something this version cannot show; `what` is a few plain words, `raw` its bytes for a later one (base64). */
    | {
        readonly kind: "unsupported";
        readonly senderName?: string;
        readonly what: string;
        readonly raw?: string;
      }
    /** The sender changed the group's name, topic or picture. */
    | { readonly kind: "group-name"; readonly senderName?: string; readonly name: string }
    | { readonly kind: "group-topic"; readonly senderName?: string; readonly topic: string }
    /** `avatar`: the reference by which the picture is fetched; empty where it was removed. */
    | { readonly kind: "group-avatar"; readonly senderName?: string; readonly avatar: string }
    /** The sender joined or left, or added or removed others. */
    | {
        readonly kind: "group-members";
        readonly senderName?: string;
        readonly changes: readonly MemberChange[];
      }
    | { readonly kind: "group-roles"; readonly senderName?: string; readonly changes: readonly RoleChange[] }
    /** The sender decided who may write in the group, and who may change it. */
    | ({ readonly kind: "group-permissions"; readonly senderName?: string } & GroupPermissions)
    /** The sender chose how many seconds after they are read the chat's messages disappear; 0 for never. */
    | { readonly kind: "timer"; readonly senderName?: string; readonly seconds: number }
  );

type ByContact = FromContact &
  (
    | { readonly kind: "identity-changed" }
    | { readonly kind: "renamed"; readonly name: string }
    /** `avatar`: the reference by which their picture is fetched; empty where they removed it. */
    | { readonly kind: "avatar"; readonly avatar: string }
    | { readonly kind: "reachability"; readonly state: Reachability }
    /** The sender invited our person to the group, who has yet to accept; `chatInfo` says whether that still stands. */
    | { readonly kind: "group-invited"; readonly senderName?: string }
    /**
     * The sender, whose chat this is, is proved to be who was known by another id until now, such as a phone number's. The
     * other id stands for the same chat and person from then on.
     */
    | {
        readonly kind: "joined";
        readonly senderName?: string;
        readonly was: { readonly chat: ChatId; readonly person: PersonId };
      }
  );

type ByOurselves = FromOurselves &
  /** Our person has read the chat up to a contact's message. */
  (
    | { readonly kind: "read"; readonly target: MessageId }
    /**
     * Our person muted the chat on another device of theirs, or lifted that. `until`: milliseconds since the epoch,
     * absent for ever.
     */
    | { readonly kind: "muted"; readonly muted: boolean; readonly until?: number }
    /** Our person marked the chat as unread on another device, or took that back. */
    | { readonly kind: "marked-unread"; readonly unread: boolean }
    /** Our person deleted a message, whoever wrote it, from their own devices alone. */
    | { readonly kind: "hidden"; readonly target: MessageId }
    /** Our person deleted the chat with all its messages from their own devices alone. */
    | { readonly kind: "chat-deleted" }
    /** Our person blocked the contact of a direct chat on another device, or lifted that. */
    | { readonly kind: "blocked"; readonly person: PersonId; readonly blocked: boolean }
    /** Our person accepted or declined on another device that the chat's contact writes to them. */
    | { readonly kind: "request-answered"; readonly accepted: boolean }
  );

const MARKS: ReadonlySet<RemoteEvent["kind"]> = new Set([
  "read",
  "muted",
  "marked-unread",
  "hidden",
  "chat-deleted",
  "blocked",
  "request-answered",
]);

/** What our person did about a chat or message for themself alone, which makes no room. */
export const isMark = ({ kind }: Pick<RemoteEvent, "kind">): boolean => MARKS.has(kind);

export interface MemberChange {
  /** Undefined for our own person. */
  readonly person: PersonId | undefined;
  readonly name?: string;
  /** `left`: left or was removed. */
  readonly membership: "joined" | "left";
}

export interface RoleChange {
  readonly person: PersonId | undefined;
  readonly role: Role;
}

/** A deletion without its chat: of the sender's message of that id, in whichever chat. */
export type UnplacedDeletion = Omit<Extract<RemoteEvent, { kind: "delete" }>, "chat"> & {
  readonly chat?: undefined;
};

export type Excluded = "status" | "disappearing" | "view-once";

/** A signal; best effort, never stored. */
export type RemoteSignal = {
  readonly kind: "typing";
  readonly chat: ChatId;
  readonly sender: PersonId;
  readonly active: boolean;
  readonly voice: boolean;
};

/** What happened to a message of ours on the network. */
export interface RemoteReceipt {
  readonly chat: ChatId;
  /** The person who received or read it. */
  readonly person: PersonId;
  readonly kind: "delivered" | "read" | "played";
  readonly ids: readonly MessageId[];
}

/** What is sent to a network, in no network's format; stored before it is sent. */
export type Outgoing =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "edit"; readonly target: MessageId; readonly message: Message }
  /**
   * `author`: who wrote it, where that is not our person, who may delete it as an administrator. `replacedBy`: not sent
   * where that message, which goes first, failed.
   */
  | {
      readonly kind: "delete";
      readonly target: MessageId;
      readonly author?: PersonId;
      readonly replacedBy?: MessageId;
    }
  /** `own`: our person wrote the target. An empty emoji takes the reaction back, which `was` another where that is known. */
  | {
      readonly kind: "reaction";
      readonly target: MessageId;
      readonly own: boolean;
      readonly emoji: string;
      readonly was?: string;
    }
  | { readonly kind: "group-change"; readonly change: GroupChange };

interface FromRoom {
  readonly room: RoomId;
  readonly sender: UserId;
  readonly id: EventId;
  /** Milliseconds since the epoch, the homeserver's clock. */
  readonly at: number;
  /** The outbox row that the event names as its own; it is that row's only if room and sender match. */
  readonly row?: OutboxId;
  /** It was written with a client of Beeper's making, or like one, which shows what becomes of messages. */
  readonly beeper?: true;
}

/** A command for a bot as a client has read it, beside the text. */
export interface Invocation {
  readonly name: string;
  /** As one would type each. */
  readonly arguments: Readonly<Record<string, string>>;
}

/** An event from the homeserver, decoded and checked. */
export type MatrixEvent = FromRoom &
  /** `note`: what was lost in the decoding, a sentence for the sender. */
  (
    | {
        readonly kind: "message";
        readonly message: Message;
        readonly replyTo?: EventId;
        readonly note?: string;
        /** The person's message that their client sends again with this. */
        readonly retryOf?: EventId;
        readonly command?: Invocation;
      }
    | { readonly kind: "edit"; readonly target: EventId; readonly message: Message }
    | { readonly kind: "reaction"; readonly target: EventId; readonly emoji: string }
    /**
     * An event a person sent that this version cannot carry; `what` is a few plain words. `unseen`: clients show no
     * such event by itself.
     */
    | {
        readonly kind: "unsupported";
        readonly what: string;
        readonly unseen?: boolean;
        readonly command?: Invocation;
        /** The event as the homeserver gave it, as JSON, of one that may be for the homeserver's own side of the bridge. */
        readonly sealed?: string;
      }
    /**
     * `sealed`: the event as the homeserver gave it, as JSON; absent in rows of earlier versions. `clear`: it was not
     * encrypted, in a room in which everything must be.
     */
    | { readonly kind: "encrypted"; readonly sealed?: string; readonly clear?: true }
    | { readonly kind: "redaction"; readonly target: EventId }
    | {
        readonly kind: "member";
        readonly user: UserId;
        readonly membership: Membership;
        readonly direct: boolean;
        /** For an invitation: the room that the invited one claims to replace. */
        readonly replaces?: RoomId;
      }
    /** The room was closed, usually in favour of another; the room's state tells what is true of that. */
    | { readonly kind: "tombstone" }
    | { readonly kind: "encryption-enabled" }
    /** Who may come into the room or read it was changed; `open`: by this, anybody. */
    | { readonly kind: "room-access"; readonly open: boolean }
    | { readonly kind: "room-name"; readonly name: string }
    | { readonly kind: "room-topic"; readonly topic: string }
    /** `uri`: `mxc://`; empty where the room has no avatar any more. */
    | { readonly kind: "room-avatar"; readonly uri: string }
    /** The levels of all who are named; all others have `others`. */
    | {
        readonly kind: "power-levels";
        readonly levels: Readonly<Record<UserId, number>>;
        readonly others: number;
        /** What each act needs, by its field or `events.TYPE`; absent in what an earlier version stored. */
        readonly needs?: Readonly<Record<string, number>>;
      }
    /** Asks that the chat's contact be blocked, or that no more; `spam`: and be reported. */
    | { readonly kind: "block"; readonly blocked: boolean; readonly spam: boolean }
  );

/** Who types in a room, and who has read up to what; best effort, never stored. */
export type MatrixSignal =
  | { readonly kind: "typing"; readonly room: RoomId; readonly users: readonly UserId[] }
  | { readonly kind: "receipt"; readonly room: RoomId; readonly event: EventId; readonly user: UserId };

export type Membership = "invite" | "join" | "leave" | "ban" | "knock";

export interface PortalKey {
  readonly login: LoginId;
  readonly chat: ChatId;
}
