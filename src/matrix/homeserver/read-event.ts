import type { MatrixEvent } from "../../core/model/events.ts";
import type { EventId, RoomId, UserId } from "../../core/model/ids.ts";
import type { Homeserver, Sealed } from "../../core/ports/homeserver.ts";
import type { Encryption } from "../crypto/encryption.ts";
import { decodeEvent } from "../events/decode.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";

/** Reads and decodes one event as the bot; undefined where it is gone or redacted. */
export async function readEvent(
  requests: Requests,
  ours: Pick<Homeserver, "bot" | "isOurs">,
  room: RoomId,
  event: EventId,
  encryption: Pick<Encryption, "read"> | undefined,
): Promise<MatrixEvent | undefined> {
  const path = route`/_matrix/client/v3/rooms/${room}/event/${event}`;
  const reply = await requests.ask({ method: "GET", path, as: ours.bot });
  if (reply.status !== 200 && !isAbsent(reply)) throw faultOfReply(reply);
  if (reply.status === 404) return undefined;
  const sender = fieldOf(reply.body, "sender") as UserId;
  // Whoever of ours wrote it has the keys; of others the bot has them.
  const reader = ours.isOurs(sender) ? sender : ours.bot;
  const clear = encryption ? await encryption.read(reply.body, room, reader) : reply.body;
  // No user counts as ours, so that events of ghosts, which contacts wrote, are decoded too.
  const decoded = decodeEvent(clear, () => false, room);
  return decoded.kind === "event" ? decoded.event : undefined;
}

/** A sealed event where the bridge opens none: what follows the request to verify the bot is for nobody. */
export const unopened = (event: Sealed): Sealed | undefined =>
  event.kind === "unsupported" && event.unseen ? undefined : event;
