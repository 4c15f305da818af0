import { BridgeError } from "../model/errors.ts";
import type { EventId, RoomId } from "../model/ids.ts";
import { CONTENT_KEY, type Homeserver, type MatrixEncoder } from "../ports/homeserver.ts";
import type { MatrixOutboxRow } from "../ports/rows.ts";
import { type Target, withTarget } from "../runtime/row-targets.ts";

type Content = MatrixOutboxRow["content"];

interface EarlierRoomParts {
  readonly homeserver: Pick<Homeserver, "bot" | "send">;
  readonly encoder: Pick<MatrixEncoder, "notice">;
  /** Sends a row into its room as its sender. */
  readonly send: (row: MatrixOutboxRow) => Promise<EventId>;
}

/**
 * Sends a row that refers to a message in a room that the chat had before. No event can refer to another room's: a
 * reply stands alone, an edit is a new message, a reaction is told in words, and a deletion is made in the former room.
 */
export async function sendBeyond(
  parts: EarlierRoomParts,
  row: MatrixOutboxRow,
  target: Target,
  whole: Content,
): Promise<EventId> {
  const { homeserver, encoder, send } = parts;
  const notice = (words: string): Content => ({ ...encoder.notice(words).content, [CONTENT_KEY]: row.id });
  if (row.type === "m.reaction") {
    const words = `Reacted with ${emojiOf(whole)} to a message in the earlier room.`;
    return send({ ...row, type: "m.room.message", content: notice(words) });
  }
  if (row.type !== "m.room.redaction") return send({ ...row, content: alone(whole) });
  const content = withTarget(whole, target.event);
  const done = await redact(homeserver, { ...row, content }, target.room);
  if (done) return done;
  const words =
    "A message in the earlier room was deleted by who wrote it. It cannot be taken out there any more.";
  return send({ ...row, type: "m.room.message", content: notice(words) });
}

/** A message's content without its reference to another event. */
export function alone({ "m.relates_to": _relation, "m.new_content": _new, ...content }: Content): Content {
  return content;
}

/** Redacts as the bot, who may still do so where a contact may not; undefined where the bot may not either. */
async function redact(
  homeserver: EarlierRoomParts["homeserver"],
  row: MatrixOutboxRow,
  room: RoomId,
): Promise<EventId | undefined> {
  try {
    return await homeserver.send({ ...row, room, sender: homeserver.bot });
  } catch (error) {
    if (BridgeError.from(error).shut) return undefined;
    throw error;
  }
}

function emojiOf(content: Content): string {
  const relation = content["m.relates_to"];
  const key =
    typeof relation === "object" && relation !== null && "key" in relation ? relation.key : undefined;
  return typeof key === "string" ? key : "something";
}
