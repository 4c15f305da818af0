import { isDeepStrictEqual } from "node:util";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Homeserver, RoomPowers } from "../../core/ports/homeserver.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { POWER as PORTAL_POWER } from "./room-creation.ts";

type Content = Readonly<Record<string, unknown>>;

/** The content of a state event, read as a member of the room; undefined where there is none. */
export async function getState(
  requests: Requests,
  as: UserId,
  { room, type, stateKey }: { readonly room: RoomId; readonly type: string; readonly stateKey: string },
): Promise<Content | undefined> {
  const path = route`/_matrix/client/v3/rooms/${room}/state/${type}/${stateKey}`;
  const reply = await requests.ask({ method: "GET", path, as });
  const { status, body } = reply;
  if (isAbsent(reply)) return undefined;
  if (status === 200 && typeof body === "object" && body !== null) return body as Content;
  throw faultOfReply(reply);
}

interface StateToSet {
  readonly bot: UserId;
  readonly as: UserId;
  readonly room: RoomId;
  readonly type: string;
  readonly stateKey: string;
  readonly content: object;
}

/** Sets a state event unless its content is the same; one that does not exist counts as empty. */
export async function setState(requests: Requests, wanted: StateToSet): Promise<void> {
  const { bot, as, room, type, stateKey, content } = wanted;
  const now = (await getState(requests, bot, { room, type, stateKey })) ?? {};
  if (isDeepStrictEqual(now, content)) return;
  const path = route`/_matrix/client/v3/rooms/${room}/state/${type}/${stateKey}`;
  await requests.json({ method: "PUT", path, as, body: content });
}

const POWER = "m.room.power_levels";
/** The state event in which an archived room keeps the power levels it had, for its reopening. */
const ARCHIVED = "thirdpartychats.archived";
const BOT_ONLY = 100;

/** Makes the room read-only for all but the bot, its creator. A repeat goes on where an interrupted one ended. */
export async function archiveRoom(requests: Requests, bot: UserId, room: RoomId): Promise<void> {
  const set = (type: string, content: object) =>
    setState(requests, { bot, as: bot, room, type, stateKey: "", content });
  const marker = await getState(requests, bot, { room, type: ARCHIVED, stateKey: "" });
  const kept = levelsIn(marker);
  const before = kept ?? (await getState(requests, bot, { room, type: POWER, stateKey: "" })) ?? {};
  if (kept === undefined) await set(ARCHIVED, { power_levels: before });
  await set(POWER, readOnly(before));
}

export async function adoptRoom(requests: Requests, bot: UserId, room: RoomId): Promise<void> {
  const { users = {} } = (await getState(requests, bot, { room, type: POWER, stateKey: "" })) ?? {};
  const content = { ...PORTAL_POWER, users };
  await setState(requests, { bot, as: bot, room, type: POWER, stateKey: "", content });
}

export async function reopenRoom(requests: Requests, bot: UserId, room: RoomId): Promise<void> {
  const kept = levelsIn(await getState(requests, bot, { room, type: ARCHIVED, stateKey: "" }));
  if (kept === undefined) return;
  await setState(requests, { bot, as: bot, room, type: POWER, stateKey: "", content: kept });
  await setState(requests, { bot, as: bot, room, type: ARCHIVED, stateKey: "", content: {} });
}

/** Sets a group's power levels in the room's, and in those a read-only room gets back. */
export async function setPowers(
  requests: Requests,
  homeserver: Pick<Homeserver, "bot" | "isOurs">,
  room: RoomId,
  powers: RoomPowers,
): Promise<void> {
  const { bot } = homeserver;
  const read = (type: string) => getState(requests, bot, { room, type, stateKey: "" });
  const set = (type: string, content: object) =>
    setState(requests, { bot, as: bot, room, type, stateKey: "", content });
  const isGhost = (user: UserId): boolean => user !== bot && homeserver.isOurs(user);
  const isOwn = await isMadeBy(requests, bot, room);
  const changed = (levels: Content): Content => withPowers(levels, bot, isGhost, { ...powers, isOwn });
  const kept = levelsIn(await read(ARCHIVED));
  const before = kept ?? (await read(POWER)) ?? {};
  if (kept !== undefined) await set(ARCHIVED, { power_levels: changed(before) });
  await set(POWER, kept === undefined ? changed(before) : readOnly(changed(before)));
}

/** Whether the bot made the room; a homeserver that does not say who made one made it for the bot. */
async function isMadeBy(requests: Requests, bot: UserId, room: RoomId): Promise<boolean> {
  const path = route`/_matrix/client/v3/rooms/${room}/state/m.room.create/`;
  const reply = await requests.ask({ method: "GET", path, as: bot, query: { format: "event" } });
  if (reply.status !== 200) throw faultOfReply(reply);
  const creator = fieldOf(reply.body, "sender") ?? fieldOf(reply.body, "creator") ?? bot;
  return creator === bot;
}

/** Types of state that a group's members change. */
const CHANGED = ["m.room.name", "m.room.topic", "m.room.avatar"];
/** What may be done where one may not write. */
const UNWRITTEN = ["m.reaction", "m.room.redaction"];

/**
 * A room's levels as a group has them; nobody's is above the bot's, and who is not below the bot keeps theirs. In a room
 * that the bot made, `isOwn`, all else is as in a new one: its admins may change levels.
 */
export function withPowers(
  levels: Content,
  bot: UserId,
  isGhost: (user: UserId) => boolean,
  { ghosts, people: all, writes, changes, roles, isOwn }: RoomPowers & { readonly isOwn: boolean },
): Content {
  const people = isOwn ? all : new Map<UserId, number>();
  const before = entriesOf(levels["users"]);
  const own = before.find(([user]) => user === bot)?.[1];
  // A creator of room version 12 is above all levels, and is not listed.
  const most = typeof own === "number" ? own : PORTAL_POWER.events[POWER];
  const isGiven = ([user, power]: readonly [string, unknown]): boolean =>
    isGhost(user as UserId) || (isOwn && !(typeof power === "number" && power >= most));
  const others = before.filter((entry) => !isGiven(entry));
  const kept = new Set(others.map(([user]) => user));
  const given = [...ghosts, ...people]
    .map(([user, power]) => [user, Math.min(power, most)] as const)
    .filter(([user, power]) => power > 0 && !kept.has(user));
  const needed = [
    ...CHANGED.map((type) => [type, changes] as const),
    ...(writes > 0 ? UNWRITTEN.map((type) => [type, 0] as const) : []),
  ];
  const types = new Set([...CHANGED, ...UNWRITTEN]);
  const { users_default, state_default, kick, ban, redact, events } = PORTAL_POWER;
  const standard = isOwn ? { users_default, state_default, kick, ban, redact } : {};
  const settings = isOwn ? { ...events, [POWER]: roles } : {};
  const otherEvents = entriesOf(levels["events"]).filter(([type]) => !types.has(type));
  return {
    ...levels,
    ...standard,
    users: Object.fromEntries([...others, ...given]),
    events: { ...Object.fromEntries([...otherEvents, ...needed]), ...settings },
    events_default: writes,
    invite: changes,
    // Whether somebody may mention all is the network's to say.
    notifications: { ...Object.fromEntries(entriesOf(levels["notifications"])), room: 0 },
  };
}

const entriesOf = (fields: unknown): readonly (readonly [string, unknown])[] =>
  typeof fields === "object" && fields !== null ? Object.entries(fields) : [];

function levelsIn(marker: Content | undefined): Content | undefined {
  const kept = fieldOf(marker, "power_levels");
  return typeof kept === "object" && kept !== null ? (kept as Content) : undefined;
}

/** The power levels of an archived room: sending and inviting need `BOT_ONLY`. */
function readOnly(levels: Content): Content {
  const raised = (level: unknown): unknown =>
    typeof level === "number" && level >= BOT_ONLY ? level : BOT_ONLY;
  const { events } = levels;
  const types = typeof events === "object" && events !== null ? Object.entries(events) : [];
  return {
    ...levels,
    events_default: raised(levels["events_default"]),
    invite: raised(levels["invite"]),
    events: Object.fromEntries(types.map(([type, level]) => [type, raised(level)])),
  };
}
