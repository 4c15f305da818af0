import type { EventId, RoomId, UserId } from "../../src/core/ids.ts";
import type { Puppets } from "../../src/core/puppets.ts";

/** The second registration, installed or not at will. */
export class MemoryPuppets implements Puppets {
  there = false;
  readonly joined: string[] = [];
  direct: Readonly<Record<string, readonly string[]>> = {};

  async installed(): Promise<boolean> {
    return this.there;
  }
  async join(user: UserId, room: RoomId): Promise<void> {
    this.joined.push(`${user} ${room}`);
  }
  async markRead(_user: UserId, _room: RoomId, _event: EventId): Promise<void> {}
  async directChats(): Promise<Readonly<Record<string, readonly string[]>>> {
    return this.direct;
  }
  async setDirectChats(_user: UserId, chats: Readonly<Record<string, readonly string[]>>): Promise<void> {
    this.direct = chats;
  }
  async setTag(): Promise<void> {}
}
