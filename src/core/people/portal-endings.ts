import type { Partings } from "../chats/bridged/partings.ts";
import { nameOf } from "../chats/chat-profiles.ts";
import { othersGoOn } from "../chats/groups/shared-rooms.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { rejectedBy, stands } from "../ports/guards.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

export type Ending = "unbridge" | "delete";

interface PortalEndingsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot" | "roomUse">;
  readonly partings: Pick<Partings, "begin">;
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
}

interface Ended {
  readonly portal: Portal;
  readonly user: UserId;
  readonly network: Network;
  readonly how: Ending;
}

/** Ends that a room is a chat's, as its person asks: the chat goes on, in a new room with its next message. */
export class PortalEndings {
  readonly #parts: PortalEndingsParts;

  constructor(parts: PortalEndingsParts) {
    this.#parts = parts;
  }

  /** Why it cannot be ended so, a sentence; undefined where it can. */
  async refusal({ portal, user, how }: Ended): Promise<string | undefined> {
    const { store, homeserver } = this.#parts;
    const { room } = portal;
    if (room === undefined) return "This chat has no room at the moment. One is made with its next message.";
    const use = await homeserver.roomUse(room, user);
    const isOurs = use === undefined || use.madeBy === homeserver.bot;
    if (isOurs && (await othersGoOn(store, portal)))
      return "Others here are in this group too and go on in its room, so it stays. Leave the room in your client, or write “leave-group …” with the group to leave that.";
    if (isOurs) return undefined;
    if (how === "delete")
      return "This room was there before I came, and others may use it, so I do not close it. Write “unbridge …” with the chat instead: the room goes on without me.";
    return use.administered
      ? undefined
      : "You may not change what this room is. Ask whoever administers it, or have them remove me from it.";
  }

  /** Takes the chat out of its room; a repeat does nothing. */
  async end({ portal, network, how }: Ended): Promise<void> {
    const { store, partings, clock, random } = this.#parts;
    const { room } = portal;
    if (room === undefined) return;
    const words = endedWords[how](await nameOf(store, portal), network.name);
    const withRoom: Portal & { readonly room: RoomId } = { ...portal, room };
    const begin = partings.begin({
      portal: withRoom,
      how,
      words,
      createKey: random.uuid(),
      at: clock.now(),
    });
    await rejectedBy(
      "portal-stands",
      store.write((tx) => {
        tx.guard(stands(portal));
        begin(tx);
      }),
    );
  }
}

const endedWords: Readonly<{ [E in Ending]: (name: string, network: string) => string }> = {
  unbridge: (name, network) =>
    `This is an ordinary room from here on: what is written in it goes to nobody on ${network} any more. The chat with ${name} goes on in a new room, with its next message.`,
  delete: (name) =>
    `This room of the chat with ${name} was closed. The chat goes on in a new room, with its next message.`,
};
