import { BridgeError } from "./errors.ts";
import type { Homeserver } from "./homeserver.ts";
import type { NetworkId, PersonId, UserId } from "./ids.ts";
import { cleanName } from "./names.ts";
import type { Ghost } from "./rows.ts";
import type { Store } from "./store.ts";

const UNNAMED = "Unnamed contact";

/** Puppet users: made once, opaque by name, the same again for a person who was forgotten; their profile kept in step with the contact's. */
export class Ghosts {
  readonly #store: Store;
  readonly #homeserver: Homeserver;
  readonly #known: Set<UserId>;
  /** Whose name the homeserver would not take however often it was asked; one try is enough for them. */
  readonly #nameless = new Set<UserId>();

  private constructor(store: Store, homeserver: Homeserver, known: Set<UserId>) {
    this.#store = store;
    this.#homeserver = homeserver;
    this.#known = known;
  }

  static async load(store: Store, homeserver: Homeserver): Promise<Ghosts> {
    return new Ghosts(store, homeserver, new Set(await store.ghosts.users()));
  }

  /** Answered from memory: the homeserver waits for it before it pushes an event. */
  exists(user: UserId): boolean {
    return this.#known.has(user);
  }

  /** The contact's ghost with its account, device and name in place; without the name, where `bare` allows it. */
  async ensure(network: NetworkId, person: PersonId, name: string | undefined, bare = false): Promise<Ghost> {
    const known =
      (await this.#store.ghosts.byPerson(network, person)) ?? (await this.#add(network, person, name));
    if (known.profile === "named" && (name === undefined || cleanName(name, UNNAMED) === known.name))
      return known;
    return this.#dress(known, name, bare);
  }

  /** The homeserver has lost the ghost's account, as one restored from an older copy does: it is made anew, named as before. */
  async restore(user: UserId): Promise<void> {
    const ghost = await this.#store.ghosts.byUser(user);
    if (ghost === undefined) return this.#homeserver.register(user);
    const { network, person } = ghost;
    // First, so that a crash on the way leaves nobody without a name.
    await this.#store.write((tx) => tx.ghosts.setProfile(network, person, "none"));
    await this.#dress({ ...ghost, profile: "none" }, undefined, true);
  }

  async #add(network: NetworkId, person: PersonId, name: string | undefined): Promise<Ghost> {
    const ghost: Ghost = {
      network,
      person,
      user: this.#homeserver.ghostId(`${network} ${person}`),
      name: cleanName(name ?? "", UNNAMED),
      profile: "none",
    };
    await this.#store.write((tx) => tx.ghosts.add(ghost));
    const stored = await this.#store.ghosts.byPerson(network, person);
    this.#known.add((stored ?? ghost).user);
    return stored ?? ghost;
  }

  async #dress(ghost: Ghost, given: string | undefined, bare: boolean): Promise<Ghost> {
    const { network, person, user } = ghost;
    const name = given === undefined ? ghost.name : cleanName(given, UNNAMED);
    if (ghost.profile === "none") await this.#homeserver.register(user);
    // A name that is stored and not set yet must be known to be so.
    await this.#store.write((tx) => {
      tx.ghosts.setName(network, person, name);
      tx.ghosts.setProfile(network, person, "registered");
    });
    try {
      await this.#homeserver.setDisplayName(user, name);
    } catch (error) {
      if (!(bare || this.#nameless.has(user)) || BridgeError.from(error).outage) throw error;
      this.#nameless.add(user);
      return { ...ghost, name };
    }
    await this.#store.write((tx) => tx.ghosts.setProfile(network, person, "named"));
    return { ...ghost, name, profile: "named" };
  }
}
