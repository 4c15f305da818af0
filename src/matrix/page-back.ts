import type { RoomId, UserId } from "../core/ids.ts";
import { fieldOf, listOf } from "./json.ts";
import { type Requests, route } from "./requests.ts";
import { pageFilter } from "./sync-filter.ts";

interface Range {
  readonly as: UserId;
  readonly room: RoomId;
  /** The place to go back from, and the place to stop at. */
  readonly from: string;
  readonly to: string;
  readonly signal: AbortSignal;
}

/** The events between two places in a room, oldest first, as they came. */
export async function pageBack(requests: Requests, range: Range): Promise<readonly unknown[]> {
  const path = route`/_matrix/client/v3/rooms/${range.room}/messages`;
  const found: unknown[] = [];
  let from = range.from;
  for (;;) {
    const query = { dir: "b", from, to: range.to, limit: "500", filter: pageFilter };
    const body = await requests.json({ method: "GET", path, query, as: range.as, signal: range.signal });
    for (const event of listOf(fieldOf(body, "chunk"))) found.push(event);
    const end = fieldOf(body, "end");
    if (typeof end !== "string" || end === from) return found.toReversed();
    from = end;
  }
}
