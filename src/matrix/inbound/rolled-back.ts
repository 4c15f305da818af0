import type { EventId, UserId } from "../../core/model/ids.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import type { RoomUpdate } from "./decode-sync.ts";
import type { SyncPosition } from "./sync-position.ts";

/** Milliseconds by which the homeserver's clock may differ from ours. */
const SKEW = 3_600_000;

/** Whether the homeserver lacks an event it has shown before, as one that was restored from an older copy does. */
export async function isRolledBack(
  requests: Requests,
  bot: UserId,
  { newest }: SyncPosition,
  signal: AbortSignal,
): Promise<boolean> {
  if (newest === undefined) return false;
  const path = route`/_matrix/client/v3/rooms/${newest.room}/event/${newest.event}`;
  const reply = await requests.ask({ method: "GET", path, as: bot, signal });
  if (reply.status === 200) return false;
  if (isAbsent(reply) || (reply.status === 403 && errcodeOf(reply.body) !== undefined)) return true;
  throw faultOfReply(reply);
}

/** The time from which events may be unseen, for a homeserver that does not know the stored position. */
export const oldestUnseen = ({ at, began }: SyncPosition): number => Math.max(began, at - SKEW);

/** The newest event of these rooms, else the one that was newest before. */
export function newestOf(
  rooms: readonly RoomUpdate[],
  before: SyncPosition["newest"],
): SyncPosition["newest"] {
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
