import { nameOf } from "../chats/chat-profiles.ts";
import { commandTarget } from "../chats/command-target.ts";
import type { Connections } from "../chats/connections.ts";
import { contactIn } from "../chats/send-refusal.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { BridgeError } from "../model/errors.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId, LoginId, RoomId } from "../model/ids.ts";
import { itemsOf } from "../model/items.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Message, NetworkOutboxRow, NetworkOutboxState, Portal, RowTarget } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Aim, MatrixEventContext, TakenEdit } from "./event-context.ts";
import type { MessageIds, RowIds } from "./message-ids.ts";

/** As many rows as are sent to a room before all of them are written down. */
const UNDER_WAY = 50;

export interface SceneParts {
  readonly store: Store;
  readonly networks: ReadonlyMap<string, Network>;
  readonly connections: Connections;
  readonly delivery: DeliveryStatus;
  readonly clock: Clock;
}

/** What is known of a portal in which a person writes; undefined where its login or network is no more. */
export async function sceneOf(
  { store, networks, connections, delivery, clock }: SceneParts,
  portal: Portal & { readonly room: RoomId },
): Promise<Omit<MatrixEventContext, keyof Targets | "newRow"> | undefined> {
  const login = await store.logins.get(portal.login);
  const network = networks.get(portal.network);
  if (!login || !network) return undefined;
  const granted = connections.client(login.id)?.capabilities(portal.chat) ?? network.capabilities;
  const contact = await contactIn(store, portal);
  const contactName = await nameOf(store, portal);
  // Looked up only where words may need it: it takes a look at all chats.
  const named = contact?.blocked === true || contact?.trust === "changed";
  const about = named ? await commandTarget(store, portal) : "";
  const who = { contact, contactName, commandTarget: about };
  return { portal, login, network, granted, ...who, delivery, clock };
}

/** The event that an event is about. */
export function referred(event: MatrixEvent): EventId | undefined {
  if (event.kind === "message") return event.replyTo;
  return "target" in event ? event.target : undefined;
}

/** The ids of what an event becomes, before it is known how many rows that is. */
export async function rowsFor(
  messageIds: MessageIds,
  { network, portal }: Pick<MatrixEventContext, "network" | "portal">,
  event: MatrixEvent,
  others: readonly Aim[] = [],
): Promise<Pick<MatrixEventContext, "newRow">> {
  const ids = await messageIds.reserve(network, portal, mostRows(event, others));
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
  // What changes the kind of a message is another message, and the deletion of the one before.
  return event.kind === "edit" || event.kind === "redaction" ? Math.max(3, 1 + others.length) : 0;
}

const UNDELIVERED: ReadonlySet<NetworkOutboxState | undefined> = new Set(["failed", "cancelled"]);

type Targets = Pick<
  MatrixEventContext,
  "target" | "targetRow" | "reactionTarget" | "others" | "deleted" | "edits" | "alsoShown"
>;

/**
 * What an event refers to, by room and event id, as its sender's login has it. Where `patient`, throws a BridgeError
 * while that may be on its way to the room.
 */
export async function targetsOf(
  store: Store,
  event: MatrixEvent,
  login: LoginId,
  patient: boolean,
): Promise<Targets & Partial<Pick<MatrixEventContext, "commandTarget">>> {
  const targets = await lookedUp(store, event, login, patient);
  const { targetRow } = targets;
  if (targetRow?.state !== "failed") return targets;
  return { ...targets, commandTarget: await commandTarget(store, targetRow.key) };
}

async function lookedUp(
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
  // An edit to another kind made a message of its own, which another event's row carries.
  for (const [index, aim] of aims.entries()) {
    if (reactionTarget || aim.targetRow || !aim.target || aim.target.sender !== undefined) continue;
    aims[index] = { ...aim, targetRow: await store.networkOutbox.byRemote(aim.target, aim.target.id) };
  }
  // Of several it is the first that is there, and a redaction takes back each.
  const there = aims.find(({ targetRow }) => !UNDELIVERED.has(targetRow?.state));
  const aim = (redacts ? undefined : there) ?? aims[0] ?? { target: undefined, targetRow: row };
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
    return {
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

/** What is about an edit is about the message that was edited; an event that is no edit is its own original. */
async function originalOf(store: Store, room: RoomId, id: EventId, login: LoginId): Promise<EventId> {
  const revision = await store.revisions.byEvent(room, id, login);
  if (!revision) return id;
  if (revision.original !== undefined) return revision.original;
  const parts = await store.messages.events(revision, revision.id);
  return parts.find(({ part }) => part === revision.part)?.event ?? id;
}

/** What else of a message of another device is in the room, or on its way there: one may become several events. */
async function alsoShown(
  store: Store,
  target: Message | undefined,
): Promise<readonly (EventId | RowTarget)[]> {
  if (!target || target.sender !== undefined || target.shownBy === undefined) return [];
  const { login, chat, id, part: taken } = target;
  const gone = await store.withdrawn.of(target, id);
  const isGone = (part: number) => gone.some((one) => one.sender === undefined && one.part === part);
  const parts = (await store.messages.parts(target, id)).filter(
    ({ sender, part }) => sender === undefined && part !== taken && !isGone(part),
  );
  const edits = (await store.revisions.ofMessage(target, id)).filter(
    ({ sender, part }) => sender === undefined && part !== taken,
  );
  return [
    ...parts.map(({ part }) => ({ kind: "message", login, chat, id, part }) as const),
    ...edits.flatMap(({ event, row }) => event ?? (row ? ({ kind: "row", id: row } as const) : [])),
  ];
}

/** Whether our person deleted a message of theirs. */
async function isDeleted(store: Store, target: Message | undefined): Promise<boolean> {
  if (!target || target.sender !== undefined) return false;
  const withdrawn = await store.withdrawn.of(target, target.id);
  return withdrawn.some(({ sender, part }) => sender === undefined && part === undefined);
}

/** The other side shows another edit, or none. */
const UNSEEN: TakenEdit = { shown: false, row: undefined, before: undefined };

/** What a redaction of an edit of our person's takes back; undefined where it is about something else. */
export async function takenEditOf(
  { store, homeserver }: { readonly store: Store; readonly homeserver: Pick<Homeserver, "event"> },
  event: MatrixEvent,
  login: LoginId,
): Promise<TakenEdit | undefined> {
  if (event.kind !== "redaction") return undefined;
  const revision = await store.revisions.byEvent(event.room, event.target, login);
  if (!revision || revision.sender !== undefined) return undefined;
  if (revision.original === undefined) return UNSEEN;
  const edits = await store.revisions.ofEvent(event.room, revision.original, login);
  let shown: { readonly event: EventId | undefined; readonly row: NetworkOutboxRow | undefined } | undefined;
  for (const edit of edits) {
    const row = edit.event && (await store.networkOutbox.byEvent(edit.event));
    // What was made on another device was there before it was here.
    const there = row ? !UNDELIVERED.has(row.state) : edit.row !== undefined;
    if (there) shown = { event: edit.event, row };
  }
  if (shown?.event !== event.target) return UNSEEN;
  const rest = edits.filter((edit) => edit.event !== event.target);
  const before = await homeserver.event(event.room, rest.at(-1)?.event ?? revision.original);
  const readable = before?.kind === "message" || before?.kind === "edit";
  return { shown: true, row: shown.row, before: readable ? before.message : undefined };
}

/**
 * The messages that an event of the room shows, or became. One that is on its way there may be in front of the person before
 * its row says so; only where something is on its way is there anything to wait for.
 */
async function messagesOf(
  store: Store,
  { room, id, login }: { readonly room: RoomId; readonly id: EventId; readonly login: LoginId },
  patient: boolean,
) {
  const known = await store.messages.ofEvent(room, id, login);
  if (known.length > 0 || !patient) return known;
  if (
    (await store.matrixOutbox.next(room, UNDER_WAY)).some(
      ({ link, target }) => (link ?? target) !== undefined,
    )
  ) {
    throw new BridgeError("not-found", { words: "What it refers to is not known here.", certain: true });
  }
  // It may have been written down between the two questions.
  return store.messages.ofEvent(room, id, login);
}
