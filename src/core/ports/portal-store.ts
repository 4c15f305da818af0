import type { PortalKey } from "../model/events.ts";
import type { ChatId, LoginId, NetworkId, PersonId, RoomId } from "../model/ids.ts";
import type { FormerRoom, Portal } from "./rows.ts";

export interface PortalReads {
  byRoom(room: RoomId): Promise<Portal | undefined>;
  byChat(key: PortalKey): Promise<Portal | undefined>;
  ofLogin(login: LoginId): Promise<readonly Portal[]>;
  /** The chats between two of everybody here with this contact. */
  ofPerson(network: NetworkId, person: PersonId): Promise<readonly Portal[]>;
}
export interface PortalWrites {
  /** Ignored where the chat has one already, and for a login that is no more. */
  add(portal: Portal): void;
  setRoom(key: PortalKey, room: RoomId): void;
  setState(key: PortalKey, state: Portal["state"]): void;
  setMember(key: PortalKey, member: Portal["member"]): void;
  /** Who is in the rooms is looked at again, before the next message of each; who has left is left alone. */
  doubt(): void;
  /** Forgets the chat; the next message makes a new room. */
  remove(key: PortalKey): void;
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
