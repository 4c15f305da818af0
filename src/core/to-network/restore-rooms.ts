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
 * Restores each chat's room after an older copy of the homeserver was put back: its members, its name and whether it
 * can be written in, one room after the other. A room that does not exist any more waits for its chat's next message.
 */
export async function restoreRooms(parts: RolledBackParts): Promise<void> {
  const { store, networks, log } = parts;
  let restored = 0;
  for (const login of await store.logins.all()) {
    const network = networks.get(login.network);
    for (const portal of network ? await store.portals.ofLogin(login.id) : []) {
      // A message in between has restored the members, and nothing else.
      if (!network || portal.member === "left" || portal.room === undefined) continue;
      try {
        if (await restoreRoom(parts, login, network, portal)) restored += 1;
      } catch (error) {
        // The chat's next message tries again.
        log.warn("a room was not mended", { room: portal.room, ...faultOf(error) });
      }
    }
  }
  log.info("rooms were looked at again after an older copy of the homeserver was put back", {
    mended: restored,
  });
}

async function restoreRoom(
  { homeserver, portals }: RolledBackParts,
  login: Login,
  network: Network,
  before: Portal,
): Promise<boolean> {
  const { room, chat, state } = before;
  if (room === undefined || !(await isBotInside(homeserver, room))) return false;
  const key = { login: login.id, chat };
  const { portal, profile } = await portals.ensure({ login, network, key, chat: chatOf(before) });
  if (portal.room !== room) return true;
  await homeserver.setState(homeserver.bot, room, "m.room.name", "", { name: profile.shown });
  await (state === "archived" ? homeserver.archiveRoom(room) : homeserver.reopenRoom(room));
  return true;
}

async function isBotInside(homeserver: Homeserver, room: NonNullable<Portal["room"]>): Promise<boolean> {
  try {
    return (await homeserver.members(room)).includes(homeserver.bot);
  } catch (error) {
    if (BridgeError.from(error).shut) return false;
    throw error;
  }
}
