import type { ToldKind } from "../delivery/told-kinds.ts";
import { isMark, type RemoteEvent } from "../model/events.ts";
import type { PersonId } from "../model/ids.ts";
import type { NetworkInboxRow } from "../ports/rows.ts";

const ROOM_MAKERS: ReadonlySet<RemoteEvent["kind"]> = new Set([
  "message",
  "undecryptable",
  "unsupported",
  "excluded",
  "call",
  "group-invited",
]);

const SHOWN_BY_SENDER: ReadonlySet<RemoteEvent["kind"]> = new Set(["message", "edit", "reaction"]);

/** Whether it is shown by its sender; our person's other kinds are shown by the bot. */
export const isShownBySender = ({ kind }: RemoteEvent): boolean => SHOWN_BY_SENDER.has(kind);

/** The contact whom an event is about, for kinds that say something of them. */
export function contactIn(event: RemoteEvent): PersonId | undefined {
  if (event.kind === "blocked") return event.person;
  return event.kind === "identity-changed" || event.kind === "reachability" ? event.sender : undefined;
}

/** As what its person may choose not to be told of it. */
export const toldKind = (event: RemoteEvent): ToldKind | undefined =>
  event.kind === "call"
    ? "calls"
    : event.kind === "excluded" && event.what === "status"
      ? "stories"
      : undefined;

/** Whether the bot alone says what a member did. */
export const isSaidOf = ({ kind }: RemoteEvent): boolean =>
  kind.startsWith("group-") && kind !== "group-invited";

/** Whether the event answers whether the chat is accepted, or asks for that. */
export const concernsRequest = ({ kind }: RemoteEvent): boolean =>
  kind === "request-answered" || kind === "group-invited" || kind === "group-members";

export const isWorthARoom = ({ event, overdue }: NetworkInboxRow): boolean =>
  makesRoom(event) || (overdue && !isMark(event));

/** Whether the event makes a room: also a group that our person joins, at once. */
export const makesRoom = (event: RemoteEvent): boolean =>
  ROOM_MAKERS.has(event.kind) ||
  (event.kind === "group-members" &&
    event.changes.some(({ person, membership }) => person === undefined && membership === "joined"));
