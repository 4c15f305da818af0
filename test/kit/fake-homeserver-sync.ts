import type { FakeKind } from "./fake-homeserver-kinds.ts";
import { type FakeEvent, type FakeRoom, type FakeState, MatrixFault } from "./fake-homeserver-state.ts";

type Json = Record<string, unknown>;

interface Timeline {
  readonly limit: number;
  readonly types: ReadonlySet<string> | undefined;
}

const tokenOf = (position: number): string => `s${position}`;

/** The position from which a `/sync` is asked. */
export function placeIn(query: URLSearchParams, now: number, kind: FakeKind): number | undefined {
  if (!query.has("since")) return undefined;
  const since = positionOf(query.get("since"));
  if (since > now && kind.futurePlace === "refused")
    throw new MatrixFault(400, "M_UNKNOWN", "The place is not known");
  return Math.min(since, now);
}

function positionOf(token: string | null): number {
  const position = Number(token?.slice(1));
  if (!Number.isSafeInteger(position)) throw new MatrixFault(400, "M_INVALID_PARAM", "bad token");
  return position;
}

export const clientEvent = ({ stream: _stream, ...event }: FakeEvent): Json => event;

/** One answer of `/sync` for a user: what came after `since`, or the newest of every room. */
export function syncAnswer(
  state: FakeState,
  user: string,
  since: number | undefined,
  filter: Timeline,
): Json {
  const join: Json = {};
  const leave: Json = {};
  const invite: Json = {};
  for (const room of touched(state, since)) {
    const membership = state.membership(room, user);
    const own = state.stateOf(room, "m.room.member", user);
    const news = since !== undefined && own !== undefined && own.stream > since;
    if (membership === "join") {
      join[room.id] = timelineOf(room, news && newlyJoined(room, user, since) ? undefined : since, filter);
    } else if (membership === "invite" && (since === undefined || news) && own !== undefined) {
      const { type, state_key, content, sender } = own;
      invite[room.id] = { invite_state: { events: [{ type, state_key, content, sender }] } };
    } else if (membership === "leave" && news) {
      leave[room.id] = timelineOf(room, since, filter);
    }
  }
  return { next_batch: tokenOf(state.position), rooms: { join, invite, leave } };
}

/** Whether there are events for the user after a position. */
export function hasNews(state: FakeState, user: string, since: number): boolean {
  for (let at = since; at < state.timeline.length; at += 1) {
    const event = state.timeline[at];
    const room = event && state.rooms.get(event.room_id);
    if (event === undefined || room === undefined) continue;
    if (state.membership(room, user) === "join" || event.state_key === user) return true;
  }
  return false;
}

function touched(state: FakeState, since: number | undefined): Iterable<FakeRoom> {
  if (since === undefined) return state.rooms.values();
  const rooms = new Set<FakeRoom>();
  for (let at = since; at < state.timeline.length; at += 1) {
    const room = state.rooms.get(state.timeline[at]?.room_id ?? "");
    if (room !== undefined) rooms.add(room);
  }
  return rooms;
}

/** Whether the user has newly joined, so that `/sync` shows the room's newest events. */
function newlyJoined(room: FakeRoom, user: string, since: number): boolean {
  const before = room.events.findLast(
    ({ stream, type, state_key }) => stream <= since && type === "m.room.member" && state_key === user,
  );
  return before?.content["membership"] !== "join";
}

function timelineOf(room: FakeRoom, since: number | undefined, { limit, types }: Timeline): Json {
  const after: FakeEvent[] = [];
  let cut = false;
  for (let at = room.events.length - 1; at >= 0; at -= 1) {
    const event = room.events[at];
    if (event === undefined || (since !== undefined && event.stream <= since)) break;
    if (types !== undefined && !types.has(event.type)) continue;
    if (after.length === limit) {
      cut = true;
      break;
    }
    after.push(event);
  }
  const events = after.toReversed();
  const first = events[0];
  return {
    timeline: {
      events: events.map(clientEvent),
      limited: cut,
      prev_batch: tokenOf(first === undefined ? (since ?? 0) : first.stream - 1),
    },
    state: { events: [] },
  };
}

/** `GET /messages` backwards from one token to another. */
export function messages(room: FakeRoom, query: URLSearchParams, position: number): Json {
  const from = query.has("from") ? positionOf(query.get("from")) : position;
  const to = query.has("to") ? positionOf(query.get("to")) : 0;
  const limit = Math.min(1000, Number(query.get("limit") ?? 10));
  const filter = JSON.parse(query.get("filter") ?? "{}") as { types?: string[]; senders?: string[] };
  const chunk = room.events
    .filter(
      ({ stream, type, sender }) =>
        stream <= from &&
        stream > to &&
        (filter.types?.includes(type) ?? true) &&
        (filter.senders?.includes(sender) ?? true),
    )
    .slice(-limit)
    .toReversed();
  const last = chunk.at(-1);
  const more = last !== undefined && chunk.length === limit;
  return {
    chunk: chunk.map(clientEvent),
    start: tokenOf(from),
    ...(more ? { end: tokenOf(last.stream - 1) } : {}),
  };
}

/** `/context`: half of the limit before the event and half after it, both after the filter. */
export function context(room: FakeRoom, id: string, query: URLSearchParams): Json {
  const event = room.events.find(({ event_id: each }) => each === id);
  if (event === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "Event not found.");
  const half = Math.floor(Number(query.get("limit") ?? 10) / 2);
  const asked = new URLSearchParams(query);
  asked.set("limit", String(half));
  const { chunk } = messages(room, asked, event.stream - 1);
  return { event: clientEvent(event), events_before: chunk, events_after: [] };
}

export function timelineFilter(text: string | null): Timeline {
  const filter = JSON.parse(text ?? "{}") as { room?: { timeline?: { limit?: number; types?: string[] } } };
  const { limit = 10, types } = filter.room?.timeline ?? {};
  return { limit, types: types === undefined ? undefined : new Set(types) };
}
