import type { EventId, RoomId, UserId } from "../model/ids.ts";

import type { EventToSend } from "./homeserver.ts";

/** A locked account comes back as it was, a deactivated one does not. */
export type AccountState = "active" | "locked" | "deactivated" | "unknown";

/** Acting as the people of our own homeserver, where its administrator installed the second registration. */
export interface Puppets {
  /** Whether the second registration is installed and works; the homeserver is rarely asked. */
  installed(): Promise<boolean>;
  /** The state of a person's account; `unknown` where the homeserver does not say. */
  account(user: UserId): Promise<AccountState>;
  join(user: UserId, room: RoomId): Promise<void>;
  /**
   * Sends under the row's id, without a device: the homeserver recognises repeats for some minutes, until its restart.
   */
  send(event: EventToSend): Promise<EventId>;
  markRead(user: UserId, room: RoomId, event: EventId): Promise<void>;
  /** The person's `m.direct`: rooms by the user they are direct chats with. */
  directChats(user: UserId): Promise<Readonly<Record<string, readonly string[]>>>;
  setDirectChats(user: UserId, chats: Readonly<Record<string, readonly string[]>>): Promise<void>;
  /**
   * Has what comes in a room notify the person or not, by a push rule of the bridge's own; what the person chose for the
   * room themselves stays.
   */
  setQuiet(user: UserId, room: RoomId, quiet: boolean): Promise<void>;
  /** Marks a room as unread in the person's clients, or takes that back; what they read there takes it back too. */
  setMarkedUnread(user: UserId, room: RoomId, unread: boolean): Promise<void>;
  /** The users whom the person ignores: `m.ignored_user_list`. */
  ignoredUsers(user: UserId): Promise<readonly UserId[]>;
  setTag(user: UserId, room: RoomId, tag: string, on: boolean): Promise<void>;
}
