import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { PersonId, RoomId, UserId } from "../model/ids.ts";
import { cleanName, cleanTopic } from "../model/names.ts";
import type { Random } from "../ports/clock.ts";
import { rejectedBy, stands } from "../ports/guards.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { GroupInfo, Network } from "../ports/network.ts";
import type { Ghost, Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import { portalState } from "./bridge-info.ts";
import type { Carrying } from "./carrying.ts";
import type { ChatProfile, ChatProfiles } from "./chat-profiles.ts";
import type { Ghosts } from "./ghosts.ts";
import { isMuted } from "./mutes.ts";
import type { Spaces } from "./spaces.ts";
import type { Doubt, Features, Housed, Successions, Whose } from "./successions.ts";

/** A portal whose room exists, with the ghost of its contact in it where it has one. */
export interface OpenPortal {
  readonly portal: Housed;
  readonly profile: ChatProfile;
}

/** What a chat is, where there may be no portal yet. */
export type WantedChat =
  /** `name`: the contact's, as the network gave it just now. */
  | { readonly kind: "direct"; readonly person: PersonId; readonly name: string | undefined }
  /** `info`: what the network says of it; not needed where the portal is there. */
  | { readonly kind: "group"; readonly info: GroupInfo | undefined };

export const chatOf = (portal: Portal): WantedChat =>
  portal.kind === "direct"
    ? { kind: "direct", person: portal.person, name: undefined }
    : { kind: "group", info: undefined };

interface Wanted {
  readonly login: Login;
  readonly network: Network;
  readonly key: PortalKey;
  readonly chat: WantedChat;
  /** It failed often enough: what a chat can do without may be left out. */
  readonly bare?: boolean;
  /** The chat's room may be at its end. */
  readonly doubt?: Doubt;
  /** Its person asks for the chat: that they had left it and did not want it again is over. */
  readonly asked?: boolean;
}

interface PortalsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly ghosts: Ghosts;
  readonly profiles: ChatProfiles;
  readonly inboxes: Spaces;
  readonly random: Random;
  readonly successions: Successions;
  readonly carrying: Carrying;
  readonly features: Features;
  /** A chat is not where its person keeps such chats. */
  readonly unplaced: (login: Login, profile: ChatProfile) => void;
}

/** Finds or makes the room of a chat. Each step is stored before the next, so a crash between them is picked up. */
export class Portals {
  readonly #parts: PortalsParts;
  readonly #serial = new SerialByKey();

  constructor(parts: PortalsParts) {
    this.#parts = parts;
  }

  /** One at a time a chat, so that a first message and a command make one room between them. */
  ensure(wanted: Wanted): Promise<OpenPortal> {
    const { key, network, chat } = wanted;
    // Several logins of one group make one room between them.
    const whose = chat.kind === "group" ? `group ${network.id}` : key.login;
    return this.#serial.run(`${whose} ${key.chat}`, () => this.#ensure(wanted));
  }

  async #ensure(wanted: Wanted): Promise<OpenPortal> {
    const { store } = this.#parts;
    const { login, network, key, asked = false } = wanted;
    const there = await store.portals.byChat(key);
    const contact = await this.#contactOf(there, wanted);
    const before = there ?? (await this.#add(wanted));
    const profile = this.#parts.profiles.of(before, contact, network);
    const whose = { login, network, profile };
    const known = await this.#judged(before, wanted, whose);
    if (wanted.doubt?.followOnly === true && known.room === wanted.doubt.room) {
      return { portal: { ...known, room: known.room }, profile };
    }
    const room = known.room ?? (await this.#makeRoom(known, whose));
    const portal = { ...known, room };
    const stayedAway = known.member === "left" && !asked && (await isMuted(store, key));
    if (incomplete(known) && !stayedAway) await this.#invite(portal, whose, wanted.bare);
    const carry = await this.#parts.carrying.carry(portal, whose);
    const opened = known.state === "making" ? { ...portal, state: "open" as const } : portal;
    if (carry === undefined && opened === portal) return { portal, profile };
    const changed = await rejectedBy(
      "portal-stands",
      store.write((tx) => {
        tx.guard(stands(portal));
        if (opened !== portal) tx.portals.setState(key, opened.state);
        carry?.(tx);
      }),
    );
    return changed ? this.#changed(wanted) : { portal: opened, profile };
  }

  /** The chat was closed, or left its room, while it was being opened: it is as it is then. */
  async #changed(wanted: Wanted): Promise<OpenPortal> {
    if (await this.#parts.store.portals.byChat(wanted.key)) return this.#ensure(wanted);
    throw turnedOff(wanted.network);
  }

  async #contactOf(there: Portal | undefined, wanted: Wanted): Promise<Ghost | undefined> {
    const { network, chat, bare } = wanted;
    const known = there ?? chat;
    if (known.kind === "group") return undefined;
    const name = chat.kind === "direct" ? chat.name : undefined;
    return this.#parts.ghosts.ensure(network, known.person, name, bare);
  }

  /** Where somebody is to be invited, or the chat's room is in doubt, that is looked at first. */
  async #judged(known: Portal, { doubt }: Wanted, whose: Whose): Promise<Portal> {
    if (!known.room) return known;
    const doubted = known.room === doubt?.room ? doubt : undefined;
    if (doubted === undefined && !incomplete(known)) return known;
    const housed = { ...known, room: known.room };
    return this.#parts.successions.judge(housed, whose, doubted ?? {});
  }

  async #add({ key, network, chat }: Wanted): Promise<Portal> {
    const { store, random, ghosts } = this.#parts;
    const common = {
      ...key,
      network: network.id,
      createKey: random.uuid(),
      room: undefined,
      state: "making",
      member: "none",
    } as const;
    const [there] =
      chat.kind === "group"
        ? (await store.portals.ofGroup(network.id, key.chat)).filter(({ state }) => state !== "archived")
        : [];
    const shared = there ? { createKey: there.createKey, room: there.room, picture: there.picture } : {};
    const portal: Portal =
      chat.kind === "direct"
        ? { ...common, kind: "direct", person: chat.person }
        : { ...common, ...groupOf(chat), ...shared };
    const members = chat.kind === "group" ? (chat.info?.members ?? []) : [];
    const people = members.flatMap(({ person, name }) =>
      person === undefined ? [] : [ghosts.newRow(network, person, name)],
    );
    await store.write((tx) => {
      tx.portals.add(portal);
      for (const ghost of people) tx.ghosts.add(ghost);
      for (const { person, role } of members) {
        tx.portalMembers.put({ ...key, person, role, membership: "joined" });
      }
      if (there?.room !== undefined) tx.sharedGroups.adopt(key);
    });
    const stored = await store.portals.byChat(key);
    if (!stored) throw turnedOff(network);
    return stored;
  }

  async #makeRoom(portal: Portal, { login, network, profile }: Whose): Promise<RoomId> {
    const { store, homeserver, features, inboxes } = this.#parts;
    const avatar = await profile.avatar();
    const space = await inboxes.spaceFor({ user: login.user, network });
    const predecessor = await this.#predecessor(portal);
    const room = await homeserver.createRoom({
      key: portal.createKey,
      name: profile.shown,
      direct: portal.kind === "direct",
      kind: "portal",
      ...(portal.kind === "group" && portal.topic !== "" ? { topic: portal.topic } : {}),
      ...(avatar === undefined ? {} : { avatar }),
      ...(space === undefined ? {} : { within: space }),
      ...(predecessor === undefined ? {} : { predecessor }),
      state: portalState(
        { bot: homeserver.bot, login, network, chat: portal.chat, kind: portal.kind, name: profile.title },
        features({ login, network, chat: portal.chat }),
      ),
    });
    const forgotten = await rejectedBy(
      "chat-exists",
      store.write((tx) => {
        tx.guard({ kind: "chat-exists", key: portal });
        tx.portals.setRoom(portal, room);
        // Another login that is in the group may have made it.
        if (portal.kind === "group") tx.sharedGroups.adopt(portal);
      }),
    );
    if (!forgotten) return room;
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

  async #invite(portal: Housed, whose: Whose, bare = false): Promise<void> {
    const { homeserver, inboxes, store } = this.#parts;
    const { room } = portal;
    const { user } = whose.login;
    const ghost = whose.profile.contact?.user;
    const members = new Set(await homeserver.members(room));
    if (ghost !== undefined) {
      if (!members.has(ghost)) await homeserver.invite(homeserver.bot, ghost, room, { direct: false });
      await homeserver.join(ghost, room);
    }
    if (!members.has(user)) {
      const direct = ghost !== undefined && (await inboxes.mode(user)) === "combined";
      // In an archive a ghost may not even do that.
      const host = ghost === undefined || portal.state === "archived" ? homeserver.bot : ghost;
      await this.#ask(host, user, room, direct);
    }
    // They may answer before the chat is where it belongs; that answer comes after this.
    if (portal.member !== "joined") await store.write((tx) => tx.portals.setMember(portal, "invited"));
    await this.#place(room, whose, bare);
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
  async #place(room: RoomId, { login, network, profile }: Whose, bare: boolean): Promise<void> {
    const { inboxes, unplaced } = this.#parts;
    try {
      await inboxes.place({ user: login.user, network, room, ghost: profile.contact?.user });
    } catch (error) {
      if (!bare || BridgeError.from(error).outage) throw error;
      unplaced(login, profile);
    }
  }
}

/** Its person left the network meanwhile. */
const turnedOff = ({ name }: Network): BridgeError =>
  new BridgeError("gone", { words: `You turned ${name} off before the chat was there.`, certain: true });

/** Whether somebody who belongs in the room is still to be asked into it. */
export const incomplete = ({ state, member }: Portal): boolean =>
  state === "making" || member === "none" || member === "left";

const groupOf = ({ info }: Extract<WantedChat, { kind: "group" }>) =>
  ({
    kind: "group",
    name: cleanName(info?.name ?? "", ""),
    topic: cleanTopic(info?.topic ?? ""),
    avatar: info?.avatar ?? "",
    picture: "",
    self: info?.self ?? "",
  }) as const;
