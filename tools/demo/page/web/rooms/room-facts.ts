import { type MatrixEvent, type Room, type RoomMember } from "matrix-js-sdk";
import type { DemoPhone, DemoView } from "../../model/demo-state.ts";
import { isShown } from "../chat/shown-events.ts";
import { summaryOf } from "../chat/summary.ts";
import { words } from "../words.ts";

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

interface BridgedChat {
  readonly network: string;
  readonly networkName: string;
  /** The chat's id on the network. */
  readonly chat: string;
}

/** The chat on a network that the room shows, as the bridge says in it (MSC2346). */
export function bridgedChat(room: Room): BridgedChat | undefined {
  const [told] = room.currentState.getStateEvents("m.bridge");
  if (told === undefined) return undefined;
  const { protocol, channel } =
    told.getContent<Readonly<Record<string, Readonly<Record<string, unknown>>>>>();
  const network = text(protocol?.["id"]);
  const chat = text(channel?.["id"]);
  if (network === undefined || chat === undefined) return undefined;
  return { network, chat, networkName: text(protocol?.["displayname"]) ?? network };
}

/** A name without the network behind it, which the room says already. */
function shortName(room: Room, name: string): string {
  const networkName = bridgedChat(room)?.networkName;
  const suffix = networkName === undefined ? "" : ` (${networkName})`;
  return suffix !== "" && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

export const titleOf = (room: Room): string => shortName(room, room.name);

export function nameIn(room: Room, userId: string | undefined, me: string): string {
  if (userId === me) return words.chat.you;
  return shortName(room, room.getMember(userId ?? "")?.rawDisplayName ?? userId ?? "");
}

/** Whether it is a direct chat with the bot. */
export function isBotRoom(room: Room, botId: string): boolean {
  const membership = room.getMember(botId)?.membership;
  const there = membership === "join" || membership === "invite";
  return (
    there &&
    !room.isSpaceRoom() &&
    room.getInvitedAndJoinedMemberCount() === 2 &&
    bridgedChat(room) === undefined
  );
}

/** The phone at the other end of the room. */
export function phoneOf(room: Room | undefined, view: DemoView): DemoPhone | undefined {
  const bridged = room && bridgedChat(room);
  return (
    bridged && view.phones.find(({ jid, network }) => jid === bridged.chat && network === bridged.network)
  );
}

export const lastEvent = (room: Room): MatrixEvent | undefined =>
  room.getLiveTimeline().getEvents().findLast(isShown);

export const typingIn = (room: Room, me: string): readonly RoomMember[] =>
  room.getMembers().filter(({ typing, userId }) => typing && userId !== me);

/** What stands under a room's name in the list. */
export function underName(room: Room, me: string): string {
  if (typingIn(room, me).length > 0) return words.rooms.typing;
  const last = lastEvent(room);
  if (last === undefined) return words.rooms.empty;
  return (last.getSender() === me ? words.rooms.you : "") + summaryOf(last);
}

export const unreadOf = (room: Room): number => room.getUnreadNotificationCount();

export interface RoomGroup {
  readonly title: string;
  readonly rooms: readonly Room[];
}

const byLast = (a: Room, b: Room): number => b.getLastActiveTimestamp() - a.getLastActiveTimestamp();

/** The rooms as they are listed: those of each Space under its name, then the others; the newest first in each. */
export function groupsOf(rooms: readonly Room[]): readonly RoomGroup[] {
  const chats = new Map(rooms.filter((room) => !room.isSpaceRoom()).map((room) => [room.roomId, room]));
  const placed = new Set<string>();
  const spaces = rooms
    .filter((room) => room.isSpaceRoom())
    .map((space) => {
      const children = space.currentState
        .getStateEvents("m.space.child")
        .filter((event) => Array.isArray(event.getContent()["via"]))
        .flatMap((event) => chats.get(event.getStateKey() ?? "") ?? []);
      for (const { roomId } of children) placed.add(roomId);
      return { title: spaceTitle(space, rooms), rooms: children.toSorted(byLast) };
    });
  const others = [...chats.values()].filter(({ roomId }) => !placed.has(roomId)).toSorted(byLast);
  return [{ title: words.rooms.chats, rooms: others }, ...spaces].filter((group) => group.rooms.length > 0);
}

/** A Space's name behind that of the Space it is in. */
function spaceTitle(space: Room, all: readonly Room[]): string {
  const around = all.find(
    (one) =>
      one.isSpaceRoom() &&
      Array.isArray(one.currentState.getStateEvents("m.space.child", space.roomId)?.getContent()["via"]),
  );
  return around === undefined ? space.name : `${around.name} › ${space.name}`;
}
