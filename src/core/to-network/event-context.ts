import { withMentions } from "../chats/groups/mentions.ts";
import { type ChangedMember, sendRefusal } from "../chats/send-refusal.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { Capabilities } from "../model/capabilities.ts";
import type { Message as Content, Quoted } from "../model/content.ts";
import type { MatrixEvent, Outgoing } from "../model/events.ts";
import type { EventId, OutboxId, PersonId, RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Network } from "../ports/network.ts";
import type {
  Contact,
  Login,
  Message,
  NetworkOutboxRow,
  NetworkOutboxState,
  Portal,
  Reaction,
  RowTarget,
} from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import type { RowIds } from "./message-ids.ts";

/** What the conversion of a person's event in a portal needs. */
export interface MatrixEventContext {
  readonly portal: Portal & { readonly room: RoomId };
  readonly login: Login;
  readonly network: Network;
  readonly granted: Capabilities;
  readonly contact: Contact | undefined;
  readonly contactName: string;
  /** Whether our person is an administrator of the group. */
  readonly isAdmin: boolean;
  /** Stands for the contact in a command, where a refusal names one. */
  readonly commandTarget: string;
  readonly changedMember: ChangedMember | undefined;
  /** Who on the network those of our people are who share the group's room. */
  readonly ours: ReadonlyMap<UserId, PersonId>;
  readonly delivery: DeliveryStatus;
  /** Takes the reserved ids of a row that the event becomes; see {@link MessageIds}. */
  readonly newRow: () => RowIds;
  readonly clock: Clock;
  /** The message that a reply answers, an edit changes, a reaction is to, or a redaction takes back. */
  readonly target: Message | undefined;
  /** The row that carries, or carried, the target. */
  readonly targetRow: NetworkOutboxRow | undefined;
  /** The person's current reaction to the target, or the reaction that a redaction takes back. */
  readonly reactionTarget: Reaction | undefined;
  /** Other messages of the target's event that a redaction takes back, or an edit changes. */
  readonly others?: readonly Aim[];
  /** Whether our person deleted the target. */
  readonly deleted?: boolean;
  /** The edits of the message that a redaction takes back, or an edit changes. */
  readonly edits?: readonly EventId[];
  /** What else shows the message that a redaction takes back: it is deleted there as a whole. */
  readonly alsoShown?: readonly (EventId | RowTarget)[];
  /** The edit that a redaction takes back, where it redacts an edit. */
  readonly takenEdit?: TakenEdit;
  /** What a reply shows of the message that it answers, where the network wants that. */
  readonly quoted?: QuotedContent | undefined;
  /** For a retry: queues the failed message in its own row, instead of a new one. */
  readonly requeue?: Pick<NetworkOutboxRow, "item"> & {
    /** How many files went in one message. */
    readonly files: number;
    put(outgoing: Outgoing): (tx: Writes) => void;
  };
  /** Which of the event's messages is being made; undefined where it becomes one. */
  readonly item?: number;
}

/** What a reply shows of the message that it answers. */
export type QuotedContent = Pick<Quoted, "excerpt" | "file">;

/** A message that an event is about, and the row that carries, or carried, it. */
export type Aim = Pick<MatrixEventContext, "target" | "targetRow">;

/** An edit of our person's that a redaction takes back. */
export interface TakenEdit {
  /** Whether the other side shows it. */
  readonly shown: boolean;
  /** The row that carried it; undefined where the edit was made on another device. */
  readonly row: NetworkOutboxRow | undefined;
  /** What the room shows without it; undefined where that cannot be read. */
  readonly before: Content | undefined;
}

export type Handler<E> = (event: E, context: MatrixEventContext) => (tx: Writes) => void;

export const nothing = () => () => {};

export const all =
  (records: readonly ((tx: Writes) => void)[]) =>
  (tx: Writes): void => {
    for (const record of records) record(tx);
  };

/** Cancels a row that is not sealed; otherwise the guard rejects the whole record. */
export const cancelUnsealed =
  (row: OutboxId) =>
  (tx: Writes): void => {
    tx.guard({ kind: "row-unsealed", row });
    tx.networkOutbox.setState(row, "cancelled");
  };

/** The event as it is refused: one that is sent again has its row, which says what became of it. */
export const refusable = <E extends MatrixEvent>(event: E, { requeue }: MatrixEventContext): E =>
  requeue ? { ...event, hasRow: true } : event;

/** A handler that runs only where the person may write in the portal; otherwise it refuses with the reason. */
export function allowed<E extends MatrixEvent>(handle: Handler<E>): Handler<E> {
  return (event, context) => unlessRefused(handle, sendRefusal(event.sender, context))(event, context);
}

/**
 * As {@link allowed}, for a message, which is queued also where a safety number is another one than our person verified:
 * its lane refuses it then, and keeps it for their word.
 */
export function allowedOnWord<E extends MatrixEvent>(handle: Handler<E>): Handler<E> {
  return (event, context) => {
    const { contact } = context;
    const agreed = contact?.trust === "changed" ? { ...contact, trust: "unverified" as const } : contact;
    const words = sendRefusal(event.sender, { ...context, contact: agreed, changedMember: undefined });
    return unlessRefused(handle, words)(event, context);
  };
}

const unlessRefused =
  <E extends MatrixEvent>(handle: Handler<E>, words: string | undefined): Handler<E> =>
  (event, context) =>
    words === undefined
      ? handle(event, context)
      : context.delivery.refuse(refusable(event, context), words, "forbidden");

/** Why nothing can be done to our person's message, by its row's state; undefined where it can. */
export function missingThere(state: NetworkOutboxState | undefined, about: string): string | undefined {
  if (state === "cancelled") return "You took that message back before it was sent.";
  if (state !== "failed") return undefined;
  return `That message did not arrive; write it as a new one, or write “retry ${about}” to the bot to send it after all.`;
}

/** How a queued message is linked, so that others can refer to it. */
interface Linked {
  readonly form: string;
  /** The event that shows it and its time, where that is not the queued event. */
  readonly shownBy?: Pick<Message, "event" | "at">;
}

/** The writes that queue a row for the network, and link it at once where others may refer to it. */
export function queue(
  event: MatrixEvent,
  context: MatrixEventContext,
  asked: Outgoing,
  linked?: Linked,
  reservedIds?: RowIds,
): (tx: Writes) => void {
  const { portal, clock, requeue, item = 0 } = context;
  const outgoing = withMembers(asked, context);
  if (requeue) return requeue.put(outgoing);
  const row = reservedIds ?? context.newRow();
  const key = { login: portal.login, chat: portal.chat };
  const { room, id, at, sender } = event;
  return (tx) => {
    tx.networkOutbox.add({ ...row, key, room, event: id, item, sender, outgoing, createdAt: clock.now() });
    if (!linked) return;
    const { form, shownBy = { event: id, at } } = linked;
    tx.messages.add({ ...key, id: row.remoteId, part: 0, sender: undefined, room, form, ...shownBy }, item);
    tx.networkInbox.unpark(key, row.remoteId);
    if (portal.kind === "group") tx.sharedGroups.share(key, row.remoteId);
  };
}

/** Names others of our people in a group as the members that they are. */
function withMembers(outgoing: Outgoing, { ours, login }: MatrixEventContext): Outgoing {
  if (outgoing.kind !== "message" && outgoing.kind !== "edit") return outgoing;
  const message = withMentions(outgoing.message, (style) => {
    if (style.kind !== "mentionUser" || style.user === login.user) return undefined;
    const person = ours.get(style.user);
    return person === undefined ? undefined : { kind: "mentionPerson", person };
  });
  return { ...outgoing, message };
}
