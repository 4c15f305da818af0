import type { EventId, RoomId } from "../model/ids.ts";
import { TARGET } from "../ports/homeserver.ts";
import type { MatrixOutboxRow, RowTarget } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/** An event of the row's own room, or of one that the chat had before. */
export interface Target {
  readonly event: EventId;
  readonly room: RoomId;
}

/** The event a row refers to, its own room's where several show it; undefined where it never came to a room. */
export async function resolveTarget(
  store: Store,
  target: RowTarget,
  room: RoomId,
): Promise<Target | undefined> {
  switch (target.kind) {
    case "row":
      return store.matrixOutbox.sentAs(target.id);
    case "message": {
      const events = (await store.messages.events(target, target.id)).filter(
        ({ part }) => part === target.part,
      );
      return events.find((event) => event.room === room) ?? events[0];
    }
  }
}

/** Content with the event's id wherever it stood for it. */
export function withTarget(content: MatrixOutboxRow["content"], event: EventId): MatrixOutboxRow["content"] {
  return replaced(content, event) as MatrixOutboxRow["content"];
}

function replaced(value: unknown, event: EventId): unknown {
  if (value === TARGET) return event;
  if (Array.isArray(value)) return value.map((item) => replaced(item, event));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner, event)]));
}
