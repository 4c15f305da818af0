import type { PersonId } from "../model/ids.ts";
import type { Network } from "../ports/network.ts";
import type { Contact, DirectPortal, Ghost, GroupPortal, Login } from "../ports/rows.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store } from "../ports/store.ts";
import { groupTitle } from "./chat-profiles.ts";
import { folded, hasTag, isNameable, tagged } from "./command-target.ts";
import type { Connections } from "./connections.ts";
import type { ContactNames } from "./contact-names.ts";

export interface ContactChat {
  readonly portal: DirectPortal;
  readonly ghost: Ghost;
  readonly contact: Contact | undefined;
}

/** Somebody who is in a group with the login's person. */
export interface MemberInGroup {
  readonly group: GroupPortal;
  readonly ghost: Ghost;
  readonly contact: Contact | undefined;
}

interface ContactsParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly names: ContactNames;
  readonly scheduler: Scheduler;
}

/** Finds the contacts and groups that a person names in a command. */
export class Contacts {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #names: ContactNames;
  readonly #scheduler: Scheduler;

  constructor({ store, connections, names, scheduler }: ContactsParts) {
    this.#store = store;
    this.#connections = connections;
    this.#names = names;
    this.#scheduler = scheduler;
  }

  /**
   * Finds contacts by the name that the chat shows, or by what `start-chat` takes. The person must choose among
   * several.
   */
  async named(login: Login, network: Network, typed: string): Promise<readonly ContactChat[]> {
    const called = await this.called(login, network, typed);
    if (called.length > 0) return called;
    const found = await this.#connections.find(login.id, typed);
    if (found?.kind !== "found") return [];
    const { person } = found.contact;
    const all = await this.all(login);
    return all.filter(({ portal }) => portal.person === person && portal.network === network.id);
  }

  /** Finds contacts only by the name that the chat shows, with or without a tag behind it. */
  async called(login: Login, network: Network, typed: string): Promise<readonly ContactChat[]> {
    const all = await this.all(login);
    const byName = all.filter(
      ({ ghost }) => this.#isCalled(ghost, network, typed) || ghost.user === typed.trim(),
    );
    const which = tagged(typed);
    if (byName.length > 0 || !which) return byName;
    return all.filter(
      ({ ghost }) =>
        hasTag(ghost, which.tag) && (which.name === "" || this.#isCalled(ghost, network, which.name)),
    );
  }

  async all(login: Login): Promise<readonly ContactChat[]> {
    const chats: ContactChat[] = [];
    for (const portal of await this.#store.portals.ofLogin(login.id)) {
      if (portal.kind !== "direct") continue;
      await this.#scheduler.yield();
      const ghost = await this.#store.ghosts.byPerson(portal.network, portal.person);
      const contact = await this.#store.contacts.get(login.id, portal.person);
      if (ghost && isNameable(portal)) chats.push({ portal, ghost, contact });
    }
    return chats;
  }

  /** Finds groups by name, with or without the network's name as the room shows it, or by their id there. */
  async groups(login: Login, network: Network, typed: string): Promise<readonly GroupPortal[]> {
    const same = folded(typed);
    return (await this.#store.portals.ofLogin(login.id)).filter((portal): portal is GroupPortal => {
      if (portal.kind !== "group" || !isNameable(portal)) return false;
      if (portal.chat === typed.trim()) return true;
      const title = groupTitle(portal);
      return folded(title) === same || folded(this.#names.shown(title, network.name)) === same;
    });
  }

  /** Finds members of the login's groups by name, or by their Matrix id; each with one of the groups. */
  async members(login: Login, network: Network, typed: string): Promise<readonly MemberInGroup[]> {
    const found = new Map<PersonId, MemberInGroup>();
    for (const group of await this.#store.portals.ofLogin(login.id)) {
      if (group.kind !== "group" || !isNameable(group)) continue;
      for (const { person, membership } of await this.#store.portalMembers.of(group)) {
        if (person === undefined || membership === "left" || found.has(person)) continue;
        await this.#scheduler.yield();
        const ghost = await this.#store.ghosts.byPerson(network.id, person);
        if (!ghost || !(this.#isCalled(ghost, network, typed) || ghost.user === typed.trim())) continue;
        const contact = await this.#store.contacts.get(login.id, person);
        found.set(person, { group, ghost, contact });
      }
    }
    return Array.from(found.values());
  }

  /** Whether a ghost has that name, bare or as the chat shows it. */
  #isCalled({ name }: Ghost, network: Network, typed: string): boolean {
    const same = folded(typed);
    return folded(name) === same || folded(this.#names.shown(name, network.name)) === same;
  }
}
