import type { Avatars } from "./chats/avatars.ts";
import { Carrying } from "./chats/carrying.ts";
import type { Ghosts } from "./chats/ghosts.ts";
import { Portals } from "./chats/portals.ts";
import { Spaces } from "./chats/spaces.ts";
import { Successions, type Whose } from "./chats/successions.ts";
import type { Management } from "./management/management-room.ts";
import { ManagementSuccession } from "./management/management-succession.ts";
import { RoomChanges } from "./management/room-changes.ts";
import type { PortalKey } from "./model/events.ts";
import type { NetworkId, RoomId, UserId } from "./model/ids.ts";
import type { Clock, Random } from "./ports/clock.ts";
import type { Puppets } from "./ports/double-puppets.ts";
import type { EncodedEvent, Homeserver, MatrixEncoder } from "./ports/homeserver.ts";
import type { Log } from "./ports/log.ts";
import type { Network } from "./ports/network.ts";
import type { Store } from "./ports/store.ts";
import type { Outbox } from "./runtime/outbox-rows.ts";
import { SerialByKey } from "./runtime/serial-by-key.ts";

interface BuildRoomsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly puppets: Puppets;
  readonly ghosts: Ghosts;
  readonly avatars: Avatars;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What a room advertises that it can be used for. */
  readonly features: (whose: Pick<Whose, "login" | "network">) => EncodedEvent;
  /** Made of what is made here. */
  readonly management: () => Pick<Management, "tell" | "tellElsewhere">;
  readonly tell: (user: UserId, words: string) => void;
  readonly hurry: (key: PortalKey, before: RoomId | undefined) => void;
}

/** What makes rooms, puts them in people's lists, and goes on where one is at its end. */
export interface RoomParts {
  readonly inboxes: Spaces;
  readonly portals: Portals;
  readonly changes: RoomChanges;
  /** Held by a room's name while something is sent there. */
  readonly sending: SerialByKey;
}

export function makeRoomParts(parts: BuildRoomsParts): RoomParts {
  const { management, tell } = parts;
  const sending = new SerialByKey();
  const successions = new Successions({ ...parts, tell: (...said) => management().tell(...said) });
  const inboxes = new Spaces({ ...parts, follow: (...asked) => successions.follow(...asked) });
  const portals = new Portals({
    ...parts,
    inboxes,
    successions,
    carrying: new Carrying({ ...parts, inboxes, sending }),
    unplaced: (login, { name }) =>
      tell(
        login.user,
        `Your chat with ${name} is open, but the homeserver fails on putting it where you keep these chats. Write “inbox separate” or “inbox combined” to me to try again.`,
      ),
  });
  const changes = new RoomChanges({
    ...parts,
    portals,
    successions,
    management: new ManagementSuccession({
      ...parts,
      successions,
      tellElsewhere: (...said) => management().tellElsewhere(...said),
    }),
  });
  return { inboxes, portals, changes, sending };
}
