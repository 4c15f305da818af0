import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { MemoryRoom, type RoomMaking } from "./memory-room.ts";

interface Upgrade {
  readonly id: RoomId;
  readonly by: UserId;
  readonly bot: UserId;
  /** Whether the bot keeps its power. */
  readonly trusted: boolean;
}

/** The room that takes the place of an old one, which is closed, as Synapse does it. */
export function upgradedRoom(
  old: MemoryRoom,
  { id, by, trusted, bot }: Upgrade,
  newId: RoomMaking["newId"],
): MemoryRoom {
  const { users } = old.state.get("m.room.power_levels ") as { readonly users: Record<string, number> };
  const kept = trusted ? users : { ...users, [bot]: 0 };
  const spec = { ...old.spec, key: id.slice(1), predecessor: old.id, state: [] };
  const room = new MemoryRoom({ id, spec, creator: by, newId, now: old.now });
  const levels = room.state.get("m.room.power_levels ");
  room.put(by, "m.room.power_levels", { ...levels, users: { ...kept, [by]: 100 } }, "");
  old.say(by, "m.room.tombstone", { body: "replaced", replacement_room: id }, "");
  const before = old.state.get("m.room.power_levels ");
  old.say(by, "m.room.power_levels", { ...before, events_default: 50, invite: 50 }, "");
  return room;
}
