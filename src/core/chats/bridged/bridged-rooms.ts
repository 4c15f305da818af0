import type { PortalKey } from "../../model/events.ts";
import type { RoomId } from "../../model/ids.ts";
import type { Store, Writes } from "../../ports/store.ts";

/** The scope of the records of people's own rooms that were bridged to a chat, by room. */
const SCOPE = "bridged-room";

/** A room that a person bridged to a chat. */
interface BridgedRoom extends PortalKey {
  readonly room: RoomId;
  /** Whether the room still has to be made the chat's. */
  readonly begun: boolean;
}

const toBridged = (room: RoomId, value: string): BridgedRoom => ({
  room,
  ...(JSON.parse(value) as Omit<BridgedRoom, "room">),
});

export async function bridgedRoom(
  { records }: Pick<Store, "records">,
  room: RoomId,
): Promise<BridgedRoom | undefined> {
  const value = await records.get(SCOPE, room);
  return value === undefined ? undefined : toBridged(room, value);
}

/** Those that still have to be made their chats'. */
export async function begunRooms({ records }: Pick<Store, "records">): Promise<readonly BridgedRoom[]> {
  const all = await records.all(SCOPE);
  return all.map(({ name, value }) => toBridged(name as RoomId, value)).filter(({ begun }) => begun);
}

export const setBridged = (tx: Writes, { room, login, chat, begun }: BridgedRoom): void =>
  tx.records.set(SCOPE, room, JSON.stringify({ login, chat, begun }));

export const forgetBridged = (tx: Writes, room: RoomId): void => tx.records.remove(SCOPE, room);
