import type { EventId, OutboxId, RoomId, UserId } from "../../core/model/ids.ts";
import { CONTENT_KEY } from "../../core/ports/homeserver.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { isEventId } from "../http/identifier.ts";
import { fieldOf, listOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";

/** Milliseconds by which the homeserver's clock may be behind ours. */
const SKEW = 3_600_000;

/** Users who are joined or invited. */
export async function membersOf(requests: Requests, as: UserId, room: RoomId): Promise<readonly UserId[]> {
  const path = route`/_matrix/client/v3/rooms/${room}/members`;
  const { chunk } = await requests.json({ method: "GET", path, as });
  return listOf(chunk).flatMap((event) => {
    const user = fieldOf(event, "state_key") as UserId;
    const membership = fieldOf(fieldOf(event, "content"), "membership");
    return membership === "join" || membership === "invite" ? [user] : [];
  });
}

/** A user's membership of a room, read as one of its members. */
export async function membershipOf(
  requests: Requests,
  as: UserId,
  user: UserId,
  room: RoomId,
): Promise<unknown> {
  const path = route`/_matrix/client/v3/rooms/${room}/state/m.room.member/${user}`;
  const reply = await requests.ask({ method: "GET", path, as });
  return reply.status === 200 ? fieldOf(reply.body, "membership") : undefined;
}

export async function isEncrypted(requests: Requests, as: UserId, room: RoomId): Promise<boolean> {
  const path = route`/_matrix/client/v3/rooms/${room}/state/m.room.encryption/`;
  const reply = await requests.ask({ method: "GET", path, as });
  if (reply.status === 200) return true;
  if (isAbsent(reply)) return false;
  throw faultOfReply(reply);
}

interface SentEventQuery {
  readonly room: RoomId;
  readonly sender: UserId;
  readonly row: OutboxId;
  /** What the row was encrypted to, where it was. */
  readonly ciphertext?: string | undefined;
  /** Milliseconds since the epoch before which the event cannot have been sent. */
  readonly since: number;
}

/** Pages back through the sender's events for the one that carries the row's id. */
export async function findSent(
  requests: Requests,
  as: UserId,
  wanted: SentEventQuery,
): Promise<EventId | undefined> {
  const path = route`/_matrix/client/v3/rooms/${wanted.room}/messages`;
  const filter = JSON.stringify({ senders: [wanted.sender], lazy_load_members: true });
  for (let from: string | undefined; ; ) {
    const query = { dir: "b", limit: "100", filter, ...(from === undefined ? {} : { from }) };
    const { chunk, end } = await requests.json({ method: "GET", path, as, query });
    for (const event of listOf(chunk)) {
      if (fieldOf(event, "sender") !== wanted.sender) continue;
      const id = fieldOf(event, "event_id");
      if (isEventId(id) && isMadeBy(wanted, fieldOf(event, "content"))) return id;
      const at = fieldOf(event, "origin_server_ts");
      if (typeof at === "number" && at < wanted.since - SKEW) return undefined;
    }
    if (typeof end !== "string" || end === from) return undefined;
    from = end;
  }
}

function isMadeBy({ row, ciphertext }: SentEventQuery, content: unknown): boolean {
  if (fieldOf(content, CONTENT_KEY) === row) return true;
  return ciphertext !== undefined && fieldOf(content, "ciphertext") === ciphertext;
}

/** The messages a user, or everybody, sent before an event, newest first. `/context` spends half of its limit on later events. */
export async function saidBefore(
  requests: Requests,
  as: UserId,
  {
    room,
    event,
    sender,
  }: { readonly room: RoomId; readonly event: EventId; readonly sender: UserId | undefined },
): Promise<readonly EventId[]> {
  const path = route`/_matrix/client/v3/rooms/${room}/context/${event}`;
  const filter = JSON.stringify({
    ...(sender === undefined ? {} : { senders: [sender] }),
    types: ["m.room.message", "m.room.encrypted"],
    lazy_load_members: true,
  });
  const reply = await requests.ask({ method: "GET", path, as, query: { limit: "100", filter } });
  if (isAbsent(reply)) return [];
  if (reply.status !== 200) throw faultOfReply(reply);
  return listOf(fieldOf(reply.body, "events_before")).flatMap((before) => {
    const id = fieldOf(before, "event_id");
    return isEventId(id) && (sender === undefined || fieldOf(before, "sender") === sender) ? [id] : [];
  });
}

/** Milliseconds for which somebody types unless it is said again. */
const TYPING = 30_000;

export async function setTyping(
  requests: Requests,
  as: UserId,
  room: RoomId,
  active: boolean,
): Promise<void> {
  const path = route`/_matrix/client/v3/rooms/${room}/typing/${as}`;
  const body = active ? { typing: true, timeout: TYPING } : { typing: false };
  await requests.json({ method: "PUT", path, as, body });
}

/** A user who is not in the room cannot be kicked, and need not be (spec: `POST /rooms/{roomId}/kick`). */
export async function putOut(
  requests: Requests,
  bot: UserId,
  room: RoomId,
  { user, reason }: { readonly user: UserId; readonly reason: string },
): Promise<void> {
  if (!(await membersOf(requests, bot, room)).includes(user)) return;
  const path = route`/_matrix/client/v3/rooms/${room}/kick`;
  await requests.json({ method: "POST", path, as: bot, body: { user_id: user, reason } });
}
