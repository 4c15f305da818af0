import type { EventId, UserId } from "../../core/model/ids.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import type { RoomNews } from "./decode-sync.ts";
import type { Place } from "./sync-position.ts";

/** How far the homeserver's clock may be from ours. */
const SKEW = 3_600_000;

/** Whether the homeserver lacks what it has shown before, as one does that an older copy was put back of. */
export async function isRolledBack(
  requests: Requests,
  bot: UserId,
  { newest }: Place,
  signal: AbortSignal,
): Promise<boolean> {
  if (newest === undefined) return false;
  const path = route`/_matrix/client/v3/rooms/${newest.room}/event/${newest.event}`;
  const reply = await requests.ask({ method: "GET", path, as: bot, signal });
  if (reply.status === 200) return false;
  if (isAbsent(reply) || (reply.status === 403 && errcodeOf(reply.body) !== undefined)) return true;
  throw faultOfReply(reply);
}

/** Of a homeserver that does not know our place, what is younger may not have been seen yet. */
export const oldestUnseen = ({ at, began }: Place): number => Math.max(began, at - SKEW);

/** The newest event among a stream's news, or the one that was before. */
export function newestOf(rooms: readonly RoomNews[], before: Place["newest"]): Place["newest"] {
  let found = rooms.some(({ room, left }) => left && room === before?.room) ? undefined : before;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { room, left, raw } of rooms) {
    const last = left ? undefined : raw.at(-1);
    const [event, at] = [fieldOf(last, "event_id"), fieldOf(last, "origin_server_ts")];
    if (typeof event !== "string" || typeof at !== "number" || at < latest) continue;
    latest = at;
    found = { room, event: event as EventId };
  }
  return found;
}
