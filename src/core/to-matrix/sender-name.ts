import type { RemoteEvent } from "../model/events.ts";
import { cleanName } from "../model/names.ts";

/** What an event says its sender is called. A name of which nothing is seen says nothing. */
export function nameIn(event: RemoteEvent): string | undefined {
  const name = event.kind === "renamed" ? event.name : "senderName" in event ? event.senderName : undefined;
  return cleanName(name ?? "", "") === "" ? undefined : name;
}
