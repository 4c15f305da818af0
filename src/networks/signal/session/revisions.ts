import type { Outgoing } from "../../../core/model/events.ts";
import type { MessageId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { LoginContext } from "../login-context.ts";
import { revisionsScope } from "../record-scopes.ts";

/** Milliseconds for which it is kept what a message is called: longer than Signal's apps let anybody change it. */
const KEEP = 7 * 86_400_000;
/** Signal's apps let a message be changed ten times. */
const MOST = 32;

type Context = Pick<LoginContext, "login" | "store" | "clock">;

/** The writes that keep that a message, known by this name so far, was changed by an edit, and has the edit's name. */
export function revised({ login, clock }: Context, target: MessageId, edit: MessageId): (tx: Writes) => void {
  return (tx) => tx.records.set(revisionsScope(login), target, edit, clock.now() + KEEP);
}

/**
 * The message with what it refers to under the newest name: Signal's apps call a changed message by its last edit, and
 * not all of them know it by an older name. `id`: the message's own.
 */
export async function byNewestName(context: Context, outgoing: Outgoing, id: MessageId): Promise<Outgoing> {
  if (outgoing.kind !== "message")
    return { ...outgoing, target: await newestName(context, outgoing.target, id) };
  const { replyTo } = outgoing.message;
  if (!replyTo) return outgoing;
  const newest = await newestName(context, replyTo.id, id);
  return { ...outgoing, message: { ...outgoing.message, replyTo: { ...replyTo, id: newest } } };
}

/** The last edit of a message before that one, else the message's own name. */
async function newestName(
  { store, login }: Context,
  target: MessageId,
  before: MessageId,
): Promise<MessageId> {
  let name = target;
  for (let count = 0; count < MOST; count += 1) {
    const next = await store.records.get(revisionsScope(login), name);
    if (next === undefined || next === before || next === target) return name;
    name = next as MessageId;
  }
  return name;
}
