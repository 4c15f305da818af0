import { isDeepStrictEqual } from "node:util";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Homeserver } from "../../core/ports/homeserver.ts";
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

/** Power of users of ours, in the room's levels and in those a read-only room gets back. */
export async function setPowers(
  requests: Requests,
  homeserver: Pick<Homeserver, "bot" | "isOurs">,
  room: RoomId,
  powers: ReadonlyMap<UserId, number>,
): Promise<void> {
  const { bot } = homeserver;
  const read = (type: string) => getState(requests, bot, { room, type, stateKey: "" });
  const set = (type: string, content: object) =>
    setState(requests, { bot, as: bot, room, type, stateKey: "", content });
  const isGhost = (user: UserId): boolean => user !== bot && homeserver.isOurs(user);
  const kept = levelsIn(await read(ARCHIVED));
  if (kept !== undefined) await set(ARCHIVED, { power_levels: withPowers(kept, bot, isGhost, powers) });
  await set(POWER, withPowers((await read(POWER)) ?? {}, bot, isGhost, powers));
}

/** The levels with our ghosts' power as given, never above the bot's. */
export function withPowers(
  levels: Content,
  bot: UserId,
  isGhost: (user: UserId) => boolean,
  powers: ReadonlyMap<UserId, number>,
): Content {
  const users = fieldOf(levels, "users");
  const before = typeof users === "object" && users !== null ? Object.entries(users) : [];
  const others = before.filter(([user]) => !isGhost(user as UserId));
  const own = others.find(([user]) => user === bot)?.[1];
  // A creator of room version 12 is above all levels, and is not listed.
  const most = typeof own === "number" ? own : PORTAL_POWER.events[POWER];
  const given = Array.from(powers, ([user, power]) => [user, Math.min(power, most)] as const);
  return { ...levels, users: Object.fromEntries([...others, ...given]) };
}

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
