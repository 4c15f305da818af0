import { chatOf, type Portals } from "../chats/portals.ts";
import { BridgeError } from "../model/errors.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

interface RolledBackParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly portals: Portals;
  readonly networks: ReadonlyMap<string, Network>;
  readonly log: Log;
}

/**
 * An older copy of the homeserver was put back. Every room that still stands gets who belongs in it, its name and
 * whether it can be written in, one after the other; one that is no more waits for its chat's next message.
 */
export async function mendRooms(parts: RolledBackParts): Promise<void> {
  const { store, networks, log } = parts;
  let mended = 0;
  for (const login of await store.logins.all()) {
    const network = networks.get(login.network);
    for (const portal of network ? await store.portals.ofLogin(login.id) : []) {
      // A message that came meanwhile has brought back who belongs there, and nothing else.
      if (!network || portal.member === "left" || portal.room === undefined) continue;
      try {
        if (await mendRoom(parts, login, network, portal)) mended += 1;
      } catch (error) {
        // The chat's next message tries it again.
        log.warn("a room was not mended", { room: portal.room, ...faultOf(error) });
      }
    }
  }
  log.info("rooms were looked at again after an older copy of the homeserver was put back", { mended });
}

async function mendRoom(
  { homeserver, portals }: RolledBackParts,
  login: Login,
  network: Network,
  before: Portal,
): Promise<boolean> {
  const { room, chat, state } = before;
  if (room === undefined || !(await stands(homeserver, room))) return false;
  const key = { login: login.id, chat };
  const { portal, profile } = await portals.ensure({ login, network, key, chat: chatOf(before) });
  if (portal.room !== room) return true;
  await homeserver.setState(homeserver.bot, room, "m.room.name", "", { name: profile.shown });
  await (state === "archived" ? homeserver.archiveRoom(room) : homeserver.reopenRoom(room));
  return true;
}

async function stands(homeserver: Homeserver, room: NonNullable<Portal["room"]>): Promise<boolean> {
  try {
    return (await homeserver.members(room)).includes(homeserver.bot);
  } catch (error) {
    if (BridgeError.from(error).shut) return false;
    throw error;
  }
}
