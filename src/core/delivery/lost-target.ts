import { BridgeError } from "../model/errors.ts";
import type { EventId } from "../model/ids.ts";
import { CONTENT_KEY, type Homeserver } from "../ports/homeserver.ts";
import type { MatrixOutboxRow } from "../ports/rows.ts";

/** Whether a row was refused because the homeserver has lost the event it refers to, as when it was restored from a copy. */
export async function isTargetLost(
  homeserver: Homeserver,
  { room }: MatrixOutboxRow,
  target: EventId,
  refusal: unknown,
): Promise<boolean> {
  const { reason } = BridgeError.from(refusal);
  if (reason !== "bad-input" && reason !== "not-found") return false;
  return (await homeserver.event(room, target)) === undefined;
}

/** Sends an edit of a lost event as a new message; deletions and reactions have nothing left to do. */
export async function sendWithoutLost(
  send: (row: MatrixOutboxRow) => Promise<EventId>,
  row: MatrixOutboxRow,
): Promise<EventId | undefined> {
  const fresh = row.content["m.new_content"];
  if (typeof fresh !== "object" || fresh === null) return undefined;
  return send({ ...row, content: { ...fresh, [CONTENT_KEY]: row.id } });
}
