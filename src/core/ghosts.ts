import type { ContactNames } from "./contact-names.ts";
import { BridgeError } from "./errors.ts";
import type { Homeserver } from "./homeserver.ts";
import type { PersonId, UserId } from "./ids.ts";
import type { Network } from "./network.ts";
import type { Outbox } from "./outbox.ts";
import type { Ghost, Portal } from "./rows.ts";
import type { Store } from "./store.ts";

interface Parts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly outbox: Outbox;
  readonly names: ContactNames;
}

type NetworkNamed = Pick<Network, "id" | "name">;

/** Puppet users: made once, opaque by name, the same again for a person who was forgotten; their profile kept in step with the contact's. */
export class Ghosts {
  readonly #parts: Parts;
  readonly #known: Set<UserId>;
  /** Whose name the homeserver would not take however often it was asked; one try is enough for them. */
  readonly #nameless = new Set<UserId>();

  private constructor(parts: Parts, known: Set<UserId>) {
    this.#parts = parts;
    this.#known = known;
  }

  static async load(parts: Parts): Promise<Ghosts> {
    return new Ghosts(parts, new Set((await parts.store.ghosts.all()).map(({ user }) => user)));
  }

  /** Answered from memory: the homeserver waits for it before it pushes an event. */
  exists(user: UserId): boolean {
    return this.#known.has(user);
  }

  /** Whether the homeserver shows the name this bridge gives the contact. */
  isShownRight({ name, shown }: Ghost, network: NetworkNamed): boolean {
    const { names } = this.#parts;
    return names.shown(names.bare(name), network.name) === shown;
  }

  /** The homeserver has lost the ghost's account, as one restored from an older copy does: it is made anew, named as before. */
  async restore(user: UserId): Promise<void> {
    const { store, homeserver } = this.#parts;
    const ghost = await store.ghosts.byUser(user);
    if (ghost === undefined) return homeserver.register(user);
    const { network, person, name, shown } = ghost;
    // First, so that a crash on the way leaves nobody without a name.
    await store.write((tx) => tx.ghosts.setProfile(network, person, "none"));
    await this.#dress({ ...ghost, shown: shown === "" ? name : shown }, { ...ghost, profile: "none" }, true);
  }

  /** The contact's ghost with its account, device and name in place; without the name, where `bare` allows it. */
  async ensure(
    network: NetworkNamed,
    person: PersonId,
    given: string | undefined,
    bare = false,
  ): Promise<Ghost> {
    const { store, names } = this.#parts;
    const known =
      (await store.ghosts.byPerson(network.id, person)) ?? (await this.#add(network, person, given));
    const name = names.bare(given ?? known.name);
    const shown = names.shown(name, network.name);
    if (known.profile === "named" && known.name === name && known.shown === shown) return known;
    return this.#dress({ ...known, name, shown }, known, bare);
  }

  async #add({ id: network }: NetworkNamed, person: PersonId, given: string | undefined): Promise<Ghost> {
    const { store, homeserver, names } = this.#parts;
    const ghost: Ghost = {
      network,
      person,
      user: homeserver.ghostId(`${network} ${person}`),
      name: names.bare(given),
      profile: "none",
      shown: "",
    };
    await store.write((tx) => tx.ghosts.add(ghost));
    const stored = await store.ghosts.byPerson(network, person);
    this.#known.add((stored ?? ghost).user);
    return stored ?? ghost;
  }

  async #dress(ghost: Ghost, before: Ghost, bare: boolean): Promise<Ghost> {
    const { store, homeserver } = this.#parts;
    const { network, person, user, name, shown } = ghost;
    if (before.profile === "none") await homeserver.register(user);
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
    const rows = (await store.portals.ofPerson(network, person)).flatMap((portal) =>
      this.#titled(portal, shown),
    );
    await store.write((tx) => {
      tx.ghosts.setShown(network, person, shown);
      for (const row of rows) tx.hsOutbox.add(row);
    });
    return { ...ghost, profile: "named" };
  }

  /** A chat between two is called as the contact is. */
  #titled({ room, state }: Portal, name: string) {
    if (room === undefined || state === "archived") return [];
    const { outbox, homeserver } = this.#parts;
    return [outbox.row(room, homeserver.bot, { type: "m.room.name", content: { name } }, { stateKey: "" })];
  }
}
