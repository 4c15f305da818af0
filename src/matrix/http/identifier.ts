import type { EventId, RoomId } from "../../core/model/ids.ts";

/** Whether a value can be an id: the sigil, at most 255 bytes, no control characters; the rest is opaque. */
export const isId = (value: unknown, sigil: string): value is string =>
  typeof value === "string" &&
  value.length > 1 &&
  value.startsWith(sigil) &&
  Buffer.byteLength(value) <= 255 &&
  value.isWellFormed() &&
  !/\p{Cc}/u.test(value);

export const isEventId = (value: unknown): value is EventId => isId(value, "$");

export const isRoomId = (value: unknown): value is RoomId => isId(value, "!");
