import type { MatrixEvent } from "matrix-js-sdk";

/** Kinds of events that a room shows as lines of their own. */
const kinds = new Set(["m.room.message", "m.sticker", "m.room.encrypted", "m.room.tombstone"]);

/** Edits are shown in place of what they edit, unless that is not here. */
export const isShown = (event: MatrixEvent): boolean =>
  (kinds.has(event.getType()) && !event.isRelation("m.replace") && !event.isState()) ||
  event.getType() === "m.room.tombstone";

/** Whether it stands in the middle, as what the bridge says about the chat. */
export const isNotice = (event: MatrixEvent): boolean =>
  event.getType() !== "m.sticker" &&
  (event.getType() !== "m.room.message" || event.getContent()["msgtype"] === "m.notice");

export const isOwn = (event: MatrixEvent, me: string): boolean => event.getSender() === me;
