import { nameOf } from "../chats/chat-profiles.ts";
import { commandTarget } from "../chats/command-target.ts";
import type { Connections } from "../chats/connections.ts";
import { ownMembers } from "../chats/groups/mentions.ts";
import { changedMemberOf, contactIn } from "../chats/send-refusal.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { BridgeError } from "../model/errors.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId, LoginId, RoomId } from "../model/ids.ts";
import { itemsOf } from "../model/items.ts";
import type { Clock } from "../ports/clock.ts";
import type { Network } from "../ports/network.ts";
import type { Message, Portal, RowTarget } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Aim, MatrixEventContext } from "./event-context.ts";
import type { MessageIds, RowIds } from "./message-ids.ts";
import { UNDELIVERED } from "./shown-edit.ts";

/** The most rows of a room that can be sent before all of them are stored. */
const MAX_UNSENT = 50;

export interface EventContextsParts {
  readonly store: Store;
  readonly networks: ReadonlyMap<string, Network>;
  readonly connections: Connections;
  readonly delivery: DeliveryStatus;
  readonly clock: Clock;
}

/**
 * The context of events in a portal, without what each refers to; undefined where its login or network does not exist
 * any more.
 */
export async function eventContextOf(
  { store, networks, connections, delivery, clock }: EventContextsParts,
  portal: Portal & { readonly room: RoomId },
): Promise<Omit<MatrixEventContext, keyof Targets | "newRow"> | undefined> {
  const login = await store.logins.get(portal.login);
  const network = networks.get(portal.network);
  if (!login || !network) return undefined;
  const granted = connections.client(login.id)?.capabilities(portal.chat) ?? network.capabilities;
  const contact = await contactIn(store, portal);
  const contactName = await nameOf(store, portal);
  // Looked up only where a refusal names it, as that reads all chats.
  const named = contact?.blocked === true || contact?.trust === "changed";
  const about = named ? await commandTarget(store, portal) : "";
  const changedMember = await changedMemberOf(store, portal);
  const own = portal.kind === "group" ? await store.portalMembers.get(portal, undefined) : undefined;
  const isAdmin = own?.membership === "joined" && own.role !== "member";
  const ours = await ownMembers(store, portal);
  const who = { contact, contactName, isAdmin, commandTarget: about, changedMember, ours };
  return { portal, login, network, granted, ...who, delivery, clock };
}

/** The id of the event that an event is about. */
export function referred(event: MatrixEvent): EventId | undefined {
  if (event.kind === "message") return event.replyTo;
  return "target" in event ? event.target : undefined;
}

/** Reserves the ids of the rows that an event may become. */
export async function rowsFor(
  messageIds: MessageIds,
  { network, portal }: Pick<MatrixEventContext, "network" | "portal">,
  event: MatrixEvent,
  others: readonly Aim[] = [],
): Promise<Pick<MatrixEventContext, "newRow">> {
  const ids = await messageIds.reserve(network, portal, event, mostRows(event, others));
  let next = 0;
  return {
    newRow(): RowIds {
      const row = ids[next++];
      if (!row) throw new Error(`more rows than ids for ${event.kind}`);
      return row;
    },
  };
}

function mostRows(event: MatrixEvent, others: readonly Aim[]): number {
  if (event.kind === "message") return itemsOf(event.message).length;
  if (event.kind === "reaction") return 1;
  // An edit to another kind becomes a new message and a deletion.
  return event.kind === "edit" || event.kind === "redaction" ? Math.max(3, 1 + others.length) : 0;
}

type Targets = Pick<
  MatrixEventContext,
  "target" | "targetRow" | "reactionTarget" | "others" | "deleted" | "edits" | "alsoShown"
>;

/**
 * What an event refers to, by room and event id, in its sender's login. With `patient` it throws a BridgeError while
 * that may be on its way to the room.
 */
export async function targetsOf(
  store: Store,
  event: MatrixEvent,
  login: LoginId,
  patient: boolean,
): Promise<Targets & Partial<Pick<MatrixEventContext, "commandTarget">>> {
  const targets = await findTargets(store, event, login, patient);
  const { targetRow } = targets;
  if (targetRow?.state !== "failed") return targets;
  return { ...targets, commandTarget: await commandTarget(store, targetRow.key) };
}

async function findTargets(
  store: Store,
  event: MatrixEvent,
  login: LoginId,
  patient: boolean,
): Promise<Targets> {
  const named = referred(event);
  const id = named === undefined ? undefined : await originalOf(store, event.room, named, login);
  if (id === undefined) return { target: undefined, targetRow: undefined, reactionTarget: undefined };
  const redacts = event.kind === "redaction";
  const reactionTarget = redacts ? await store.reactions.byEvent(event.room, id, login) : undefined;
  const rows = (await store.networkOutbox.ofEvent(id)).filter(({ room }) => room === event.room);
  const messages = reactionTarget
    ? await store.messages.events(reactionTarget, reactionTarget.target)
    : await messagesOf(store, { room: event.room, id, login }, !redacts && patient);
  const [row] = rows;
  const aims: Aim[] = messages.map((target) => ({
    target,
    targetRow: reactionTarget ? row : rows.find(({ remoteId }) => remoteId === target.id),
  }));
  // An edit to another kind became a message of its own, whose row has another event.
  for (const [index, aim] of aims.entries()) {
    if (reactionTarget || aim.targetRow || !aim.target || aim.target.sender !== undefined) continue;
    aims[index] = { ...aim, targetRow: await store.networkOutbox.byRemote(aim.target, aim.target.id) };
  }
  // Of several messages the first delivered one counts; a redaction takes back each.
  const delivered = aims.find(({ targetRow }) => !UNDELIVERED.has(targetRow?.state));
  const aim = (redacts ? undefined : delivered) ?? aims[0] ?? { target: undefined, targetRow: row };
  const { target, targetRow } = aim;
  if (redacts && !reactionTarget) {
    const edits = target?.sender === undefined ? await store.revisions.ofEvent(event.room, id, login) : [];
    return {
      target,
      targetRow,
      reactionTarget,
      others: aims.slice(1),
      deleted: await isDeleted(store, target),
      edits: edits.flatMap((edit) => edit.event ?? []),
      alsoShown: await alsoShown(store, target),
    };
  }
  if (event.kind === "edit") {
    const edits = await store.revisions.ofEvent(event.room, id, login);
    return {
      edits: edits.flatMap((edit) => edit.event ?? []),
      target: aims[0]?.target,
      targetRow: aims[0] ? aims[0].targetRow : row,
      reactionTarget,
      others: aims.slice(1),
      deleted: await isDeleted(store, aims[0]?.target),
    };
  }
  if (event.kind === "reaction" && target) {
    return { target, targetRow, reactionTarget: await store.reactions.of(target, target.id, undefined) };
  }
  return { target, targetRow, reactionTarget };
}

/** The edited message's event where the event is an edit; otherwise the event itself. */
async function originalOf(store: Store, room: RoomId, id: EventId, login: LoginId): Promise<EventId> {
  const revision = await store.revisions.byEvent(room, id, login);
  if (!revision) return id;
  if (revision.original !== undefined) return revision.original;
  const parts = await store.messages.events(revision, revision.id);
  return parts.find(({ part }) => part === revision.part)?.event ?? id;
}

/**
 * What else of a message of another device, or of somebody else's, is in the room, or on its way there: one may become
 * several events.
 */
async function alsoShown(
  store: Store,
  target: Message | undefined,
): Promise<readonly (EventId | RowTarget)[]> {
  if (!target || (target.sender === undefined && target.shownBy === undefined)) return [];
  const { login, chat, id, sender: author, part: taken } = target;
  const gone = await store.withdrawn.of(target, id);
  const isGone = (part: number) => gone.some((one) => one.sender === author && one.part === part);
  const parts = (await store.messages.parts(target, id)).filter(
    ({ sender, part }) => sender === author && part !== taken && !isGone(part),
  );
  const edits = (await store.revisions.ofMessage(target, id)).filter(
    // Those of our person's that is taken back are withdrawn with it.
    ({ sender, part }) => sender === author && (author !== undefined || part !== taken),
  );
  return [
    ...parts.map(({ part }) => ({ kind: "message", login, chat, id, part }) as const),
    ...edits.flatMap(({ event, row }) => event ?? (row ? ({ kind: "row", id: row } as const) : [])),
  ];
}

/** Whether our person deleted this message of theirs. */
async function isDeleted(store: Store, target: Message | undefined): Promise<boolean> {
  if (!target || target.sender !== undefined) return false;
  const withdrawn = await store.withdrawn.of(target, target.id);
  return withdrawn.some(({ sender, part }) => sender === undefined && part === undefined);
}

/**
 * The messages that an event of the room shows, or became. A client may show an event before its row is stored as sent;
 * with `patient` it throws a BridgeError while such rows are queued.
 */
async function messagesOf(
  store: Store,
  { room, id, login }: { readonly room: RoomId; readonly id: EventId; readonly login: LoginId },
  patient: boolean,
) {
  const found = await store.messages.ofEvent(room, id, login);
  if (found.length > 0 || !patient) return found;
  if (
    (await store.matrixOutbox.next(room, MAX_UNSENT)).some(
      ({ link, target }) => (link ?? target) !== undefined,
    )
  ) {
    throw new BridgeError("not-found", { words: "What it refers to is not known here.", certain: true });
  }
  // It may have been stored between the two reads.
  return store.messages.ofEvent(room, id, login);
}
