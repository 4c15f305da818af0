import type { MatrixEvent, Membership } from "../core/events.ts";
import type { EventId, RoomId, UserId } from "../core/ids.ts";
import { decodeMessage } from "./decode-message.ts";
import { fieldOf } from "./fault.ts";

export interface Ignored {
  readonly kind: "ignored";
  readonly why: "ours" | "redacted" | "not-for-us" | "malformed";
  readonly id?: string;
}

export type Decoded = { readonly kind: "event"; readonly event: MatrixEvent } | Ignored;

/** The sigil and a length the specification allows; what is inside is opaque. */
const isId = (value: unknown, sigil: string): value is string =>
  typeof value === "string" && value.length > 1 && value.length <= 255 && value.startsWith(sigil);

const MEMBERSHIPS: ReadonlySet<unknown> = new Set<Membership>(["invite", "join", "leave", "ban", "knock"]);

/** Message-like events people expect to arrive, and what to call them. */
const UNCARRIED: ReadonlyMap<string, string> = new Map([
  ["m.sticker", "a sticker"],
  ["m.reaction", "a reaction"],
  ["m.poll.start", "a poll"],
  ["org.matrix.msc3381.poll.start", "a poll"],
  ["m.poll.response", "a vote in a poll"],
  ["org.matrix.msc3381.poll.response", "a vote in a poll"],
  ["m.poll.end", "the end of a poll"],
  ["org.matrix.msc3381.poll.end", "the end of a poll"],
  ["m.call.invite", "a call"],
  ["m.location", "a location"],
  ["m.beacon", "a live location"],
  ["m.message", "this kind of message"],
  ["org.matrix.msc1767.message", "this kind of message"],
]);

/** Every type of event that decoding makes something of. */
export const carriedTypes: readonly string[] = [
  "m.room.message",
  "m.room.encrypted",
  "m.room.redaction",
  "m.room.member",
  "m.room.encryption",
  ...UNCARRIED.keys(),
];

/** An untrusted event as the bridge knows it, or why it has nothing to do with it. `room` where the event lacks it. */
export function decodeEvent(raw: unknown, isOurs: (user: string) => boolean, room?: RoomId): Decoded {
  const id = fieldOf(raw, "event_id");
  const sender = fieldOf(raw, "sender");
  const within = room ?? fieldOf(raw, "room_id");
  if (!isId(id, "$") || !isId(sender, "@") || !isId(within, "!"))
    return { kind: "ignored", why: "malformed" };
  if (isOurs(sender)) return { kind: "ignored", why: "ours", id };
  if (fieldOf(fieldOf(raw, "unsigned"), "redacted_because") !== undefined) {
    return { kind: "ignored", why: "redacted", id };
  }
  const at = fieldOf(raw, "origin_server_ts");
  const base = {
    room: within as RoomId,
    sender: sender as UserId,
    id: id as EventId,
    at: typeof at === "number" && Number.isSafeInteger(at) && at > 0 ? at : 0,
  };
  const what = contentOf(raw);
  return what === undefined
    ? { kind: "ignored", why: "not-for-us", id }
    : { kind: "event", event: { ...base, ...what } };
}

type What<Event = MatrixEvent> = Event extends MatrixEvent
  ? Omit<Event, "room" | "sender" | "id" | "at">
  : never;

function contentOf(raw: unknown): What | undefined {
  const type = fieldOf(raw, "type");
  const content = fieldOf(raw, "content");
  const stateKey = fieldOf(raw, "state_key");
  if (stateKey !== undefined) return stateOf(type, stateKey, content);
  switch (type) {
    case "m.room.message":
      return decodeMessage(content);
    case "m.room.encrypted":
      return { kind: "encrypted" };
    case "m.room.redaction": {
      // Room version 11 moved the target into the content; servers may give either place.
      const target = fieldOf(content, "redacts") ?? fieldOf(raw, "redacts");
      return isId(target, "$") ? { kind: "redaction", target: target as EventId } : undefined;
    }
    default: {
      const named = typeof type === "string" ? UNCARRIED.get(type) : undefined;
      return named === undefined ? undefined : { kind: "unsupported", what: named };
    }
  }
}

function stateOf(type: unknown, stateKey: unknown, content: unknown): What | undefined {
  if (type === "m.room.encryption" && stateKey === "") return { kind: "encryption-enabled" };
  if (type !== "m.room.member" || !isId(stateKey, "@")) return undefined;
  const membership = fieldOf(content, "membership");
  if (!MEMBERSHIPS.has(membership)) return undefined;
  return {
    kind: "member",
    user: stateKey as UserId,
    membership: membership as Membership,
    direct: fieldOf(content, "is_direct") === true,
  };
}
