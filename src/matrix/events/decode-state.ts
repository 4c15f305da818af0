import type { MatrixEvent } from "../../core/model/events.ts";
import { isId } from "../http/identifier.ts";
import { fieldOf } from "../http/json.ts";

type Of<K extends MatrixEvent["kind"]> = Extract<MatrixEvent, { readonly kind: K }>;
type Fields<K extends MatrixEvent["kind"]> = Omit<Of<K>, "room" | "sender" | "id" | "at" | "row" | "beeper">;

type Kind = "room-name" | "room-topic" | "room-avatar" | "power-levels" | "room-access";
export type RoomState = {
  [K in Kind]: Fields<K>;
}[Kind];

/** The most UTF-16 units that are read of a name or topic: more than any room or network takes, so that it is refused. */
const LONGEST = 4_096;
/** The longest `mxc://` address (spec: identifiers have at most 255 bytes). */
const LONGEST_URI = 512;

/** The acts that a room's power levels name beside its events (spec: `m.room.power_levels`). */
const ACTS = ["events_default", "state_default", "invite", "kick", "ban", "redact"] as const;

const text = (content: unknown, field: string): string => {
  const value = fieldOf(content, field);
  return typeof value === "string" ? value.slice(0, LONGEST) : "";
};

/** The decoders of a room's own state, by event type; a field that is missing or none of its kind is as if removed. */
export const ROOM_STATE: ReadonlyMap<string, (content: unknown) => RoomState> = new Map([
  ["m.room.name", (content: unknown): RoomState => ({ kind: "room-name", name: text(content, "name") })],
  ["m.room.topic", (content: unknown): RoomState => ({ kind: "room-topic", topic: text(content, "topic") })],
  ["m.room.avatar", (content: unknown): RoomState => ({ kind: "room-avatar", uri: uriIn(content) })],
  ["m.room.join_rules", (content: unknown) => access(text(content, "join_rule") === "public")],
  [
    "m.room.history_visibility",
    (content: unknown) => access(text(content, "history_visibility") === "world_readable"),
  ],
  ["m.room.power_levels", (content: unknown): RoomState => ({ kind: "power-levels", ...levelsIn(content) })],
]);

const access = (open: boolean): RoomState => ({ kind: "room-access", open });

function uriIn(content: unknown): string {
  const uri = fieldOf(content, "url");
  return typeof uri === "string" && uri.startsWith("mxc://") && uri.length <= LONGEST_URI ? uri : "";
}

function levelsIn(content: unknown): Omit<Fields<"power-levels">, "kind"> {
  const users = fieldOf(content, "users");
  const named = typeof users === "object" && users !== null ? Object.entries(users) : [];
  const levels = named.flatMap(([user, given]) => {
    const level = levelOf(given);
    return isId(user, "@") && level !== undefined ? [[user, level] as const] : [];
  });
  const others = levelOf(fieldOf(content, "users_default")) ?? 0;
  return { levels: Object.fromEntries(levels), others, needs: Object.fromEntries(needsIn(content)) };
}

/** The levels that acts need, by field or `events.TYPE`, of power levels that name them. */
export function needsIn(content: unknown): readonly (readonly [string, number])[] {
  const events = fieldOf(content, "events");
  const types = typeof events === "object" && events !== null ? Object.entries(events) : [];
  return [
    ...ACTS.map((act) => [act, fieldOf(content, act)] as const),
    ...types.map(([type, level]) => [`events.${type}`, level] as const),
  ].flatMap(([act, given]) => {
    const level = levelOf(given);
    return level === undefined ? [] : [[act, level] as const];
  });
}

/** Before room version 10 a level may be text. */
function levelOf(level: unknown): number | undefined {
  const number = typeof level === "string" ? Number.parseInt(level, 10) : level;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}
