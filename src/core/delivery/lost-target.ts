import { BridgeError } from "../model/errors.ts";
import type { EventId } from "../model/ids.ts";
import { CONTENT_KEY, type Homeserver } from "../ports/homeserver.ts";
import type { MatrixOutboxRow } from "../ports/rows.ts";

/** Whether a row was refused because the homeserver has lost what it refers to, as one restored from an older copy has. */
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

/** An edit says what it says now; a deletion has come true, and a reaction to nothing has no use. */
export async function sendWithoutLost(
  homeserver: Homeserver,
  row: MatrixOutboxRow,
): Promise<EventId | undefined> {
  const fresh = row.content["m.new_content"];
  if (typeof fresh !== "object" || fresh === null) return undefined;
  return homeserver.send({ ...row, content: { ...fresh, [CONTENT_KEY]: row.id } });
}
