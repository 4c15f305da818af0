import { createHash } from "node:crypto";
import type { MatrixEvent } from "../../core/model/events.ts";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import { decodeEvent } from "../events/decode.ts";
import { isEventId } from "../http/identifier.ts";
import { fieldOf, listOf } from "../http/json.ts";

export interface RoomNews {
  readonly room: RoomId;
  /** As they came, in the order of the room. */
  readonly raw: readonly unknown[];
  /** Where to page back from, when there was more than one answer holds. */
  readonly before: string | undefined;
  /** The bot is not in it any more. */
  readonly left: boolean;
}

export interface SyncNews {
  readonly next: string;
  readonly rooms: readonly RoomNews[];
  /** The bot's invitations. */
  readonly invites: readonly MatrixEvent[];
}

/** An answer of `/sync` in parts; undefined where it is none. */
export function decodeSync(
  body: unknown,
  bot: UserId,
  isOurs: (user: string) => boolean,
): SyncNews | undefined {
  const next = fieldOf(body, "next_batch");
  if (typeof next !== "string") return undefined;
  const rooms = fieldOf(body, "rooms");
  return {
    next,
    rooms: [
      ...entries(fieldOf(rooms, "join")).map(([room, value]) => newsOf(room, value)),
      ...entries(fieldOf(rooms, "leave")).map(([room, value]) => ({
        ...newsOf(room, value),
        before: undefined,
        left: true,
      })),
    ],
    invites: entries(fieldOf(rooms, "invite")).flatMap(([room, value]) =>
      inviteOf(room, value, { bot, isOurs, next }),
    ),
  };
}

/**
 * What happened in a room since the bot came to it. A room newly joined is shown from its end back into the time
 * before; what was said there was not said to the bot, and the invitation it followed is done with.
 */
export function sinceArrival(raw: readonly unknown[], bot: UserId): readonly unknown[] {
  const moves = raw.map((event) => moveOf(event, bot));
  const arrived = moves.findIndex((move) => move !== undefined);
  const joined = moves.lastIndexOf("join");
  return raw.filter((_, index) => index >= arrived && !(moves[index] === "invite" && index < joined));
}

/** How an event brings the bot into a room; a change of its profile is none. */
function moveOf(event: unknown, bot: UserId): "invite" | "join" | undefined {
  if (fieldOf(event, "type") !== "m.room.member" || fieldOf(event, "state_key") !== bot) return undefined;
  const membership = fieldOf(fieldOf(event, "content"), "membership");
  const before = fieldOf(fieldOf(fieldOf(event, "unsigned"), "prev_content"), "membership");
  return (membership === "invite" || membership === "join") && before !== "join" ? membership : undefined;
}

const entries = (value: unknown): readonly [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

function newsOf(room: string, value: unknown): RoomNews {
  const timeline = fieldOf(value, "timeline");
  const before = fieldOf(timeline, "prev_batch");
  const limited = fieldOf(timeline, "limited") === true && typeof before === "string";
  return {
    room: room as RoomId,
    raw: listOf(fieldOf(timeline, "events")),
    before: limited ? before : undefined,
    left: false,
  };
}

interface Inviting {
  readonly bot: UserId;
  readonly isOurs: (user: string) => boolean;
  readonly next: string;
}

/** Stripped state need not have an event id; one made of the place in the stream stands in for it. */
function inviteOf(room: string, value: unknown, { bot, isOurs, next }: Inviting): readonly MatrixEvent[] {
  const state = listOf(fieldOf(fieldOf(value, "invite_state"), "events"));
  const member = state.find(
    (event) => fieldOf(event, "type") === "m.room.member" && fieldOf(event, "state_key") === bot,
  );
  if (typeof member !== "object" || member === null) return [];
  const known = fieldOf(member, "event_id");
  const id = isEventId(known)
    ? known
    : `$${createHash("sha256").update(`${room} ${next}`).digest("base64url")}`;
  const unsigned = { invite_room_state: state };
  const decoded = decodeEvent({ ...member, event_id: id, unsigned }, isOurs, room as RoomId);
  return decoded.kind === "event" ? [decoded.event] : [];
}
