import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { PersonId, RoomId, UserId } from "../model/ids.ts";
import type { Random } from "../ports/clock.ts";
import type { EncodedEvent, Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Ghost, Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import { portalState } from "./bridge-info.ts";
import type { Carrying } from "./carrying.ts";
import type { Ghosts } from "./ghosts.ts";
import { isMuted } from "./mutes.ts";
import type { Spaces } from "./spaces.ts";
import type { Doubt, Successions, Whose } from "./successions.ts";

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
  /** It failed often enough: what a chat can do without may be left out. */
  readonly bare?: boolean;
  /** The chat's room may be at its end. */
  readonly doubt?: Doubt;
  /** Its person asks for the chat: that they had left it and did not want it again is over. */
  readonly asked?: boolean;
}

/** What a new room advertises that it can be used for. */
type Features = (whose: Pick<Whose, "login" | "network">) => EncodedEvent;

interface PortalsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly ghosts: Ghosts;
  readonly inboxes: Spaces;
  readonly random: Random;
  readonly successions: Successions;
  readonly carrying: Carrying;
  readonly features: Features;
  /** A chat is not where its person keeps such chats. */
  readonly unplaced: (login: Login, ghost: Ghost) => void;
}

/** Finds or makes the room of a chat. Each step is stored before the next, so a crash between them is picked up. */
export class Portals {
  readonly #parts: PortalsParts;
  readonly #turns = new SerialByKey();

  constructor(parts: PortalsParts) {
    this.#parts = parts;
  }

  /** One at a time a chat, so that a first message and a command make one room between them. */
  ensure(wanted: Wanted): Promise<OpenPortal> {
    return this.#turns.take(`${wanted.key.login} ${wanted.key.chat}`, () => this.#ensure(wanted));
  }

  async #ensure(wanted: Wanted): Promise<OpenPortal> {
    const { store, ghosts } = this.#parts;
    const { key, network, person, name, bare = false, asked = false } = wanted;
    const ghost = await ghosts.ensure(network, person, name, bare);
    const known = (await this.#standing(wanted, ghost)) ?? (await this.#add(wanted));
    if (wanted.doubt?.followOnly === true && known.room === wanted.doubt.room) {
      return { portal: { ...known, room: known.room }, ghost };
    }
    const room = known.room ?? (await this.#makeRoom(known, wanted, ghost));
    const portal = { ...known, room };
    const stayedAway = known.member === "left" && !asked && (await isMuted(store, key));
    if (incomplete(known) && !stayedAway) await this.#invite(portal, ghost, wanted);
    const carry = await this.#parts.carrying.carry(portal, { login: wanted.login, network, ghost });
    const opened = known.state === "making" ? { ...portal, state: "open" as const } : portal;
    if (carry === undefined && opened === portal) return { portal, ghost };
    await store.write((tx) => {
      if (!tx.portals.stands(portal)) return;
      if (opened !== portal) tx.portals.setState(key, opened.state);
      carry?.(tx);
    });
    return { portal: opened, ghost };
  }

  /** The chat's portal. Where somebody is to be invited, or its room is in doubt, that is looked at first. */
  async #standing({ key, login, network, doubt }: Wanted, ghost: Ghost): Promise<Portal | undefined> {
    const known = await this.#parts.store.portals.byChat(key);
    if (!known?.room) return known;
    const doubted = known.room === doubt?.room ? doubt : undefined;
    if (doubted === undefined && !incomplete(known)) return known;
    const housed = { ...known, room: known.room };
    return this.#parts.successions.judge(housed, { login, network, ghost }, doubted ?? {});
  }

  async #add({ key, network, person }: Wanted): Promise<Portal> {
    const { store, random } = this.#parts;
    const portal: Portal = {
      ...key,
      network: network.id,
      person,
      createKey: random.uuid(),
      room: undefined,
      state: "making",
      member: "none",
    };
    await store.write((tx) => tx.portals.add(portal));
    const stored = await store.portals.byChat(key);
    if (!stored) throw turnedOff(network);
    return stored;
  }

  async #makeRoom(portal: Portal, { login, network, key }: Wanted, ghost: Ghost): Promise<RoomId> {
    const { store, homeserver, features, ghosts, inboxes } = this.#parts;
    const avatar = await ghosts.avatarOf(ghost, network);
    const space = await inboxes.spaceFor({ user: login.user, network });
    const predecessor = await this.#predecessor(key);
    const room = await homeserver.createRoom({
      key: portal.createKey,
      name: ghost.shown,
      direct: true,
      kind: "portal",
      ...(avatar === undefined ? {} : { avatar }),
      ...(space === undefined ? {} : { within: space }),
      ...(predecessor === undefined ? {} : { predecessor }),
      state: portalState(
        { bot: homeserver.bot, login, network, chat: key.chat, name: ghost.name },
        features({ login, network }),
      ),
    });
    let kept = false;
    await store.write((tx) => {
      kept = tx.portals.setRoom(key, room);
    });
    if (kept) return room;
    // Nobody was asked into the room, and nobody will be.
    await homeserver.leave(homeserver.bot, room);
    throw turnedOff(network);
  }

  /** The room the chat had before, where it is still there. */
  async #predecessor(key: PortalKey): Promise<RoomId | undefined> {
    const { store, homeserver } = this.#parts;
    const before = (await store.formerRooms.of(key)).at(-1)?.room;
    if (before === undefined) return undefined;
    try {
      return (await homeserver.roomCondition(before, {})).kind === "shut" ? undefined : before;
    } catch (error) {
      if (BridgeError.from(error).reason === "homeserver-fault") return undefined;
      throw error;
    }
  }

  async #invite(portal: OpenPortal["portal"], ghost: Ghost, wanted: Wanted): Promise<void> {
    const { homeserver, inboxes, store } = this.#parts;
    const { room } = portal;
    const { user } = wanted.login;
    const members = new Set(await homeserver.members(room));
    if (!members.has(ghost.user))
      await homeserver.invite(homeserver.bot, ghost.user, room, { direct: false });
    await homeserver.join(ghost.user, room);
    if (!members.has(user)) {
      const direct = (await inboxes.mode(user)) === "combined";
      // In an archive a ghost may not even do that.
      const host = portal.state === "archived" ? homeserver.bot : ghost.user;
      await this.#ask(host, user, room, direct);
    }
    // They may answer before the chat is where it belongs; that answer comes after this.
    if (portal.member !== "joined") await store.write((tx) => tx.portals.setMember(portal, "invited"));
    await this.#place(room, ghost, wanted);
  }

  async #ask(host: UserId, user: UserId, room: RoomId, direct: boolean): Promise<void> {
    try {
      await this.#parts.homeserver.invite(host, user, room, { direct });
    } catch (error) {
      if (!(error instanceof BridgeError) || error.reason !== "forbidden") throw error;
      throw new BridgeError("forbidden", {
        words: `Your homeserver does not let ${host} invite you to the chat. If your account refuses invitations or ignores that user, allow it and try again; if not, ask your administrator.`,
        certain: error.certain,
        cause: error,
      });
    }
  }

  /** A chat outside its Space is better than none. */
  async #place(room: RoomId, ghost: Ghost, { login, network, bare }: Wanted): Promise<void> {
    const { inboxes, unplaced } = this.#parts;
    try {
      await inboxes.place({ user: login.user, network, room, ghost: ghost.user });
    } catch (error) {
      if (!bare || BridgeError.from(error).outage) throw error;
      unplaced(login, ghost);
    }
  }
}

/** Its person left the network meanwhile. */
const turnedOff = ({ name }: Network): BridgeError =>
  new BridgeError("gone", { words: `You turned ${name} off before the chat was there.`, certain: true });

/** Whether somebody who belongs in the room is still to be asked into it. */
export const incomplete = ({ state, member }: Portal): boolean =>
  state === "making" || member === "none" || member === "left";
