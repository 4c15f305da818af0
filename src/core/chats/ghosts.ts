import { BridgeError } from "../model/errors.ts";
import type { NetworkId, PersonId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Ghost, Portal } from "../ports/rows.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { Avatar, Avatars } from "./avatars.ts";
import type { ContactNames } from "./contact-names.ts";

interface GhostsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly outbox: OutboxRows;
  readonly names: ContactNames;
  readonly avatars: Avatars;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

/** Ghosts that are stored in one commit. */
const SLICE = 200;

type ShownNetwork = Pick<Network, "id" | "name" | "colour">;

/**
 * Makes the ghosts, the Matrix users who stand for contacts: each once, with an opaque id that stays the same for a
 * person; and keeps their profiles like the contacts'.
 */
export class Ghosts {
  readonly #parts: GhostsParts;
  readonly #users: Set<UserId>;
  /** Ghosts whose name the homeserver refuses for good; they are tried once after a start. */
  readonly #refusedNames = new Set<UserId>();
  /** Ghosts whose avatar could not be drawn or set; they are not tried again before the next start. */
  readonly #refusedAvatars = new Set<UserId>();

  private constructor(parts: GhostsParts, users: Set<UserId>) {
    this.#parts = parts;
    this.#users = users;
  }

  static async load(parts: GhostsParts): Promise<Ghosts> {
    return new Ghosts(parts, new Set((await parts.store.ghosts.all()).map(({ user }) => user)));
  }

  /** Answers from memory, because the homeserver waits for it before it pushes an event. */
  exists(user: UserId): boolean {
    return this.#users.has(user);
  }

  /** Whether the homeserver shows the name and avatar this bridge gives the contact. */
  isProfileCurrent(ghost: Ghost, network: ShownNetwork): boolean {
    const { names } = this.#parts;
    const { name, shown, avatar, user } = ghost;
    const bare = names.bare(name);
    const wanted = this.#avatarFor(ghost, bare, network);
    return (
      (this.#refusedAvatars.has(user) || wanted.key === avatar) && names.shown(bare, network.name) === shown
    );
  }

  /** Makes a ghost's account again, with its name, after a homeserver restored from an older copy has lost it. */
  async restore(user: UserId): Promise<void> {
    const { store, homeserver } = this.#parts;
    const ghost = await store.ghosts.byUser(user);
    if (ghost === undefined) return homeserver.register(user);
    const { network, person, name, shown } = ghost;
    // Written first, so that after a crash the account is made again.
    await store.write((tx) => {
      tx.ghosts.setProfile(network, person, "none");
      tx.ghosts.forgetPicture(network, person);
    });
    const found = this.#parts.networks.get(network);
    const drawn = found && this.#parts.avatars.ofPerson(name, found);
    // The avatar's upload may be lost with the account.
    if (drawn) await this.#parts.avatars.forget(drawn);
    const before: Ghost = { ...ghost, profile: "none", avatar: "" };
    await this.#applyProfile({ ...ghost, shown: shown === "" ? name : shown }, before, {
      minimal: true,
      wanted: drawn,
    });
  }

  /** The address of a ghost's avatar; undefined where it is shown without one. */
  async avatarOf(ghost: Ghost, network: ShownNetwork): Promise<string | undefined> {
    const wanted = this.#avatarFor(ghost, ghost.name, network);
    return wanted.key === ghost.avatar ? wanted.uri() : undefined;
  }

  /** The contact's ghost with its account, device and name in place; with `minimal` it may lack the name. */
  async ensure(
    network: ShownNetwork,
    person: PersonId,
    networkName: string | undefined,
    minimal = false,
  ): Promise<Ghost> {
    const { store, names } = this.#parts;
    const current =
      (await store.ghosts.byPerson(network.id, person)) ?? (await this.#add(network, person, networkName));
    const name = names.bare(networkName ?? current.name);
    const shown = names.shown(name, network.name);
    const wanted = this.#avatarFor(current, name, network);
    const hasAvatar = current.avatar === wanted.key || this.#refusedAvatars.has(current.user);
    if (current.profile === "named" && current.name === name && current.shown === shown && hasAvatar)
      return current;
    return this.#applyProfile({ ...current, name, shown }, current, { minimal, wanted });
  }

  /** A row for somebody new, to be stored with the event that tells of them; an existing row stays. */
  newRow(
    { id: network }: ShownNetwork,
    person: PersonId,
    networkName: string | undefined,
    whose = `${network} ${person}`,
  ): Ghost {
    const { homeserver, names } = this.#parts;
    const user = homeserver.ghostId(whose);
    this.#users.add(user);
    const name = names.bare(networkName);
    return { network, person, user, name, profile: "none", shown: "", avatar: "", picture: undefined };
  }

  /** Stores those who are not known yet, some at a time, as a group may have thousands; none of them has an account then. */
  async addAll(
    network: ShownNetwork,
    people: readonly { readonly person: PersonId | undefined; readonly name?: string }[],
  ): Promise<void> {
    const { store, scheduler } = this.#parts;
    for (let start = 0; start < people.length; start += SLICE) {
      const rows = people
        .slice(start, start + SLICE)
        .flatMap(({ person, name }) => (person === undefined ? [] : [this.newRow(network, person, name)]));
      await store.write((tx) => rows.forEach((row) => tx.ghosts.add(row)));
      await scheduler.yield();
    }
  }

  async #add(network: ShownNetwork, person: PersonId, networkName: string | undefined): Promise<Ghost> {
    const { store } = this.#parts;
    const ghost = this.newRow(network, person, networkName);
    await store.write((tx) => tx.ghosts.add(ghost));
    const added = await store.ghosts.byPerson(network.id, person);
    if (added) return added;
    // The user went with who this id was proved to be at another login.
    const another = this.newRow(network, person, networkName, `${network.id} ${person} again`);
    await store.write((tx) => tx.ghosts.add(another));
    return (await store.ghosts.byPerson(network.id, person)) ?? another;
  }

  async #applyProfile(
    ghost: Ghost,
    before: Ghost,
    { minimal, wanted }: { readonly minimal: boolean; readonly wanted: Avatar | undefined },
  ): Promise<Ghost> {
    const { store, homeserver } = this.#parts;
    const { network, person, user, name, shown } = ghost;
    if (before.profile === "none") await homeserver.register(user);
    const uri = wanted && (await this.#setAvatar(before, wanted));
    // Stored before the name is set, so that after a crash it is set again.
    await store.write((tx) => {
      tx.ghosts.setName(network, person, name);
      tx.ghosts.setProfile(network, person, "registered");
    });
    try {
      await homeserver.setDisplayName(user, shown);
    } catch (error) {
      if (!(minimal || this.#refusedNames.has(user)) || BridgeError.from(error).outage) throw error;
      this.#refusedNames.add(user);
      return ghost;
    }
    const portals = await store.portals.ofPerson(network, person);
    const rows = portals.flatMap((portal) => [
      ...(before.shown === shown ? [] : this.#state(portal, "m.room.name", { name: shown })),
      ...(uri === undefined ? [] : this.#state(portal, "m.room.avatar", { url: uri })),
    ]);
    await store.write((tx) => {
      tx.ghosts.setShown(network, person, shown);
      if (uri !== undefined && wanted) tx.ghosts.setAvatar(network, person, wanted.key);
      for (const row of rows) tx.matrixOutbox.add(row);
    });
    return { ...ghost, profile: "named", avatar: wanted?.key ?? ghost.avatar };
  }

  /** The person's own picture, or else a drawn one. */
  #avatarFor({ picture = "" }: Ghost, name: string, network: ShownNetwork): Avatar {
    if (picture !== "") return { key: `picture ${picture}`, uri: async () => picture };
    return this.#parts.avatars.ofPerson(name, network);
  }

  /**
   * Sets the avatar before the ghost is in a room, where each change is a line. A failure leaves the ghost without one.
   */
  async #setAvatar({ user, avatar, profile }: Ghost, wanted: Avatar): Promise<string | undefined> {
    if ((avatar === wanted.key && profile !== "none") || this.#refusedAvatars.has(user)) return undefined;
    const { homeserver, log } = this.#parts;
    try {
      const uri = await wanted.uri();
      await homeserver.setAvatar(user, uri);
      return uri;
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      this.#refusedAvatars.add(user);
      log.warn("a contact's avatar could not be set", { user, ...faultOf(error) });
      return undefined;
    }
  }

  /** The rows that give a direct chat's room its contact's name or avatar. */
  #state({ room, state }: Portal, type: string, content: Readonly<Record<string, string>>) {
    if (room === undefined || state === "archived") return [];
    const { outbox, homeserver } = this.#parts;
    return [outbox.row(room, homeserver.bot, { type, content }, { stateKey: "" })];
  }
}
