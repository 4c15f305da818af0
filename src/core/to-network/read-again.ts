import type { MatrixEvent } from "../model/events.ts";
import type { LoginId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Store } from "../ports/store.ts";
import type { MatrixEventContext, TakenEdit } from "./event-context.ts";
import { quotedMessage } from "./quoted-message.ts";
import { shownEdit } from "./shown-edit.ts";

interface ReadingParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "event">;
}

/** What a conversion needs of earlier messages' content, read from the homeserver, because the bridge keeps none. */
export async function readAgain(
  parts: ReadingParts,
  event: MatrixEvent,
  context: Pick<MatrixEventContext, "portal" | "network" | "login" | "target" | "targetRow">,
): Promise<Pick<MatrixEventContext, "takenEdit" | "quoted">> {
  const takenEdit = await takenEditOf(parts, event, context.login.id);
  return { ...(takenEdit && { takenEdit }), quoted: await quotedMessage(parts, event, context) };
}

/** An edit that the other side does not show. */
const NOT_SHOWN: TakenEdit = { shown: false, row: undefined, before: undefined };

/** What a redaction of our person's edit takes back; undefined where it redacts something else. */
async function takenEditOf(
  { store, homeserver }: ReadingParts,
  event: MatrixEvent,
  login: LoginId,
): Promise<TakenEdit | undefined> {
  if (event.kind !== "redaction") return undefined;
  const revision = await store.revisions.byEvent(event.room, event.target, login);
  if (!revision || revision.sender !== undefined) return undefined;
  if (revision.original === undefined) return NOT_SHOWN;
  const edits = await store.revisions.ofEvent(event.room, revision.original, login);
  const shown = await shownEdit(store, edits);
  if (shown?.event !== event.target) return NOT_SHOWN;
  const rest = edits.filter((edit) => edit.event !== event.target);
  const before = await homeserver.event(event.room, rest.at(-1)?.event ?? revision.original);
  const readable = before?.kind === "message" || before?.kind === "edit";
  return { shown: true, row: shown.row, before: readable ? before.message : undefined };
}
