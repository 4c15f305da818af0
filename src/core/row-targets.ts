import { TARGET } from "./homeserver.ts";
import type { EventId } from "./ids.ts";
import type { HsOutboxRow, RowTarget } from "./rows.ts";
import type { Store } from "./store.ts";

/** The event a row refers to; undefined where it never came to the room. */
export async function resolveTarget(store: Store, target: RowTarget): Promise<EventId | undefined> {
  switch (target.kind) {
    case "row":
      return store.hsOutbox.eventOf(target.id);
    case "message": {
      const events = await store.messages.events(target, target.id);
      return events.find(({ part }) => part === target.part)?.event;
    }
  }
}

/** Content with the event's id wherever it stood for it. */
export function withTarget(content: HsOutboxRow["content"], event: EventId): HsOutboxRow["content"] {
  return replaced(content, event) as HsOutboxRow["content"];
}

function replaced(value: unknown, event: EventId): unknown {
  if (value === TARGET) return event;
  if (Array.isArray(value)) return value.map((item) => replaced(item, event));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner, event)]));
}
