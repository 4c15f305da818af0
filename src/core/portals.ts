import { bridgeInfo, bridgeStateKey } from "./bridge-info.ts";
import type { Random } from "./clock.ts";
import { BridgeError } from "./errors.ts";
import type { PortalKey } from "./events.ts";
import type { Ghosts } from "./ghosts.ts";
import type { EncodedEvent, Homeserver } from "./homeserver.ts";
import type { PersonId, RoomId } from "./ids.ts";
import type { Inboxes } from "./inboxes.ts";
import { isMuted } from "./mutes.ts";
import type { Network } from "./network.ts";
import type { Ghost, Login, Portal } from "./rows.ts";
import type { Store } from "./store.ts";
import { Turns } from "./turns.ts";

/** A portal whose room exists, with the ghost of its contact in it. */
export interface OpenPortal {
  readonly portal: Portal & { readonly room: RoomId };
  readonly ghost: Ghost;
}

interface Wanted {
  readonly login: Login;
  readonly network: Network;
  readonly key: PortalKey;
  readonly person: PersonId;
  readonly name: string | undefined;
}

/** What a new room advertises that it can be used for. */
export type Features = (login: Login, network: Network) => EncodedEvent;

/** Finds or makes the room of a chat. Each step is stored before the next, so a crash between them is picked up. */
export class Portals {
  readonly #store: Store;
  readonly #homeserver: Homeserver;
  readonly #ghosts: Ghosts;
  readonly #inboxes: Inboxes;
  readonly #random: Random;
  readonly #features: Features;
  readonly #turns = new Turns();

  constructor(
    store: Store,
    homeserver: Homeserver,
    ghosts: Ghosts,
    inboxes: Inboxes,
    random: Random,
    features: Features,
  ) {
    this.#store = store;
    this.#homeserver = homeserver;
    this.#ghosts = ghosts;
    this.#inboxes = inboxes;
    this.#random = random;
    this.#features = features;
  }

  /** One at a time a chat, so that a first message and a command make one room between them. */
  ensure(wanted: Wanted): Promise<OpenPortal> {
    return this.#turns.take(`${wanted.key.login} ${wanted.key.chat}`, () => this.#ensure(wanted));
  }

  async #ensure(wanted: Wanted): Promise<OpenPortal> {
    const { key, network, person } = wanted;
    const ghost = await this.#ghosts.current(network.id, person, wanted.name);
    const known = (await this.#standing(key)) ?? (await this.#add(wanted));
    const room = known.room ?? (await this.#makeRoom(known, wanted, ghost));
    if (incomplete(known) && !(known.member === "left" && (await isMuted(this.#store, key)))) {
      await this.#invite(room, ghost, wanted);
      await this.#store.write((tx) => {
        if (known.state === "making") tx.portals.setState(key, "open");
        tx.portals.setMember(key, "invited");
      });
    }
    return { portal: { ...known, room, state: known.state === "making" ? "open" : known.state }, ghost };
  }

  /** The chat's portal, unless somebody has to be invited into a room that is no more: then it is forgotten. */
  async #standing(key: PortalKey): Promise<Portal | undefined> {
    const known = await this.#store.portals.byChat(key);
    if (!known?.room || !incomplete(known)) return known;
    try {
      const members = await this.#homeserver.members(known.room);
      // One who was put out still sees who was in it then.
      if (members.includes(this.#homeserver.bot)) return known;
    } catch (error) {
      if (!BridgeError.from(error).shut) throw error;
    }
    await this.#store.write((tx) => tx.portals.remove(key));
    return undefined;
  }

  async #add({ key, network, person }: Wanted): Promise<Portal> {
    const portal: Portal = {
      ...key,
      network: network.id,
      person,
      createKey: this.#random.uuid(),
      room: undefined,
      state: "making",
      member: "none",
    };
    await this.#store.write((tx) => tx.portals.add(portal));
    return (await this.#store.portals.byChat(key)) ?? portal;
  }

  async #makeRoom(portal: Portal, { login, network, key }: Wanted, ghost: Ghost): Promise<RoomId> {
    const room = await this.#homeserver.createRoom({
      key: portal.createKey,
      name: ghost.name,
      topic: `${network.name} chat with ${ghost.name}`,
      direct: true,
      kind: "portal",
      state: [
        ...bridgeInfo({
          bot: this.#homeserver.bot,
          network,
          chat: key.chat,
          name: ghost.name,
          owner: login.user,
        }),
        { ...this.#features(login, network), stateKey: bridgeStateKey(network.id, key.chat) },
      ],
    });
    await this.#store.write((tx) => tx.portals.setRoom(key, room));
    return room;
  }

  async #invite(room: RoomId, ghost: Ghost, { login, network }: Wanted): Promise<void> {
    const { bot } = this.#homeserver;
    const members = new Set(await this.#homeserver.members(room));
    if (!members.has(ghost.user)) await this.#homeserver.invite(bot, ghost.user, room, { direct: false });
    await this.#homeserver.join(ghost.user, room);
    if (!members.has(login.user)) {
      const direct = (await this.#inboxes.mode(login.user)) === "combined";
      await this.#homeserver.invite(ghost.user, login.user, room, { direct });
    }
    await this.#inboxes.place({ user: login.user, network, room, ghost: ghost.user });
  }
}

/** Whether somebody who belongs in the room is still to be asked into it. */
export const incomplete = ({ state, member }: Portal): boolean =>
  state === "making" || member === "none" || member === "left";
