import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { GroupInfo } from "../model/groups.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Random } from "../ports/clock.ts";
import { rejectedBy, stands } from "../ports/guards.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { DirectPortal, Ghost, Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { formerUsers, refuseFormer } from "../runtime/former-ids.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import { portalState } from "./bridge-info.ts";
import type { Carrying } from "./carrying.ts";
import type { ChatProfile, ChatProfiles } from "./chat-profiles.ts";
import type { ContactPictures } from "./contact-pictures.ts";
import type { Ghosts } from "./ghosts.ts";
import { setCrowd, shownOf } from "./groups/crowds.ts";
import { isOutOfSharedRoom } from "./groups/out-of-group.ts";
import { groupRow, portalToShare } from "./groups/shared-rooms.ts";
import { isMuted } from "./mutes.ts";
import type { Requests } from "./requests.ts";
import type { Spaces } from "./spaces.ts";
import type { ChatOwner, Doubt, PortalWithRoom, RoomFeatures, Successions } from "./successions.ts";

/** A portal whose room exists, with its contact's ghost in it where it has one. */
export interface OpenPortal {
  readonly portal: PortalWithRoom;
  readonly profile: ChatProfile;
}

/** What a chat is, for one that may have no portal yet. */
export type WantedChat =
  /** `name`: the contact's name, as the network gave it now. */
  | (Pick<DirectPortal, "kind" | "person"> & {
      readonly name: string | undefined;
      readonly self?: true | undefined;
    })
  /** `info`: the network's description of the group; not needed where the portal exists. */
  | { readonly kind: "group"; readonly info: GroupInfo | undefined };

export const chatOf = (portal: Portal): WantedChat =>
  portal.kind === "direct"
    ? { kind: "direct", person: portal.person, name: undefined, self: portal.self }
    : { kind: "group", info: undefined };

interface PortalRequest {
  readonly login: Login;
  readonly network: Network;
  readonly key: PortalKey;
  readonly chat: WantedChat;
  /** Whether what a chat can do without may be left out, as it has failed often enough. */
  readonly minimal?: boolean;
  /** Set where the chat's room may not be usable any more. */
  readonly doubt?: Doubt;
  /** Whether a contact began it: a new chat is then a request to the person, where the bridge joins it for them. */
  readonly begunByContact?: boolean;
  /** Whether the person asks for the chat, so that having left it, or muted it, counts no more. */
  readonly asked?: boolean;
}

interface PortalsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly ghosts: Ghosts;
  readonly profiles: ChatProfiles;
  readonly spaces: Spaces;
  readonly random: Random;
  readonly successions: Successions;
  readonly pictures: Pick<ContactPictures, "ask">;
  readonly requests: Pick<Requests, "question" | "begin">;
  readonly carrying: Carrying;
  readonly features: RoomFeatures;
  readonly moved: (portal: PortalWithRoom, user: UserId) => Promise<void>;
  /** Called for a chat that could not be put where its person keeps such chats. */
  readonly unplaced: (login: Login, profile: ChatProfile) => void;
}

/** Finds or makes a chat's room. Each step is stored before the next, so that it goes on after a crash. */
export class Portals {
  readonly #parts: PortalsParts;
  readonly #serial = new SerialByKey();

  constructor(parts: PortalsParts) {
    this.#parts = parts;
  }

  /** Serial by chat, so that a message and a command at the same time make one room. */
  ensure(request: PortalRequest): Promise<OpenPortal> {
    const { key, network, chat } = request;
    // All logins in a group make one room.
    const owner = chat.kind === "group" ? `group ${network.id}` : key.login;
    return this.#serial.run(`${owner} ${key.chat}`, () => this.#ensure(request));
  }

  async #ensure(request: PortalRequest): Promise<OpenPortal> {
    const { store } = this.#parts;
    const { login, network, key, asked = false } = request;
    const existing = await store.portals.byChat(key);
    const contact = await this.#contactOf(existing, request);
    const before = existing ?? (await this.#add(request));
    const profile = this.#parts.profiles.of(before, contact, network);
    const owner = { login, network, profile };
    const checked = await this.#checkRoom(before, request, owner);
    if (request.doubt?.followOnly === true && checked.room === request.doubt.room)
      return { portal: { ...checked, room: checked.room }, profile };
    const room = checked.room ?? (await this.#makeRoom(checked, owner));
    const portal = { ...checked, room };
    if (isIncomplete(checked) && !(await this.#staysAway(checked, asked)))
      await this.#invite(portal, owner, request.minimal);
    if (room !== existing?.room) await this.#parts.moved(portal, login.user);
    const carry = await this.#parts.carrying.carry(portal, owner);
    const asks = checked.state === "making" ? await this.#parts.requests.question(portal, owner) : undefined;
    const opened = checked.state === "making" ? { ...portal, state: "open" as const } : portal;
    if (contact) this.#parts.pictures.ask(login.id, contact);
    if (carry === undefined && opened === portal) return { portal, profile };
    const changed = await rejectedBy(
      "portal-stands",
      store.write((tx) => {
        tx.guard(stands(portal));
        if (opened !== portal) tx.portals.setState(key, opened.state);
        asks?.(tx);
        carry?.(tx);
      }),
    );
    return changed ? this.#changed(request) : { portal: opened, profile };
  }

  /** Whether the person left a chat that they muted, or is not in a group in whose room others go on. */
  async #staysAway(portal: Portal, asked: boolean): Promise<boolean> {
    const { store } = this.#parts;
    if (await isOutOfSharedRoom(store, portal)) return true;
    return portal.member === "left" && !asked && (await isMuted(store, portal));
  }

  /** Starts over, because the chat was closed or left its room while it was being opened. */
  async #changed(request: PortalRequest): Promise<OpenPortal> {
    if (await this.#parts.store.portals.byChat(request.key)) return this.#ensure(request);
    await refuseFormer(this.#parts.store, request.key);
    throw turnedOff(request.network);
  }

  async #contactOf(existing: Portal | undefined, request: PortalRequest): Promise<Ghost | undefined> {
    const { network, chat, minimal } = request;
    const checked = existing ?? chat;
    if (checked.kind === "group" || checked.self) return undefined;
    const name = chat.kind === "direct" ? chat.name : undefined;
    return this.#parts.ghosts.ensure(network, checked.person, name, minimal);
  }

  /** Has the chat's room judged where somebody is to be invited, or the room is in doubt. */
  async #checkRoom(checked: Portal, { doubt }: PortalRequest, owner: ChatOwner): Promise<Portal> {
    if (!checked.room) return checked;
    const doubted = checked.room === doubt?.room ? doubt : undefined;
    if (doubted === undefined && !isIncomplete(checked)) return checked;
    const withRoom = { ...checked, room: checked.room };
    return this.#parts.successions.judge(withRoom, owner, doubted ?? {});
  }

  async #add(request: PortalRequest): Promise<Portal> {
    const { key, login, network, chat } = request;
    const { store, random, ghosts } = this.#parts;
    const common = {
      ...key,
      network: network.id,
      createKey: random.uuid(),
      room: undefined,
      state: "making",
      member: "none",
    } as const;
    const existing = chat.kind === "group" ? await portalToShare(store, login, network, key.chat) : undefined;
    const shared = existing && (({ createKey, room, picture }) => ({ createKey, room, picture }))(existing);
    const portal: Portal =
      chat.kind === "direct"
        ? { ...common, kind: "direct", person: chat.person, ...(chat.self && { self: true }) }
        : { ...common, ...groupRow(chat.info), ...shared };
    const members = chat.kind === "group" && chat.info ? shownOf(chat.info) : [];
    const size = chat.kind === "group" ? (chat.info?.members.length ?? 0) : 0;
    await ghosts.addAll(network, members);
    const begin = await this.#parts.requests.begin(request);
    await store.write((tx) => {
      tx.portals.add(portal);
      begin(tx);
      if (size > members.length) setCrowd(tx, key, size);
      for (const { person, role } of members) {
        tx.portalMembers.put({ ...key, person, role, membership: "joined" });
      }
      if (existing?.room !== undefined) tx.sharedGroups.adopt(key);
    });
    const stored = await store.portals.byChat(key);
    if (stored) return stored;
    await refuseFormer(store, key);
    throw turnedOff(network);
  }

  async #makeRoom(portal: Portal, { login, network, profile }: ChatOwner): Promise<RoomId> {
    const { store, homeserver, features, spaces } = this.#parts;
    const avatar = await profile.avatar();
    const space = await spaces.spaceFor({ user: login.user, network });
    const after = (await store.formerRooms.of(portal)).at(-1)?.room;
    const predecessor = after && (await this.#isThere(after)) ? after : undefined;
    const room = await homeserver.createRoom({
      key: portal.createKey,
      name: profile.shown,
      direct: portal.kind === "direct",
      kind: "portal",
      ...(portal.kind === "group" && portal.topic !== "" ? { topic: portal.topic } : {}),
      ...(avatar === undefined ? {} : { avatar }),
      ...(space === undefined ? {} : { within: space }),
      ...(predecessor === undefined ? {} : { predecessor }),
      after,
      state: portalState(
        { bot: homeserver.bot, login, network, chat: portal.chat, kind: portal.kind, name: profile.title },
        features({ login, network, chat: portal.chat, kind: portal.kind }),
      ),
    });
    const forgotten = await rejectedBy(
      "chat-exists",
      store.write((tx) => {
        tx.guard({ kind: "chat-exists", key: portal });
        if (portal.kind === "direct") tx.guard(stands(portal));
        tx.portals.setRoom(portal, room);
        // Another login in the group may have made the room first.
        if (portal.kind === "group") tx.sharedGroups.adopt(portal);
      }),
    );
    if (!forgotten) return room;
    // Under another id the chat goes on with the room.
    await refuseFormer(store, portal);
    // Nobody was invited to the room, and nobody will be.
    await homeserver.leave(homeserver.bot, room);
    throw turnedOff(network);
  }

  /** Whether the room that the chat had before still exists. */
  async #isThere(before: RoomId): Promise<boolean> {
    try {
      return (await this.#parts.homeserver.roomCondition(before, {})).kind !== "shut";
    } catch (error) {
      if (BridgeError.from(error).reason === "homeserver-fault") return false;
      throw error;
    }
  }

  async #invite(portal: PortalWithRoom, owner: ChatOwner, minimal = false): Promise<void> {
    const { homeserver, spaces, store } = this.#parts;
    const { room } = portal;
    const { user } = owner.login;
    const ghost = owner.profile.contact?.user;
    const members = new Set(await homeserver.members(room));
    if (ghost !== undefined) {
      if (!members.has(ghost)) await homeserver.invite(homeserver.bot, ghost, room, { direct: false });
      await homeserver.join(ghost, room);
      for (const former of await formerUsers(store, portal))
        if (former !== ghost && members.has(former)) await homeserver.leave(former, room);
    }
    if (!members.has(user)) {
      const direct = ghost !== undefined && (await spaces.mode(user)) === "combined";
      // In an archive a ghost may not invite.
      const host = ghost === undefined || portal.state === "archived" ? homeserver.bot : ghost;
      await this.#inviteUser(host, user, room, direct);
    }
    // Stored before the chat is put in its place, because the person may answer the invitation in between.
    if (portal.member !== "joined") await store.write((tx) => tx.portals.setMember(portal, "invited"));
    await this.#place(room, owner, minimal);
  }

  async #inviteUser(host: UserId, user: UserId, room: RoomId, direct: boolean): Promise<void> {
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

  /** Puts the chat where its person keeps such chats. With `minimal` a failure is only told of. */
  async #place(room: RoomId, { login, network, profile }: ChatOwner, minimal: boolean): Promise<void> {
    const { spaces, unplaced } = this.#parts;
    try {
      await spaces.place({ user: login.user, network, room, ghost: profile.contact?.user });
    } catch (error) {
      if (!minimal || BridgeError.from(error).outage) throw error;
      unplaced(login, profile);
    }
  }
}

/** The error for a person who turned the network off meanwhile. */
const turnedOff = ({ name }: Network): BridgeError =>
  new BridgeError("gone", { words: `You turned ${name} off before the chat was there.`, certain: true });

/** Whether somebody who belongs in the room must still be invited. */
export const isIncomplete = ({ state, member }: Portal): boolean =>
  state === "making" || member === "none" || member === "left";
