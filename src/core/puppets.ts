import type { EventId, RoomId, UserId } from "./ids.ts";

/** Acting as the people of our own homeserver, where its administrator installed the second registration. */
export interface Puppets {
  /** Whether it is installed and works; asked rarely. */
  installed(): Promise<boolean>;
  join(user: UserId, room: RoomId): Promise<void>;
  markRead(user: UserId, room: RoomId, event: EventId): Promise<void>;
  /** The person's `m.direct`: rooms by the user they are direct chats with. */
  directChats(user: UserId): Promise<Readonly<Record<string, readonly string[]>>>;
  setDirectChats(user: UserId, chats: Readonly<Record<string, readonly string[]>>): Promise<void>;
  setTag(user: UserId, room: RoomId, tag: string, on: boolean): Promise<void>;
}
