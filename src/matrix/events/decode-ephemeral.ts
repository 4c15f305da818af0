import type { MatrixSignal } from "../../core/model/events.ts";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import { isEventId, isRoomId } from "../http/identifier.ts";
import { fieldOf } from "../http/json.ts";

const MOST = 1000;

const keysOf = (value: unknown): readonly string[] =>
  typeof value === "object" && value !== null ? Object.keys(value).slice(0, MOST) : [];

/** Whether a receipt is of a thread (MSC3771), where no contact writes: it says nothing of the main timeline. */
function ofThread(receipt: unknown): boolean {
  const thread = fieldOf(receipt, "thread_id");
  return thread !== undefined && thread !== "main";
}

/** Typing and receipts of people; those of our own users are left out. */
export function decodeEphemeral(raw: unknown, isOurs: (user: string) => boolean): readonly MatrixSignal[] {
  const room = fieldOf(raw, "room_id");
  const content = fieldOf(raw, "content");
  if (!isRoomId(room)) return [];
  switch (fieldOf(raw, "type")) {
    case "m.typing": {
      const users = fieldOf(content, "user_ids");
      if (!Array.isArray(users)) return [];
      const people = (users as readonly unknown[])
        .slice(0, MOST)
        .filter((user): user is UserId => typeof user === "string" && !isOurs(user));
      return [{ kind: "typing", room, users: people }];
    }
    case "m.receipt":
      return receiptsOf(room, content, isOurs);
    default:
      return [];
  }
}

function receiptsOf(room: RoomId, content: unknown, isOurs: (user: string) => boolean) {
  const found: MatrixSignal[] = [];
  for (const event of keysOf(content).filter(isEventId)) {
    const readers = fieldOf(fieldOf(content, event), "m.read");
    for (const user of keysOf(readers)) {
      if (found.length === MOST) return found;
      if (isOurs(user) || ofThread(fieldOf(readers, user))) continue;
      found.push({ kind: "receipt", room, event, user: user as UserId });
    }
  }
  return found;
}
