import type { EventId, RoomId } from "../../core/model/ids.ts";
import { fieldOf, jsonOf } from "../http/json.ts";

/** Where the audit stream was left. Times are milliseconds since the epoch by our clock. */
export interface Place {
  /** The homeserver's own word for it. */
  readonly since: string;
  /** When the bridge looked for the first time: nothing older is ever taken. */
  readonly began: number;
  /** When the homeserver was heard of last. */
  readonly at: number;
  /** The newest event it showed in a room the bot is in; one that lacks it is an older copy of itself. */
  readonly newest: { readonly room: RoomId; readonly event: EventId } | undefined;
}

export const storedPlace = (place: Place): string => JSON.stringify(place);

/** What {@link storedPlace} made; or a homeserver's word alone, as earlier versions of the bridge stored it. */
export function readPlace(text: string, now: number): Place {
  const value = text.startsWith("{") ? jsonOf(text) : undefined;
  const [since, began, at] = [fieldOf(value, "since"), fieldOf(value, "began"), fieldOf(value, "at")];
  if (typeof since !== "string" || typeof began !== "number" || typeof at !== "number")
    return { since: text, began: now, at: now, newest: undefined };
  const newest = fieldOf(value, "newest");
  const [room, event] = [fieldOf(newest, "room"), fieldOf(newest, "event")];
  const known = typeof room === "string" && typeof event === "string";
  return {
    since,
    began,
    at,
    newest: known ? { room: room as RoomId, event: event as EventId } : undefined,
  };
}
