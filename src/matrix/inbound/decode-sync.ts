import { createHash } from "node:crypto";
import type { MatrixEvent } from "../../core/model/events.ts";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import { decodeEvent } from "../events/decode.ts";
import { isEventId } from "../http/identifier.ts";
import { fieldOf, listOf } from "../http/json.ts";

export interface RoomUpdate {
  readonly room: RoomId;
  /** The undecoded events, in the room's order. */
  readonly raw: readonly unknown[];
  /** The token to page back from, when the answer did not hold all events. */
  readonly before: string | undefined;
  /** The bot has left the room or was removed. */
  readonly left: boolean;
}

export interface SyncUpdate {
  readonly next: string;
  readonly rooms: readonly RoomUpdate[];
  /** Invitations of the bot. */
  readonly invites: readonly MatrixEvent[];
}

/** Decodes an answer of `/sync`; undefined where it is none. */
export function decodeSync(
  body: unknown,
  bot: UserId,
  isOurs: (user: string) => boolean,
): SyncUpdate | undefined {
  const next = fieldOf(body, "next_batch");
  if (typeof next !== "string") return undefined;
  const rooms = fieldOf(body, "rooms");
  return {
    next,
    rooms: [
      ...entries(fieldOf(rooms, "join")).map(([room, value]) => updateOf(room, value)),
      ...entries(fieldOf(rooms, "leave")).map(([room, value]) => ({
        ...updateOf(room, value),
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
 * The events from the bot's invitation or join on. `/sync` shows a newly joined room from before that time, when nothing
 * was said to the bot. An invitation that the bot has accepted is left out.
 */
export function sinceBotEntered(raw: readonly unknown[], bot: UserId): readonly unknown[] {
  const moves = raw.map((event) => moveOf(event, bot));
  const entered = moves.findIndex((move) => move !== undefined);
  const joined = moves.lastIndexOf("join");
  return raw.filter((_, index) => index >= entered && !(moves[index] === "invite" && index < joined));
}

/** Whether the event invites the bot or joins it to the room; a change of its profile does neither. */
function moveOf(event: unknown, bot: UserId): "invite" | "join" | undefined {
  if (fieldOf(event, "type") !== "m.room.member" || fieldOf(event, "state_key") !== bot) return undefined;
  const membership = fieldOf(fieldOf(event, "content"), "membership");
  const before = fieldOf(fieldOf(fieldOf(event, "unsigned"), "prev_content"), "membership");
  return (membership === "invite" || membership === "join") && before !== "join" ? membership : undefined;
}

const entries = (value: unknown): readonly [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

function updateOf(room: string, value: unknown): RoomUpdate {
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

interface InviteContext {
  readonly bot: UserId;
  readonly isOurs: (user: string) => boolean;
  readonly next: string;
}

/** The invitation as an event. Stripped state need not have an event id; then one is made of the room and stream position. */
function inviteOf(
  room: string,
  value: unknown,
  { bot, isOurs, next }: InviteContext,
): readonly MatrixEvent[] {
  const state = listOf(fieldOf(fieldOf(value, "invite_state"), "events"));
  const member = state.find(
    (event) => fieldOf(event, "type") === "m.room.member" && fieldOf(event, "state_key") === bot,
  );
  if (typeof member !== "object" || member === null) return [];
  const eventId = fieldOf(member, "event_id");
  const id = isEventId(eventId)
    ? eventId
    : `$${createHash("sha256").update(`${room} ${next}`).digest("base64url")}`;
  const unsigned = { invite_room_state: state };
  const decoded = decodeEvent({ ...member, event_id: id, unsigned }, isOurs, room as RoomId);
  return decoded.kind === "event" ? [decoded.event] : [];
}
