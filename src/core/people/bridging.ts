import { begunRooms, bridgedRoom, forgetBridged, setBridged } from "../chats/bridged/bridged-rooms.ts";
import { type ChatProfiles, nameOf } from "../chats/chat-profiles.ts";
import { commandTarget } from "../chats/command-target.ts";
import { crowdOf } from "../chats/groups/crowds.ts";
import { chatOf, type Portals } from "../chats/portals.ts";
import { isRequest } from "../chats/requests.ts";
import type { Successions } from "../chats/successions.ts";
import type { PortalKey } from "../model/events.ts";
import type { EventId, LoginId, NetworkId, RoomId, UserId } from "../model/ids.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { stands } from "../ports/guards.ts";
import type { Homeserver, RoomUse } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { backOff } from "../runtime/back-off.ts";
import { refusalWords } from "./bridging-words.ts";

/** What a person wants: this room to be that chat's. */
export interface WantedRoom {
  readonly user: UserId;
  readonly room: RoomId;
  /** What asked for it. */
  readonly event: EventId;
  readonly login: Login;
  readonly network: Network;
  readonly portal: Portal;
}

/** What comes of it. */
export interface Prospect {
  /** Whom the chat is with, for a sentence. */
  readonly name: string;
  /** What the room is called then. */
  readonly shown: string;
  /** How many of the network's people come in. */
  readonly joining: number;
  /** People in the room beside who asks. */
  readonly readers: readonly UserId[];
  /** The room that the chat has now. */
  readonly before: RoomId | undefined;
  /** Whether what is written in the room is encrypted. */
  readonly encrypted: boolean;
  /** Whether the room is the person's own chat with the bot until then. */
  readonly isOurs: boolean;
}

interface BridgingParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly profiles: ChatProfiles;
  readonly portals: Pick<Portals, "ensure">;
  readonly successions: Pick<Successions, "allow">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The scope of a login's records of who was in a room when its person was asked whether it is to be a chat's, by room and chat. */
const SHOWN = (login: LoginId): string => `login/${login}/bridge-readers`;
const SHOWN_KEPT = 30 * 86_400_000;

/** Makes rooms that people made themselves the rooms of their chats. */
export class Bridging implements Disposable {
  readonly #parts: BridgingParts;
  #closed = false;

  constructor(parts: BridgingParts) {
    this.#parts = parts;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
  }

  /** What a room is to whoever asks; undefined where the bot is not in it. */
  use(room: RoomId, user: UserId): Promise<RoomUse | undefined> {
    return this.#parts.homeserver.roomUse(room, user);
  }

  /** What comes of it, or the sentence that says why nothing can. */
  async prospect(wanted: WantedRoom): Promise<Prospect | string> {
    const { store, homeserver, profiles } = this.#parts;
    const { room, user, portal, network } = wanted;
    const use = await this.use(room, user);
    const refusal = (await this.#taken(wanted)) ?? refusalWords(use, portal, homeserver);
    if (use === undefined || refusal !== undefined) return refusal ?? "";
    const ghost =
      portal.kind === "direct" ? await store.ghosts.byPerson(portal.network, portal.person) : undefined;
    const crowd = await crowdOf(store, portal);
    const members = (await store.portalMembers.of(portal)).filter(
      ({ person, membership }) => person !== undefined && membership === "joined",
    );
    return {
      name: await nameOf(store, portal),
      shown: profiles.of(portal, ghost, network).shown,
      joining: portal.kind === "direct" ? Number(ghost !== undefined) : (crowd ?? members.length),
      readers: use.people.filter((one) => one !== user),
      before: portal.room,
      encrypted: use.encrypted,
      isOurs: (await store.rooms.owner(room)) !== undefined,
    };
  }

  /** Who came into the room since its person was asked whether it is to be this chat's; nobody where they were not. */
  async newcomers({ room, portal }: WantedRoom, { readers }: Prospect): Promise<readonly UserId[]> {
    const shown = await this.#parts.store.records.get(SHOWN(portal.login), `${room} ${portal.chat}`);
    const known = shown === undefined ? readers : (JSON.parse(shown) as readonly UserId[]);
    return readers.filter((reader) => !known.includes(reader));
  }

  /** To be called when their person is asked, with what comes of it. */
  async asking({ room, portal }: WantedRoom, { readers }: Prospect): Promise<void> {
    const { store, clock } = this.#parts;
    const until = clock.now() + SHOWN_KEPT;
    await store.write((tx) =>
      tx.records.set(SHOWN(portal.login), `${room} ${portal.chat}`, JSON.stringify(readers), until),
    );
  }

  /** Why the chat, or the room, is another's. */
  async #taken({ room, user, portal, login, network }: WantedRoom): Promise<string | undefined> {
    const { store } = this.#parts;
    if ((await store.portals.ofRoom(room)).length > 0)
      return "This room is a chat already. Write “unbridge …” with that chat to me, in our own chat, to end that first.";
    const owner = await store.rooms.owner(room);
    if (owner !== undefined && owner !== user) return "This room is somebody else's chat with me.";
    if (login.state !== "active")
      return `${network.name} is off for you. Write “enable ${network.id}” to me, in our own chat, first.`;
    if (await isRequest(store, portal))
      return "You have not accepted this chat yet. Accept it first, in its room.";
    if (portal.room !== undefined && (await bridgedRoom(store, portal.room)))
      return `This chat is in another room of yours already. Write “unbridge ${await commandTarget(store, portal)}” to me, in our own chat, to end that first.`;
    if (portal.kind === "direct") return undefined;
    const all = await store.portals.ofGroup(portal.network, portal.chat);
    const isShared = all.some(
      (other) =>
        other.login !== portal.login && other.state !== "archived" && other.createKey === portal.createKey,
    );
    return isShared
      ? "Others here are in this group too and share its room, so it cannot go to a room of yours."
      : undefined;
  }

  /** Makes the room the chat's; it is stored before anything is done, and goes on after a crash. */
  async begin({ room, event, portal }: WantedRoom): Promise<void> {
    const { store, successions, clock, random } = this.#parts;
    const { login, chat } = portal;
    await successions.allow(portal);
    await store.write((tx) => {
      tx.guard(stands(portal));
      if (portal.room === undefined) tx.portals.setRoom(portal, room);
      else {
        const change = { login, chat, room: portal.room, successor: room, bridged: true } as const;
        tx.formerRooms.leave({ ...change, createKey: random.uuid(), at: clock.now() });
      }
      tx.formerRooms.forget(room);
      tx.portals.setMember(portal, "joined");
      setBridged(tx, { room, login, chat, begun: true });
      tx.records.remove(SHOWN(login), `${room} ${chat}`);
      // It may have been their own chat with the bot.
      tx.rooms.remove(room);
      // What asked for it is no message to the chat.
      tx.matrixInbox.finish(event);
    });
    await this.#settle({ login, chat }, room);
  }

  /** Goes on with the rooms that a crash left unfinished. */
  async resume(): Promise<void> {
    for (const { room, login, chat } of await begunRooms(this.#parts.store))
      void this.#settle({ login, chat }, room);
  }

  async #settle(key: PortalKey, room: RoomId, failures = 0): Promise<void> {
    const { clock, log } = this.#parts;
    if (this.#closed) return;
    try {
      await this.#ensure(key, room);
    } catch (error) {
      log.warn("a bridged room waits to be made its chat's", { room, ...faultOf(error) });
      clock.after(backOff(failures), () => void this.#settle(key, room, failures + 1));
    }
  }

  async #ensure(key: PortalKey, room: RoomId): Promise<void> {
    const { store, networks, portals } = this.#parts;
    const portal = await store.portals.byChat(key);
    const login = await store.logins.get(key.login);
    const network = portal && networks.get(portal.network);
    const isThere = portal?.room === room && login?.state === "active" && network !== undefined;
    if (isThere) await portals.ensure({ login, network, key, chat: chatOf(portal), asked: true });
    // The chat may have gone on in another room.
    const now = isThere ? await store.portals.byChat(key) : portal;
    if (now?.room !== room) await store.write((tx) => forgetBridged(tx, room));
  }
}
