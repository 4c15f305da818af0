import type { ChatId, LoginId, PersonId } from "../../core/model/ids.ts";

/** Who may do something in a group; `nobody`: it is switched off. */
type GroupAccess = "anyone" | "members" | "admins" | "nobody";

/** A group as its newest known revision has it, decrypted; what is bytes is in base64, so that it can be stored as JSON. */
export interface GroupState {
  readonly revision: number;
  readonly title: string;
  readonly description: string;
  /** The path of the picture at the host of files; empty where there is none. */
  readonly avatar: string;
  /** After how many seconds messages disappear, 0 where they stay. */
  readonly timer: number;
  readonly access: {
    /** Title, description, picture and timer. */
    readonly attributes: GroupAccess;
    /** Adding and inviting others. */
    readonly members: GroupAccess;
    /** Who decides on those who come by the group's link; `anyone` needs nobody's word. */
    readonly link: GroupAccess;
  };
  readonly announcementsOnly: boolean;
  /** The group is over for everybody. */
  readonly terminated: boolean;
  /** Base64; empty where the group has no link. */
  readonly linkPassword: string;
  readonly members: readonly GroupStateMember[];
  /** Who left lately, for what they wrote before; absent where that is nobody, or not known. */
  readonly former?: readonly FormerMember[];
  /** Invited, by account or by phone number; they have not accepted yet. */
  readonly invited: readonly InvitedMember[];
  /** Came by the link and wait for an admin. */
  readonly requesting: readonly RequestingMember[];
  readonly banned: readonly PersonId[];
}

interface GroupStateMember {
  readonly person: PersonId;
  readonly admin: boolean;
  /** 32 bytes in base64; empty where it could not be read. */
  readonly profileKey: string;
}

interface FormerMember {
  readonly person: PersonId;
  readonly admin: boolean;
  /** The revision with which they left. */
  readonly until: number;
}

interface InvitedMember {
  readonly person: PersonId;
  readonly admin: boolean;
  readonly by: PersonId;
}

interface RequestingMember {
  readonly person: PersonId;
  /** 32 bytes in base64; empty where it could not be read. */
  readonly profileKey: string;
}

/** What a login's person keeps about a group at the storage service, on all their devices. */
export interface StoredGroup {
  readonly blocked: boolean;
  /** Whether our person accepted to be in it. */
  readonly accepted: boolean;
  readonly archived: boolean;
  readonly markedUnread: boolean;
  /** As {@link StoredContact.mutedUntil}. */
  readonly mutedUntil: number;
  /** The id of the record. */
  readonly storageId: Uint8Array;
}

/** A group as a login knows it. */
export interface KnownGroup {
  readonly chat: ChatId;
  /** 32 bytes that open all of the group: never logged, and in no id. */
  readonly masterKey: Uint8Array;
  /** Undefined until it could be fetched. */
  readonly state: GroupState | undefined;
  readonly stored: StoredGroup | undefined;
}

/** A decrypted message of a group that waits until what it needs of the group's state is there. */
export interface HeldMessage {
  readonly sender: PersonId;
  readonly device: number;
  /** Which of our identities it was sent to. */
  readonly account: "aci" | "pni";
  /** By the sender's clock: the message's name. */
  readonly timestamp: number;
  /** When the server took it. Both in milliseconds since the epoch. */
  readonly at: number;
  /** Decrypted. */
  readonly content: Uint8Array;
}

export interface SignalGroupReads {
  group(login: LoginId, chat: ChatId): Promise<KnownGroup | undefined>;
  /** All groups that are known, without their states. */
  groups(login: LoginId): Promise<readonly Pick<KnownGroup, "chat" | "stored">[]>;
  /** The chats of which messages are held. */
  holding(login: LoginId): Promise<readonly ChatId[]>;
  /** The first messages that a chat holds, in the order in which they came. */
  held(
    login: LoginId,
    chat: ChatId,
    most: number,
  ): Promise<readonly (HeldMessage & { readonly seq: number })[]>;
}

export interface SignalGroupWrites {
  /** Does nothing where the group is known. */
  addGroup(login: LoginId, chat: ChatId, masterKey: Uint8Array): void;
  /** Of a group that was added; does nothing where a later revision is stored. */
  setGroupState(login: LoginId, chat: ChatId, state: GroupState): void;
  /** Of a group that was added. */
  setStoredGroup(login: LoginId, chat: ChatId, stored: StoredGroup): void;
  /** The account's storage has nothing about it any more. */
  removeStoredGroup(login: LoginId, chat: ChatId): void;
  hold(login: LoginId, chat: ChatId, message: HeldMessage): void;
  /** Removes what a chat holds, up to and with a message; with the last of them a group of which nothing is known. */
  release(login: LoginId, chat: ChatId, seq: number): void;
}
