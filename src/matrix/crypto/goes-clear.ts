import type { EventToSend } from "../../core/ports/homeserver.ts";

/** Events that stay in the clear in encrypted rooms, as clients have them (spec: `m.room.encrypted`). */
const CLEAR: ReadonlySet<string> = new Set(["m.reaction", "m.room.redaction"]);

/** Whether an event is never encrypted. */
export const goesClear = ({ type, stateKey }: Pick<EventToSend, "type" | "stateKey">): boolean =>
  stateKey !== undefined || CLEAR.has(type);
