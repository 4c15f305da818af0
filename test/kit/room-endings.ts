import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA, type FlowWorld } from "./flow-world.ts";
import type { OpenFlow } from "./open-flow.ts";

/** An administrator of the homeserver, who is in none of the bridge's rooms at first. */
export const ADMIN = "@root:test" as UserId;
export const LEVELS = "m.room.power_levels";

export const ghostIn = ({ world, room }: OpenFlow): UserId =>
  world.homeserver.room(room).events.find(({ send }) => send.content["body"] === "hello")?.send
    .sender as UserId;

/** Gives the administrator of the homeserver power in a room. */
export function reigns(
  { homeserver }: FlowWorld,
  room: RoomId,
  more: Readonly<Record<UserId, number>> = {},
): void {
  const it = homeserver.room(room);
  it.member(ADMIN, "join", ADMIN);
  const levels = it.state.get(`${LEVELS} `) as { readonly users: object };
  it.put(homeserver.bot, LEVELS, { ...levels, users: { ...levels.users, [ADMIN]: 100, ...more } }, "");
}

export function deletes({ homeserver }: FlowWorld, room: RoomId): void {
  for (const [key, { id }] of homeserver.rooms) if (id === room) homeserver.rooms.delete(key);
}

/** Pushes a tombstone, which the homeserver in memory does not push itself. */
export const tombstone = (world: FlowWorld, room: RoomId, sender = ADMIN) =>
  world.push({ kind: "tombstone", room, sender, id: world.newEventId(), at: world.clock.now() });

export async function invites(world: FlowWorld, next: RoomId, replaces: RoomId, by = ADMIN): Promise<void> {
  const { bot } = world.homeserver;
  world.homeserver.room(next).invite(by, bot, false);
  const member = { kind: "member", user: bot, membership: "invite", direct: false } as const;
  await world.push({ ...member, room: next, sender: by, id: world.newEventId(), at: 0, replaces });
}

export const roomOf = async ({ world }: OpenFlow): Promise<RoomId> => (await world.portal(ANA, "Bram")).room;

/** The lines that the contact wrote, as the room shows them. */
export const texts = ({ world }: OpenFlow, room: RoomId): readonly string[] =>
  world.homeserver.shown(room).filter((line) => line.startsWith("Bram: "));
