import type { RoomId, UserId } from "../../core/model/ids.ts";
import { fieldOf, listOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { pageFilter } from "./sync-filter.ts";

/** A place, or a time (milliseconds since the epoch) than which all that is looked for is younger. */
export type Reach = { readonly to: string } | { readonly oldest: number };

interface Range {
  readonly as: UserId;
  readonly room: RoomId;
  /** The place to go back from, and where to stop. */
  readonly from: string;
  readonly reach: Reach;
  readonly signal: AbortSignal;
}

/** The events of a part of a room, oldest first, as they came. */
export async function pageBack(requests: Requests, range: Range): Promise<readonly unknown[]> {
  const path = route`/_matrix/client/v3/rooms/${range.room}/messages`;
  const { reach } = range;
  const found: unknown[] = [];
  let from = range.from;
  for (;;) {
    const query = { dir: "b", from, limit: "500", filter: pageFilter, ...("to" in reach ? reach : {}) };
    const body = await requests.json({ method: "GET", path, query, as: range.as, signal: range.signal });
    for (const event of listOf(fieldOf(body, "chunk"))) found.push(event);
    const end = fieldOf(body, "end");
    const beyond = "oldest" in reach && isOlder(found.at(-1), reach.oldest);
    if (typeof end !== "string" || end === from || beyond) return found.toReversed();
    from = end;
  }
}

export function isOlder(event: unknown, than: number): boolean {
  const at = fieldOf(event, "origin_server_ts");
  return typeof at === "number" && at < than;
}
