import type { EventId, RoomId } from "../model/ids.ts";
import { TARGET } from "../ports/homeserver.ts";
import type { MatrixOutboxRow, RowTarget } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/** The event that a row refers to, in the row's room or in a former room of the chat. */
export interface Target {
  readonly event: EventId;
  readonly room: RoomId;
}

/** The event a row refers to, preferably in the row's room; undefined where it was never sent. */
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

/** The content with the event's id in place of {@link TARGET}. */
export function withTarget(content: MatrixOutboxRow["content"], event: EventId): MatrixOutboxRow["content"] {
  return replaced(content, event) as MatrixOutboxRow["content"];
}

function replaced(value: unknown, event: EventId): unknown {
  if (value === TARGET) return event;
  if (Array.isArray(value)) return value.map((item) => replaced(item, event));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner, event)]));
}
