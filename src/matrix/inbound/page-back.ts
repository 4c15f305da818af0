import type { RoomId, UserId } from "../../core/model/ids.ts";
import { fieldOf, listOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { pageFilter } from "./sync-filter.ts";

/** How far to page back: to a position in the stream, or to the time `oldest` (milliseconds since the epoch). */
export type PageUntil = { readonly to: string } | { readonly oldest: number };

interface Range {
  readonly as: UserId;
  readonly room: RoomId;
  /** The position to page back from. */
  readonly from: string;
  readonly until: PageUntil;
  readonly signal: AbortSignal;
}

/** The undecoded events of a range of a room, oldest first. */
export async function pageBack(requests: Requests, range: Range): Promise<readonly unknown[]> {
  const path = route`/_matrix/client/v3/rooms/${range.room}/messages`;
  const { until } = range;
  const found: unknown[] = [];
  let from = range.from;
  for (;;) {
    const query = { dir: "b", from, limit: "500", filter: pageFilter, ...("to" in until ? until : {}) };
    const body = await requests.json({ method: "GET", path, query, as: range.as, signal: range.signal });
    for (const event of listOf(fieldOf(body, "chunk"))) found.push(event);
    const end = fieldOf(body, "end");
    const beyond = "oldest" in until && isOlder(found.at(-1), until.oldest);
    if (typeof end !== "string" || end === from || beyond) return found.toReversed();
    from = end;
  }
}

export function isOlder(event: unknown, than: number): boolean {
  const at = fieldOf(event, "origin_server_ts");
  return typeof at === "number" && at < than;
}
