import type { MatrixEvent } from "../../core/model/events.ts";
import type { EventId, RoomId, UserId } from "../../core/model/ids.ts";
import { decodeEvent } from "../events/decode.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { type Requests, route } from "../http/requests.ts";

/** Reads and decodes one event as the bot; undefined where it is gone or redacted. */
export async function readEvent(
  requests: Requests,
  bot: UserId,
  room: RoomId,
  event: EventId,
): Promise<MatrixEvent | undefined> {
  const path = route`/_matrix/client/v3/rooms/${room}/event/${event}`;
  const reply = await requests.ask({ method: "GET", path, as: bot });
  if (reply.status !== 200 && !isAbsent(reply)) throw faultOfReply(reply);
  if (reply.status === 404) return undefined;
  // No user counts as ours, so that events of ghosts, which contacts wrote, are decoded too.
  const decoded = decodeEvent(reply.body, () => false, room);
  return decoded.kind === "event" ? decoded.event : undefined;
}
