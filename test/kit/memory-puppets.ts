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
  readonly read: string[] = [];
  readonly tags: string[] = [];
  async markRead(user: UserId, room: RoomId, event: EventId): Promise<void> {
    this.read.push(`${user} ${room} ${event}`);
  }
  async directChats(): Promise<Readonly<Record<string, readonly string[]>>> {
    return this.direct;
  }
  async setDirectChats(_user: UserId, chats: Readonly<Record<string, readonly string[]>>): Promise<void> {
    this.direct = chats;
  }
  async setTag(user: UserId, room: RoomId, tag: string, on: boolean): Promise<void> {
    this.tags.push(`${user} ${room} ${tag} ${on}`);
  }
}
