import { sendRefusal } from "../chats/send-refusal.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { Capabilities } from "../model/capabilities.ts";
import type { Message as Content } from "../model/content.ts";
import type { MatrixEvent, Outgoing } from "../model/events.ts";
import type { EventId, OutboxId, RoomId } from "../model/ids.ts";
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

/** A portal in which a person wrote. */
export interface MatrixEventContext {
  readonly portal: Portal & { readonly room: RoomId };
  readonly login: Login;
  readonly network: Network;
  readonly granted: Capabilities;
  readonly contact: Contact | undefined;
  readonly contactName: string;
  /** What follows a command about the contact, where words may name one. */
  readonly commandTarget: string;
  readonly delivery: DeliveryStatus;
  /** The ids of a row that the event becomes; see {@link MessageIds}. */
  readonly newRow: () => RowIds;
  readonly clock: Clock;
  /** What a reply answers, an edit changes, a reaction is to, or a redaction takes back. */
  readonly target: Message | undefined;
  /** The row that carries, or carried, what an edit, reaction or redaction is about. */
  readonly targetRow: NetworkOutboxRow | undefined;
  /** The person's present reaction to the target, or the reaction a redaction takes back. */
  readonly reactionTarget: Reaction | undefined;
  /** The other messages that the event became which a redaction takes back, or an edit changes. */
  readonly others?: readonly Aim[];
  /** Our person deleted the target. */
  readonly deleted?: boolean;
  /** The edits of what a redaction takes back. */
  readonly edits?: readonly EventId[];
  /** What else shows the message that a redaction takes back: it is deleted there as a whole. */
  readonly alsoShown?: readonly (EventId | RowTarget)[];
  /** A redaction takes back this edit alone. */
  readonly takenEdit?: TakenEdit;
  /** Where a message that failed is to be sent after all: puts it in its row again, instead of in a new one. */
  readonly requeue?: Pick<NetworkOutboxRow, "item"> & { put(outgoing: Outgoing): (tx: Writes) => void };
  /** Which of the messages that an event becomes is being made; absent where it becomes one. */
  readonly item?: number;
}

/** A message that an event is about, and the row that carries, or carried, it. */
export type Aim = Pick<MatrixEventContext, "target" | "targetRow">;

/** An edit of our person's that is taken back. */
export interface TakenEdit {
  /** The other side shows what it says. */
  readonly shown: boolean;
  /** The row that carried it; none where it was made on another device. */
  readonly row: NetworkOutboxRow | undefined;
  /** What the room shows instead; undefined where that cannot be read. */
  readonly before: Content | undefined;
}

export type Handler<E> = (event: E, scene: MatrixEventContext) => (tx: Writes) => void;

export const nothing = () => () => {};

export const all =
  (records: readonly ((tx: Writes) => void)[]) =>
  (tx: Writes): void => {
    for (const record of records) record(tx);
  };

/** Takes a row back that has not begun to leave; where it has meanwhile, the whole record does not stand. */
export const cancelUnsealed =
  (row: OutboxId) =>
  (tx: Writes): void => {
    tx.guard({ kind: "row-unsealed", row });
    tx.networkOutbox.setState(row, "cancelled");
  };

/** Runs a handler only where the person may write and the contact can be written to; else says why not. */
export function allowed<E extends MatrixEvent>(handle: Handler<E>): Handler<E> {
  return (event, scene) => {
    const words = sendRefusal(event.sender, scene);
    return words === undefined ? handle(event, scene) : scene.delivery.refuse(event, words);
  };
}

/** Why nothing can be done there to a message of our person's, by what became of its row; undefined where it can. */
export function missingThere(state: NetworkOutboxState | undefined, about: string): string | undefined {
  if (state === "cancelled") return "You took that message back before it was sent.";
  if (state !== "failed") return undefined;
  return `That message did not arrive; write it as a new one, or write “retry ${about}” to the bot to send it after all.`;
}

/** A message that others may refer to later. */
interface Linked {
  readonly form: string;
  /** What shows it, where that is not the event itself, and since when. */
  readonly shownBy?: Pick<Message, "event" | "at">;
}

/** A row for the network; what others may refer to later is linked at once. */
export function queue(
  event: MatrixEvent,
  scene: MatrixEventContext,
  outgoing: Outgoing,
  linked?: Linked,
  given?: RowIds,
): (tx: Writes) => void {
  const { portal, clock, requeue, item = 0 } = scene;
  if (requeue) return requeue.put(outgoing);
  const row = given ?? scene.newRow();
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
