import type { EventId, RoomId } from "../../core/model/ids.ts";
import { fieldOf, jsonOf } from "../http/json.ts";

/** The position up to which the audit stream was read. Times are milliseconds since the epoch by our clock. */
export interface SyncPosition {
  /** The homeserver's `next_batch` token. */
  readonly since: string;
  /** When the bridge first read the stream: older events are never taken. */
  readonly began: number;
  /** When the homeserver last answered. */
  readonly at: number;
  /** The newest event in a room of the bot; a homeserver that lacks it was restored from an older copy. */
  readonly newest: { readonly room: RoomId; readonly event: EventId } | undefined;
}

export const storedSyncPosition = (position: SyncPosition): string => JSON.stringify(position);

/** Reads what {@link storedSyncPosition} made, or the bare token that earlier versions of the bridge stored. */
export function readSyncPosition(text: string, now: number): SyncPosition {
  const value = text.startsWith("{") ? jsonOf(text) : undefined;
  const [since, began, at] = [fieldOf(value, "since"), fieldOf(value, "began"), fieldOf(value, "at")];
  if (typeof since !== "string" || typeof began !== "number" || typeof at !== "number")
    return { since: text, began: now, at: now, newest: undefined };
  const newest = fieldOf(value, "newest");
  const [room, event] = [fieldOf(newest, "room"), fieldOf(newest, "event")];
  const complete = typeof room === "string" && typeof event === "string";
  return {
    since,
    began,
    at,
    newest: complete ? { room: room as RoomId, event: event as EventId } : undefined,
  };
}
