import type { EventId, RoomId } from "../../core/model/ids.ts";

/** The sigil and a length the specification allows, and nothing that no id has; the rest is opaque. */
export const isId = (value: unknown, sigil: string): value is string =>
  typeof value === "string" &&
  value.length > 1 &&
  value.startsWith(sigil) &&
  Buffer.byteLength(value) <= 255 &&
  value.isWellFormed() &&
  !/\p{Cc}/u.test(value);

export const isEventId = (value: unknown): value is EventId => isId(value, "$");

export const isRoomId = (value: unknown): value is RoomId => isId(value, "!");
