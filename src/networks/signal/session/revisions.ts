import type { Message, Quoted } from "../../../core/model/content.ts";
import type { Outgoing } from "../../../core/model/events.ts";
import type { MessageId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { messageNameOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { answeredScope, revisionsScope } from "../record-scopes.ts";

/** Milliseconds for which it is kept what a message is called: longer than Signal's apps let anybody change it. */
const KEEP = 7 * 86_400_000;
/** Signal's apps let a message be changed ten times. */
const MOST = 32;

type Context = Pick<LoginContext, "login" | "store" | "clock" | "own">;

/** The writes that keep that a message, known by this name so far, was changed by an edit, and has the edit's name. */
export function revised({ login, clock }: Context, target: MessageId, edit: MessageId): (tx: Writes) => void {
  return (tx) => tx.records.set(revisionsScope(login), target, edit, clock.now() + KEEP);
}

/** The writes that keep what a message of ours answers, by the name that it says, for edits of it. */
export function answering(
  { login, clock }: Context,
  answer: MessageId,
  { replyTo }: Message,
): ((tx: Writes) => void) | undefined {
  return replyTo && ((tx) => tx.records.set(answeredScope(login), answer, replyTo.id, clock.now() + KEEP));
}

/**
 * The message with what it refers to under the newest name: Signal's apps call a changed message by its last edit, and
 * not all of them know it by an older name. An edit says as well what its target answers: Signal's apps take one that does
 * not as no answer any more. `id`: the message's own.
 */
export async function byNewestName(context: Context, outgoing: Outgoing, id: MessageId): Promise<Outgoing> {
  if (outgoing.kind === "group-change") return outgoing;
  if (outgoing.kind !== "message") {
    const target = await newestName(context, outgoing.target, id);
    if (outgoing.kind !== "edit") return { ...outgoing, target };
    const replyTo = await answeredBy(context, outgoing.target);
    return { ...outgoing, target, message: { ...outgoing.message, ...(replyTo && { replyTo }) } };
  }
  const { replyTo } = outgoing.message;
  if (!replyTo) return outgoing;
  const newest = await newestName(context, replyTo.id, id);
  return { ...outgoing, message: { ...outgoing.message, replyTo: { ...replyTo, id: newest } } };
}

async function answeredBy({ store, login, own }: Context, answer: MessageId): Promise<Quoted | undefined> {
  const stored = await store.records.get(answeredScope(login), answer);
  const name = stored === undefined ? undefined : messageNameOf(stored as MessageId);
  return name && { id: stored as MessageId, own: name.author === own };
}

/** The last edit of a message before that one, else the message's own name. */
async function newestName(context: Context, target: MessageId, before: MessageId): Promise<MessageId> {
  const names = await namesOf(context, target);
  const end = names.indexOf(before);
  return names.at(end > 0 ? end - 1 : -1) ?? target;
}

/** A message's own name, and those of its edits in their order. */
export async function namesOf(
  { store, login }: Pick<Context, "store" | "login">,
  message: MessageId,
): Promise<readonly MessageId[]> {
  const names = [message];
  for (let name = message; names.length <= MOST; names.push(name)) {
    const next = await store.records.get(revisionsScope(login), name);
    if (next === undefined || next === message) break;
    name = next as MessageId;
  }
  return names;
}
