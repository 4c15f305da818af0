import type { MatrixEvent, Membership } from "../../core/model/events.ts";
import type { EventId, OutboxId, RoomId, UserId } from "../../core/model/ids.ts";
import { AS_PERSON_KEY, asPerson, CONTENT_KEY } from "../../core/ports/homeserver.ts";
import { isEventId, isId } from "../http/identifier.ts";
import { fieldOf, listOf } from "../http/json.ts";
import { commandIn } from "./decode-command.ts";
import { decodeMessage, decodePollStart, decodeStickerEvent } from "./decode-message.ts";
import { decodeReaction } from "./decode-reaction.ts";
import { ROOM_STATE } from "./decode-state.ts";

export interface Ignored {
  readonly kind: "ignored";
  readonly why: "ours" | "redacted" | "not-for-us" | "malformed";
  readonly id?: string;
}

export type Decoded = { readonly kind: "event"; readonly event: MatrixEvent } | Ignored;

const MEMBERSHIPS: ReadonlySet<unknown> = new Set<Membership>(["invite", "join", "leave", "ban", "knock"]);

type EventContent<Event = MatrixEvent> = Event extends MatrixEvent
  ? Omit<Event, "room" | "sender" | "id" | "at" | "row" | "beeper">
  : never;

type Decode = (content: unknown) => EventContent | undefined;

const unsupported = (
  words: Readonly<Record<string, string>>,
  more: { readonly unseen?: true } = {},
): readonly [string, Decode][] =>
  Object.entries(words).map(([type, what]) => [type, () => ({ kind: "unsupported", what, ...more })]);

function decodeMessageForBot(content: unknown): EventContent | undefined {
  const decoded = decodeMessage(content);
  // A notice is a bot's, which no bot obeys.
  if (decoded.kind !== "message" || fieldOf(content, "msgtype") === "m.notice") return decoded;
  const command = commandIn(content);
  return command === undefined ? decoded : { ...decoded, command };
}

/** A command without a message (MSC4391), which clients do not show. */
function decodeBotCommand(content: unknown): EventContent | undefined {
  const command = commandIn(content);
  return command && { kind: "unsupported", what: "a command for a bot", unseen: true, command };
}

/** As a client asks mautrix's bridges to block a contact, or to lift that. */
function decodeBlock(content: unknown): EventContent {
  const blocked = fieldOf(content, "block");
  return typeof blocked === "boolean"
    ? { kind: "block", blocked, spam: fieldOf(content, "report_spam") === true }
    : { kind: "unsupported", what: "a request that does not say whether to block", unseen: true };
}

/** The decoders of message-like events, by event type. */
const CARRIED: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["m.room.message", decodeMessageForBot],
  ["m.room.bot.command", decodeBotCommand],
  ["m.sticker", decodeStickerEvent],
  ["m.reaction", decodeReaction],
  ["m.poll.start", decodePollStart],
  ["org.matrix.msc3381.poll.start", decodePollStart],
  ["com.beeper.block_user", decodeBlock],
  ...unsupported({
    "m.call.invite": "a call",
    "m.call.notify": "a call",
    "org.matrix.msc4075.call.notify": "a call",
    "m.rtc.notification": "a call",
    "org.matrix.msc4075.rtc.notification": "a call",
    "m.location": "a location of this form",
    "m.message": "this kind of message",
    "org.matrix.msc1767.message": "this kind of message",
  }),
  ...unsupported(
    {
      "m.poll.response": "a vote in a poll",
      "org.matrix.msc3381.poll.response": "a vote in a poll",
      "m.poll.end": "the end of a poll",
      "org.matrix.msc3381.poll.end": "the end of a poll",
      "m.beacon": "a live location",
      "org.matrix.msc3672.beacon": "a live location",
      ...Object.fromEntries(
        ["ready", "start", "accept", "key", "mac", "done", "cancel"].map((step) => [
          `m.key.verification.${step}`,
          "a verification",
        ]),
      ),
    },
    { unseen: true },
  ),
]);

const VERIFICATION = "m.key.verification.";

/** Every event type that is decoded. */
export const carriedTypes: readonly string[] = [
  ...CARRIED.keys(),
  "m.room.encrypted",
  ...ROOM_STATE.keys(),
  "m.room.redaction",
  "m.room.member",
  "m.room.encryption",
  "m.room.tombstone",
];

/** Decodes an untrusted event, or answers why the bridge ignores it. `room` is for events without a `room_id`. */
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
    ...rowIn(fieldOf(raw, "content"), asPerson(sender as UserId, within as RoomId)),
    ...(isBeepers(raw) ? { beeper: true as const } : {}),
  };
  const what = contentOf(raw);
  const sealed = isVerification(raw) ? { sealed: sealedOf(raw) } : {};
  return what === undefined
    ? { kind: "ignored", why: "not-for-us", id }
    : { kind: "event", event: { ...base, ...what, ...sealed } };
}

/** Only of what was sent as its sender: clients copy what others say, and all that is in it. A UUID is what our rows are called. */
function rowIn(content: unknown, mark: string): { readonly row?: OutboxId } {
  const row = fieldOf(content, AS_PERSON_KEY) === mark ? fieldOf(content, CONTENT_KEY) : undefined;
  return typeof row === "string" && row.length === 36 ? { row: row as OutboxId } : {};
}

/** Whether a client left keys of Beeper's, as those do which show what became of a message. */
function isBeepers(raw: unknown): boolean {
  const content = fieldOf(raw, "content");
  const keys = typeof content === "object" && content !== null ? Object.keys(content) : [];
  return [fieldOf(raw, "type"), ...keys].some(
    (key) => typeof key === "string" && key.startsWith("com.beeper."),
  );
}

function contentOf(raw: unknown): EventContent | undefined {
  const type = fieldOf(raw, "type");
  const content = fieldOf(raw, "content");
  const stateKey = fieldOf(raw, "state_key");
  if (stateKey !== undefined) return stateOf(raw, type, stateKey, content);
  if (type === "m.room.encrypted") return { kind: "encrypted", sealed: sealedOf(raw) };
  if (type !== "m.room.redaction") {
    return typeof type === "string" ? CARRIED.get(type)?.(content) : undefined;
  }
  // Room version 11 moved `redacts` into the content; servers may send either.
  const target = fieldOf(content, "redacts") ?? fieldOf(raw, "redacts");
  return isEventId(target) ? { kind: "redaction", target } : undefined;
}

/** Whether it is part of a verification in a room (spec: Key verification framework). */
function isVerification(raw: unknown): boolean {
  const type = fieldOf(raw, "type");
  if (typeof type !== "string") return false;
  const msgtype = fieldOf(fieldOf(raw, "content"), "msgtype");
  return type.startsWith(VERIFICATION) || (type === "m.room.message" && msgtype === `${VERIFICATION}request`);
}

/** What decrypting an event needs of it. */
function sealedOf(raw: unknown): string {
  const { event_id, type, sender, room_id, origin_server_ts, content } = raw as Readonly<
    Record<string, unknown>
  >;
  return JSON.stringify({ event_id, type, sender, room_id, origin_server_ts, content });
}

function stateOf(raw: unknown, type: unknown, stateKey: unknown, content: unknown): EventContent | undefined {
  if (type === "m.room.tombstone" && stateKey === "") return { kind: "tombstone" };
  if (type === "m.room.encryption" && stateKey === "") return { kind: "encryption-enabled" };
  if (typeof type === "string" && stateKey === "") return ROOM_STATE.get(type)?.(content);
  if (type !== "m.room.member" || !isId(stateKey, "@")) return undefined;
  const membership = fieldOf(content, "membership");
  if (!MEMBERSHIPS.has(membership)) return undefined;
  return {
    kind: "member",
    user: stateKey as UserId,
    membership: membership as Membership,
    direct: fieldOf(content, "is_direct") === true,
    ...(membership === "invite" ? predecessorIn(fieldOf(fieldOf(raw, "unsigned"), "invite_room_state")) : {}),
  };
}

/** The predecessor of the room, by the stripped state of an invitation. */
function predecessorIn(state: unknown): { readonly replaces?: RoomId } {
  const create = listOf(state).find((event) => fieldOf(event, "type") === "m.room.create");
  const room = fieldOf(fieldOf(fieldOf(create, "content"), "predecessor"), "room_id");
  return isId(room, "!") ? { replaces: room as RoomId } : {};
}
