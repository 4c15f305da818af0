import type { MatrixEvent } from "../model/events.ts";
import type { Homeserver } from "../ports/homeserver.ts";

/**
 * An event as it is handled: decrypted where it is encrypted; undefined where it is nothing for the bridge, or for the
 * homeserver's side of it alone. Throws BridgeError.
 */
export async function openedEvent(
  homeserver: Pick<Homeserver, "open">,
  event: MatrixEvent,
): Promise<MatrixEvent | undefined> {
  if (event.kind === "encrypted") return homeserver.open(event);
  return event.kind === "unsupported" && event.sealed !== undefined ? homeserver.open(event) : event;
}
