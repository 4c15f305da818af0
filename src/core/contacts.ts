import type { Connections } from "./connections.ts";
import type { Network } from "./network.ts";
import type { Contact, Ghost, Login, Portal } from "./rows.ts";
import type { Store } from "./store.ts";

export interface Known {
  readonly portal: Portal;
  readonly ghost: Ghost;
  readonly contact: Contact | undefined;
}

/** Finds the contact a person means, among those they have a chat with. */
export class Contacts {
  readonly #store: Store;
  readonly #connections: Connections;

  constructor(store: Store, connections: Connections) {
    this.#store = store;
    this.#connections = connections;
  }

  /** By the name the chat shows, or by what `start-chat` takes. More than one is for the person to tell apart. */
  async named(login: Login, network: Network, typed: string): Promise<readonly Known[]> {
    const all = await this.all(login);
    const same = (name: string): boolean => name.toLocaleLowerCase() === typed.trim().toLocaleLowerCase();
    const byName = all.filter(({ ghost }) => same(ghost.name) || ghost.user === typed.trim());
    if (byName.length > 0) return byName;
    const client = this.#connections.client(login.id);
    if (client?.state.kind !== "connected") return [];
    const found = await client.find(typed);
    if (found.kind === "not-found") return [];
    const { person } = found.contact;
    return all.filter(({ portal }) => portal.person === person && portal.network === network.id);
  }

  async all(login: Login): Promise<readonly Known[]> {
    const known: Known[] = [];
    for (const portal of await this.#store.portals.ofLogin(login.id)) {
      const ghost = await this.#store.ghosts.byPerson(portal.network, portal.person);
      const contact = await this.#store.contacts.get(login.id, portal.person);
      if (ghost && portal.state !== "archived") known.push({ portal, ghost, contact });
    }
    return known;
  }
}
