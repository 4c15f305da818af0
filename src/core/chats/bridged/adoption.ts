import type { RoomId } from "../../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../../ports/homeserver.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { OutboxRows } from "../../runtime/outbox-rows.ts";
import { portalState } from "../bridge-info.ts";
import type { ChatOwner, PortalWithRoom, RoomFeatures } from "../successions.ts";
import { bridgedRoom, setBridged } from "./bridged-rooms.ts";

interface AdoptionParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: Pick<MatrixEncoder, "notice">;
  readonly outbox: OutboxRows;
  readonly features: RoomFeatures;
}

/**
 * Makes a room that its person bridged the chat's: its name and what clients read of it; the room's own rules stay. The
 * writes say so in it; undefined where that is done, or the room is no such room.
 */
export async function adoptBridged(
  { store, homeserver, encoder, outbox, features }: AdoptionParts,
  portal: PortalWithRoom,
  { login, network, profile }: ChatOwner,
): Promise<((tx: Writes) => void) | undefined> {
  const { room, chat, kind } = portal;
  const bridged = await bridgedRoom(store, room);
  if (!bridged?.begun) return undefined;
  const { bot } = homeserver;
  await homeserver.setState(bot, room, "m.room.name", "", { name: profile.shown });
  if (portal.kind === "group" && portal.topic !== "")
    await homeserver.setState(bot, room, "m.room.topic", "", { topic: portal.topic });
  const described = { bot, login, network, chat, kind, name: profile.title };
  for (const state of portalState(described, features({ login, network, chat, kind }))) {
    if (state.type === SERVICE_MEMBERS) await addServiceMember(homeserver, room);
    else await homeserver.setState(bot, room, state.type, state.stateKey, state.content);
  }
  const words = `This room is the chat with ${profile.name} on ${network.name} from here on. Only who has an account of their own in it can write there; here, that is ${login.user}. What was written in this room before stays here.`;
  const row = outbox.row(room, bot, encoder.notice(words));
  return (tx) => {
    tx.matrixOutbox.add(row);
    setBridged(tx, { ...bridged, begun: false });
  };
}

/** Users whom clients do not count as members; those of others stay. */
const SERVICE_MEMBERS = "io.element.functional_members";

async function addServiceMember(homeserver: Homeserver, room: RoomId): Promise<void> {
  const { bot } = homeserver;
  const others = (await homeserver.getState(room, SERVICE_MEMBERS, ""))?.["service_members"];
  const service = new Set([...(Array.isArray(others) ? others : []), bot]);
  await homeserver.setState(bot, room, SERVICE_MEMBERS, "", { service_members: Array.from(service) });
}
