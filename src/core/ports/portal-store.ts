import type { PortalKey } from "../model/events.ts";
import type { ChatId, LoginId, NetworkId, PersonId, RoomId, UserId } from "../model/ids.ts";
import type { FormerRoom, GroupPortal, Portal, PortalMember } from "./rows.ts";

export interface PortalReads {
  /** All that have this room: one, or of a group those of each login that is, or was, in it. */
  ofRoom(room: RoomId): Promise<readonly Portal[]>;
  /** The one of a room that is the user's, whichever network account of theirs it is. */
  inRoom(room: RoomId, user: UserId): Promise<Portal | undefined>;
  /** A group, as each login has it that is, or was, in it. */
  ofGroup(network: NetworkId, chat: ChatId): Promise<readonly GroupPortal[]>;
  byChat(key: PortalKey): Promise<Portal | undefined>;
  ofLogin(login: LoginId): Promise<readonly Portal[]>;
  /** The chats between two of everybody here with this contact. */
  ofPerson(network: NetworkId, person: PersonId): Promise<readonly Portal[]>;
  /** The groups whose rooms do not yet show all that they should. */
  unshown(): Promise<readonly PortalKey[]>;
}
export interface PortalWrites {
  /** Adds a portal; ignored where the chat has one or is known by another id now, and for a removed login. */
  add(portal: Portal): void;
  setRoom(key: PortalKey, room: RoomId): void;
  setState(key: PortalKey, state: Portal["state"]): void;
  /** Sets a group's name, topic, avatar and permissions; ignored for a direct chat. */
  setGroup(
    key: PortalKey,
    changed: Partial<Pick<GroupPortal, "name" | "topic" | "avatar" | "permissions">>,
  ): void;
  /** Stores that the room shows this avatar of the group. */
  setPicture(key: PortalKey, avatar: string): void;
  /** Stores that the room may show another picture than the group's. */
  doubtPicture(key: PortalKey): void;
  /** Stores that the room shows these permissions of the group. */
  setPowers(key: PortalKey, powers: string): void;
  /** Counts a change of a group of which its room is to be told later. */
  addUntold(key: PortalKey): void;
  /** The room was told of so many of them. */
  told(key: PortalKey, changes: number): void;
  setMember(key: PortalKey, member: Portal["member"]): void;
  /** Has every room's members checked again before its next message; who has left stays out. */
  doubt(): void;
  /** Removes the chat; its next message makes a new room. */
  remove(key: PortalKey): void;
}

export interface PortalMemberReads {
  /** The members of a group, also those who left. */
  of(key: PortalKey): Promise<readonly PortalMember[]>;
  /** `person` undefined: the login's own. */
  get(key: PortalKey, person: PersonId | undefined): Promise<PortalMember | undefined>;
  /** Those in a group who may do more than everybody, the owners first. */
  withRole(key: PortalKey, limit: number): Promise<readonly PortalMember[]>;
  /** How many are in a group now. */
  count(key: PortalKey): Promise<number>;
  /** The members whom the room does not show as they are. */
  unshown(key: PortalKey, limit: number): Promise<readonly PortalMember[]>;
}
export interface PortalMemberWrites {
  /**
   * Stores a member in place of their earlier row; if it differs, the room does not show it yet. Ignored where the chat
   * is not a known group.
   */
  put(member: PortalMember): void;
  /** Stores that the room may show a member otherwise than this; somebody who is not known is stored so. */
  doubt(member: PortalMember): void;
  /**
   * Stores that the room may show some who left the group: those whom another login in it has as members, or has yet to
   * bring out of the room.
   */
  doubtLeft(key: PortalKey, other: LoginId): void;
  /** Stores that the room shows a member so; ignored where they have changed since. */
  shown(member: PortalMember): void;
}

export interface FormerRoomReads {
  get(room: RoomId): Promise<FormerRoom | undefined>;
  /** Oldest first. */
  of(key: PortalKey): Promise<readonly FormerRoom[]>;
}
export interface FormerRoomWrites {
  /**
   * Moves the chat from `room` to `successor`, or to no room until one is made under `createKey`. Its people are still
   * to be invited. Ignored where `room` is not the chat's room. `bridged`: the successor is a room that its person chose,
   * which the former one does not name.
   */
  leave(change: {
    readonly login: LoginId;
    readonly chat: ChatId;
    readonly room: RoomId;
    readonly successor: RoomId | undefined;
    readonly bridged?: true;
    readonly createKey: string;
    readonly at: number;
  }): void;
  carried(room: RoomId): void;
  /** The room is no chat's any more, and may be anything to anybody. */
  forget(room: RoomId): void;
}

/** An id by which a contact and their chat were known, and the one that both have now. */
export interface FormerId extends PortalKey {
  readonly person: PersonId;
  readonly was: { readonly chat: ChatId; readonly person: PersonId };
}

export interface FormerIdReads {
  of(login: LoginId): Promise<readonly FormerId[]>;
}
export interface FormerIdWrites {
  /**
   * Gives all that is stored of a login's direct chat, and of its contact, to the chat and person that they are now proved
   * to be. Where both chats have a room, the older open one stays; the other becomes a former room of the chat, whose rows
   * are still to be carried. Whom the person verified they have to verify anew. A repeat changes nothing.
   */
  join(id: FormerId, network: NetworkId, at: number): void;
}

/** What people answered to requests, until their network knows. */
export interface RequestAnswerReads {
  /** Whether a chat was accepted, or else declined; undefined where nothing is to be told. */
  of(key: PortalKey): Promise<boolean | undefined>;
  lanes(): Promise<readonly PortalKey[]>;
}
export interface RequestAnswerWrites {
  put(key: PortalKey, accepted: boolean): void;
  /** The network knows of this answer; ignored where there is another by now. */
  told(key: PortalKey, accepted: boolean): void;
}
