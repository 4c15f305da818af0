import { BridgeError } from "../model/errors.ts";
import type { NetworkId, PersonId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Ghost, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { Avatars, Drawn } from "./avatars.ts";
import type { ContactNames } from "./contact-names.ts";

interface GhostsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly outbox: OutboxRows;
  readonly names: ContactNames;
  readonly avatars: Avatars;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly log: Log;
}

type NetworkSeen = Pick<Network, "id" | "name" | "colour">;

/** Puppet users: made once, opaque by name, the same again for a person who was forgotten; their profile kept in step with the contact's. */
export class Ghosts {
  readonly #parts: GhostsParts;
  readonly #known: Set<UserId>;
  /** Whose name the homeserver would not take however often it was asked; one try is enough for them. */
  readonly #nameless = new Set<UserId>();
  /** Whose picture could not be drawn or set; not tried again before the next start. */
  readonly #faceless = new Set<UserId>();

  private constructor(parts: GhostsParts, known: Set<UserId>) {
    this.#parts = parts;
    this.#known = known;
  }

  static async load(parts: GhostsParts): Promise<Ghosts> {
    return new Ghosts(parts, new Set((await parts.store.ghosts.all()).map(({ user }) => user)));
  }

  /** Answered from memory: the homeserver waits for it before it pushes an event. */
  exists(user: UserId): boolean {
    return this.#known.has(user);
  }

  /** Whether the homeserver shows the name and avatar this bridge gives the contact. */
  isShownRight({ name, shown, avatar, user }: Ghost, network: NetworkSeen): boolean {
    const { names, avatars } = this.#parts;
    const bare = names.bare(name);
    const pictured = this.#faceless.has(user) || avatars.ofPerson(bare, network).key === avatar;
    return pictured && names.shown(bare, network.name) === shown;
  }

  /** The homeserver has lost the ghost's account, as one restored from an older copy does: it is made anew, named as before. */
  async restore(user: UserId): Promise<void> {
    const { store, homeserver } = this.#parts;
    const ghost = await store.ghosts.byUser(user);
    if (ghost === undefined) return homeserver.register(user);
    const { network, person, name, shown } = ghost;
    // First, so that a crash on the way leaves nobody without a name.
    await store.write((tx) => tx.ghosts.setProfile(network, person, "none"));
    const found = this.#parts.networks.get(network);
    const drawn = found && this.#parts.avatars.ofPerson(name, found);
    // What was put at the homeserver may be lost with the account.
    if (drawn) await this.#parts.avatars.forget(drawn);
    const before: Ghost = { ...ghost, profile: "none", avatar: "" };
    await this.#dress({ ...ghost, shown: shown === "" ? name : shown }, before, { bare: true, drawn });
  }

  /** Where the avatar of a ghost is that is shown with one. */
  async avatarOf({ name, avatar }: Ghost, network: NetworkSeen): Promise<string | undefined> {
    const drawn = this.#parts.avatars.ofPerson(name, network);
    return drawn.key === avatar ? drawn.uri() : undefined;
  }

  /** The contact's ghost with its account, device and name in place; without the name, where `bare` allows it. */
  async ensure(
    network: NetworkSeen,
    person: PersonId,
    given: string | undefined,
    bare = false,
  ): Promise<Ghost> {
    const { store, names } = this.#parts;
    const known =
      (await store.ghosts.byPerson(network.id, person)) ?? (await this.#add(network, person, given));
    const name = names.bare(given ?? known.name);
    const shown = names.shown(name, network.name);
    const drawn = this.#parts.avatars.ofPerson(name, network);
    const pictured = known.avatar === drawn.key || this.#faceless.has(known.user);
    if (known.profile === "named" && known.name === name && known.shown === shown && pictured) return known;
    return this.#dress({ ...known, name, shown }, known, { bare, drawn });
  }

  /** To be stored with what tells of somebody before they are to be seen; who is known stays as they are. */
  newRow({ id: network }: NetworkSeen, person: PersonId, given: string | undefined): Ghost {
    const { homeserver, names } = this.#parts;
    const user = homeserver.ghostId(`${network} ${person}`);
    this.#known.add(user);
    return { network, person, user, name: names.bare(given), profile: "none", shown: "", avatar: "" };
  }

  async #add(network: NetworkSeen, person: PersonId, given: string | undefined): Promise<Ghost> {
    const { store } = this.#parts;
    const ghost = this.newRow(network, person, given);
    await store.write((tx) => tx.ghosts.add(ghost));
    return (await store.ghosts.byPerson(network.id, person)) ?? ghost;
  }

  async #dress(
    ghost: Ghost,
    before: Ghost,
    { bare, drawn }: { readonly bare: boolean; readonly drawn: Drawn | undefined },
  ): Promise<Ghost> {
    const { store, homeserver } = this.#parts;
    const { network, person, user, name, shown } = ghost;
    if (before.profile === "none") await homeserver.register(user);
    const uri = drawn && (await this.#picture(before, drawn));
    // A name that is stored and not set yet must be known to be so.
    await store.write((tx) => {
      tx.ghosts.setName(network, person, name);
      tx.ghosts.setProfile(network, person, "registered");
    });
    try {
      await homeserver.setDisplayName(user, shown);
    } catch (error) {
      if (!(bare || this.#nameless.has(user)) || BridgeError.from(error).outage) throw error;
      this.#nameless.add(user);
      return ghost;
    }
    const portals = await store.portals.ofPerson(network, person);
    const rows = portals.flatMap((portal) => [
      ...(before.shown === shown ? [] : this.#state(portal, "m.room.name", { name: shown })),
      ...(uri === undefined ? [] : this.#state(portal, "m.room.avatar", { url: uri })),
    ]);
    await store.write((tx) => {
      tx.ghosts.setShown(network, person, shown);
      if (uri !== undefined && drawn) tx.ghosts.setAvatar(network, person, drawn.key);
      for (const row of rows) tx.matrixOutbox.add(row);
    });
    return { ...ghost, profile: "named", avatar: drawn?.key ?? ghost.avatar };
  }

  /** Before anything else of a new ghost, for in a room each change is a line. A chat does without it, where it must. */
  async #picture({ user, avatar, profile }: Ghost, drawn: Drawn): Promise<string | undefined> {
    if ((avatar === drawn.key && profile !== "none") || this.#faceless.has(user)) return undefined;
    const { homeserver, log } = this.#parts;
    try {
      const uri = await drawn.uri();
      await homeserver.setAvatar(user, uri);
      return uri;
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      this.#faceless.add(user);
      log.warn("a contact's avatar could not be set", { user, ...faultOf(error) });
      return undefined;
    }
  }

  /** A chat between two is called, and looks, as the contact does. */
  #state({ room, state }: Portal, type: string, content: Readonly<Record<string, string>>) {
    if (room === undefined || state === "archived") return [];
    const { outbox, homeserver } = this.#parts;
    return [outbox.row(room, homeserver.bot, { type, content }, { stateKey: "" })];
  }
}
