import type { RemoteEvent } from "../model/events.ts";
import { cleanName } from "../model/names.ts";

/** The name that an event gives its sender; undefined for one without visible characters. */
export function nameIn(event: RemoteEvent): string | undefined {
  const name = event.kind === "renamed" ? event.name : "senderName" in event ? event.senderName : undefined;
  return cleanName(name ?? "", "") === "" ? undefined : name;
}
