import type { RoomId } from "../../src/core/model/ids.ts";
import { MemoryRoom } from "./memory-room.ts";

/** The rooms of a homeserver in memory, by the key of their alias. */
export class AliasedRooms extends Map<string, MemoryRoom> {
  /** Makes a room under a key's alias, or answers the one that has it. */
  make(room: Omit<ConstructorParameters<typeof MemoryRoom>[0], "id">): MemoryRoom {
    const { key } = room.spec;
    const existing = this.get(key);
    if (existing) return existing;
    const earlier = Array.from(this.values()).filter(({ spec }) => spec.key === key).length;
    const made = new MemoryRoom({ ...room, id: `!${key}${earlier === 0 ? "" : `-${earlier}`}` as RoomId });
    this.set(key, made);
    return made;
  }

  /** Takes an alias away; the room stays. */
  unname(key: string): void {
    const room = this.get(key);
    if (!room) return;
    this.delete(key);
    this.set(`${room.id} without an alias`, room);
  }
}
