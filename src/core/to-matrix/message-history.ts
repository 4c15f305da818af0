import { ourId } from "../delivery/learnt-ids.ts";
import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";
import type { Network } from "../ports/network.ts";
import type { NetworkInboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { NetworkEventContext } from "./event-context.ts";
import { filesOf } from "./message-files.ts";

/** The id of the message that an event refers to. */
export function targetIn(event: RemoteEvent): MessageId | undefined {
  if (event.kind === "message") return event.message.replyTo?.id;
  return "target" in event ? event.target : undefined;
}

/** The event with the edited message as its target, where it refers to an edit. */
export async function aboutMessage(
  store: Store,
  network: Pick<Network, "messageId">,
  { key, event }: NetworkInboxRow,
): Promise<RemoteEvent> {
  const target = targetIn(event);
  if (target === undefined) return event;
  const ours = await ourId(store, network, key, target);
  const known = (await store.messages.parts(key, ours)).length > 0;
  const id = known ? ours : ((await store.revisions.byRemote(key, ours))?.id ?? ours);
  if (id === target) return event;
  if (event.kind !== "message") return { ...event, target: id } as RemoteEvent;
  const { replyTo } = event.message;
  return { ...event, message: { ...event.message, ...(replyTo && { replyTo: { ...replyTo, id } }) } };
}

type History = Pick<NetworkEventContext, "targets" | "targetGone" | "inPlace" | "deleted" | "since">;

/** What is stored of the message that an event refers to; for a message, of itself and of what it replies to. */
export async function historyOf(store: Store, key: PortalKey, event: RemoteEvent): Promise<History> {
  const { messages, revisions, reactions, withdrawn } = store;
  const target = targetIn(event);
  const found = target === undefined ? [] : await messages.parts(key, target);
  const gone = target === undefined ? [] : await withdrawn.of(key, target);
  const targets = found.filter(
    (one) => !gone.some(({ part, sender }) => part === one.part && sender === one.sender),
  );
  const about = event.kind === "message" ? event.id : target;
  // Only the sender's own parts count, as two people may use one id.
  const parts = about === undefined ? [] : about === target ? found : await messages.parts(key, about);
  const own = parts.filter(({ sender }) => sender === event.sender).map(({ part }) => part);
  const marks = about === undefined || about === target ? gone : await withdrawn.of(key, about);
  const changes = event.kind === "edit" || event.kind === "delete" || event.kind === "hidden";
  return {
    targets,
    targetGone: gone.some(
      ({ part, sender }) => part === undefined && found.some((one) => one.sender === sender),
    ),
    inPlace: event.kind === "message" ? own.length : 0,
    deleted: marks.some(({ part, sender }) => part === undefined && sender === event.sender),
    since: {
      revisions: changes ? await revisions.ofMessage(key, event.target) : [],
      reactions: changes && event.kind !== "edit" ? await reactions.ofMessage(key, event.target) : [],
      files: event.kind === "edit" ? await filesOf(store, key, event.target) : new Set(),
      disappears: event.kind === "edit" && (await store.expiries.has(key, event.target)),
      nextPart: own.length === 0 ? 0 : Math.max(...own) + 1,
    },
  };
}
