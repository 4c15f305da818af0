import type { NetworkId, RoomId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";

interface RoomOffersParts {
  readonly store: Pick<Store, "logins">;
  readonly homeserver: Pick<Homeserver, "bot" | "roomUse">;
  readonly networks: ReadonlyMap<NetworkId, Network>;
}

/**
 * What the bot says in a room with others to which somebody invited it who can make it one of their chats; undefined where
 * they cannot, and the bot has nothing to do there.
 */
export async function offerWords(
  { store, homeserver, networks }: RoomOffersParts,
  room: RoomId,
  user: UserId,
): Promise<string | undefined> {
  const use = await homeserver.roomUse(room, user);
  if (!use?.administered || use.unusable || use.unreadable) return undefined;
  for (const { id } of networks.values()) {
    const logins = await store.logins.of(user, id);
    if (!logins.some(({ state }) => state === "active")) continue;
    const power =
      use.missing === undefined ? "" : ` Give me, ${homeserver.bot}, power level ${use.missing} before.`;
    return `I can make this room one of your chats. Write “bridge ${id}” here to see which there are; I say what comes of it before I do anything.${power} All else that is written here I leave alone; remove me if you want no chat here.`;
  }
  return undefined;
}
