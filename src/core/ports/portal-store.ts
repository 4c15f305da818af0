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
  /** Groups whose room does not show all that it is to show. */
  unshown(): Promise<readonly PortalKey[]>;
}
export interface PortalWrites {
  /** Ignored where the chat has one already, and for a login that is no more. */
  add(portal: Portal): void;
  setRoom(key: PortalKey, room: RoomId): void;
  setState(key: PortalKey, state: Portal["state"]): void;
  /** What a group is called, is about and looks like; ignored for a chat between two. */
  setGroup(key: PortalKey, changed: Partial<Pick<GroupPortal, "name" | "topic" | "avatar">>): void;
  /** The room shows this avatar of the group. */
  setPicture(key: PortalKey, avatar: string): void;
  setMember(key: PortalKey, member: Portal["member"]): void;
  /** Who is in the rooms is looked at again, before the next message of each; who has left is left alone. */
  doubt(): void;
  /** Forgets the chat; the next message makes a new room. */
  remove(key: PortalKey): void;
}

export interface PortalMemberReads {
  /** Of a group, who left too. */
  of(key: PortalKey): Promise<readonly PortalMember[]>;
  /** Those whom the room does not show as they are. */
  unshown(key: PortalKey, limit: number): Promise<readonly PortalMember[]>;
}
export interface PortalMemberWrites {
  /**
   * In place of what was known of them; the room does not show it yet, where that is something else. Ignored where the
   * chat is no group that is known.
   */
  put(member: PortalMember): void;
  /** The room shows them so; ignored where they are not so any more. */
  shown(member: PortalMember): void;
}

export interface FormerRoomReads {
  get(room: RoomId): Promise<FormerRoom | undefined>;
  /** Oldest first. */
  of(key: PortalKey): Promise<readonly FormerRoom[]>;
}
export interface FormerRoomWrites {
  /**
   * The chat has its `room` no more, but `successor`, or none until one is made under `createKey`. Its people are still
   * to be asked there. Ignored where it is not the chat's room.
   */
  leave(change: {
    readonly login: LoginId;
    readonly chat: ChatId;
    readonly room: RoomId;
    readonly successor: RoomId | undefined;
    readonly createKey: string;
    readonly at: number;
  }): void;
  carried(room: RoomId): void;
}
