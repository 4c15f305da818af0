import type { Clock } from "./clock.ts";
import type { Connections } from "./connections.ts";
import type { Delivery } from "./delivery.ts";
import { BridgeError } from "./errors.ts";
import type { MatrixEvent } from "./events.ts";
import type { EventId, RoomId } from "./ids.ts";
import type { Network } from "./network.ts";
import type { Outbox } from "./outbox.ts";
import type { Portal } from "./rows.ts";
import type { Store } from "./store.ts";
import type { PortalScene } from "./to-network.ts";

/** As many rows as are sent to a room before all of them are written down. */
const UNDER_WAY = 50;

export interface SceneParts {
  readonly store: Store;
  readonly networks: ReadonlyMap<string, Network>;
  readonly connections: Connections;
  readonly delivery: Delivery;
  readonly outbox: Outbox;
  readonly clock: Clock;
}

/** What is known of a portal in which a person writes; undefined where its login or network is no more. */
export async function sceneOf(
  { store, networks, connections, delivery, outbox, clock }: SceneParts,
  portal: Portal & { readonly room: RoomId },
): Promise<Omit<PortalScene, keyof Targets> | undefined> {
  const login = await store.logins.get(portal.login);
  const network = networks.get(portal.network);
  if (!login || !network) return undefined;
  const granted = connections.client(login.id)?.capabilities ?? network.capabilities;
  const contact = await store.contacts.get(login.id, portal.person);
  const contactName = (await store.ghosts.byPerson(portal.network, portal.person))?.name ?? "this contact";
  return { portal, login, network, granted, contact, contactName, delivery, outbox, clock };
}

/** The event that an event is about. */
export function referred(event: MatrixEvent): EventId | undefined {
  if (event.kind === "message") return event.replyTo;
  return "target" in event ? event.target : undefined;
}

type Targets = Pick<PortalScene, "target" | "targetRow" | "reactionTarget">;

/**
 * What an event refers to, by room and event id. Where `patient`, throws a BridgeError while that may be on its way to
 * the room.
 */
export async function targetsOf(store: Store, event: MatrixEvent, patient: boolean): Promise<Targets> {
  const id = referred(event);
  if (id === undefined) return { target: undefined, targetRow: undefined, reactionTarget: undefined };
  const redacts = event.kind === "redaction";
  const reactionTarget = redacts ? await store.reactions.byEvent(event.room, id) : undefined;
  const row = event.kind === "message" ? undefined : await store.netOutbox.byEvent(id);
  const targetRow = row?.room === event.room ? row : undefined;
  const target = reactionTarget
    ? (await store.messages.events(reactionTarget, reactionTarget.target))[0]
    : await messageOf(store, event.room, id, !redacts && patient);
  if (event.kind === "reaction" && target) {
    return { target, targetRow, reactionTarget: await store.reactions.of(target, target.id, undefined) };
  }
  return { target, targetRow, reactionTarget };
}

/**
 * The message that an event of the room shows. One that is on its way there may be in front of the person before
 * its row says so; only where something is on its way is there anything to wait for.
 */
async function messageOf(store: Store, room: RoomId, id: EventId, patient: boolean) {
  const known = await store.messages.byEvent(room, id);
  if (known || !patient) return known;
  if ((await store.hsOutbox.next(room, UNDER_WAY)).some(({ link }) => link !== undefined)) {
    throw new BridgeError("not-found", { words: "What it refers to is not known here.", certain: true });
  }
  // It may have been written down between the two questions.
  return store.messages.byEvent(room, id);
}
