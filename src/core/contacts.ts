import type { Connections } from "./connections.ts";
import type { ContactNames } from "./contact-names.ts";
import type { Network } from "./network.ts";
import type { Contact, Ghost, Login, Portal } from "./rows.ts";
import type { Store } from "./store.ts";

export interface Known {
  readonly portal: Portal;
  readonly ghost: Ghost;
  readonly contact: Contact | undefined;
}

/** Behind a name, which of those who are called so: the end of the ghost's id. */
const TAGGED = /^(.*?) ?#([\w.=/+-]{4,})$/u;
const SHORTEST_TAG = 4;

/** Finds the contact a person means, among those they have a chat with. */
export class Contacts {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #names: ContactNames;

  constructor(store: Store, connections: Connections, names: ContactNames) {
    this.#store = store;
    this.#connections = connections;
    this.#names = names;
  }

  /** By the name the chat shows, or by what `start-chat` takes. More than one is for the person to tell apart. */
  async named(login: Login, network: Network, typed: string): Promise<readonly Known[]> {
    const all = await this.all(login);
    const called = this.#called(all, network, typed);
    if (called.length > 0) return called;
    const client = this.#connections.client(login.id);
    if (client?.state.kind !== "connected") return [];
    const found = await client.find(typed);
    if (found.kind === "not-found") return [];
    const { person } = found.contact;
    return all.filter(({ portal }) => portal.person === person && portal.network === network.id);
  }

  /**
   * What to type of a contact so that {@link named} finds them and nobody else: their name, and where somebody else has
   * it too, a tag behind it.
   */
  async reference(login: Login, network: Network, { ghost }: Pick<Known, "ghost">): Promise<string> {
    const all = await this.all(login);
    const alone = (typed: string): boolean => {
      const [first, ...others] = this.#called(all, network, typed);
      return first?.ghost.user === ghost.user && others.length === 0;
    };
    if (alone(ghost.name)) return ghost.name;
    const id = localpartOf(ghost);
    for (let length = SHORTEST_TAG; length < id.length; length += 2) {
      const tagged = `${ghost.name} #${id.slice(-length)}`;
      if (alone(tagged)) return tagged;
    }
    return ghost.user;
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

  #called(all: readonly Known[], network: Network, typed: string): readonly Known[] {
    const byName = all.filter(({ ghost }) => this.#is(ghost, network, typed) || ghost.user === typed.trim());
    if (byName.length > 0) return byName;
    const [, name = "", tag = ""] = TAGGED.exec(typed.trim()) ?? [];
    const tagged = all.filter(({ ghost }) => tag !== "" && localpartOf(ghost).endsWith(tag.toLowerCase()));
    return name === "" ? tagged : tagged.filter(({ ghost }) => this.#is(ghost, network, name));
  }

  /** By their own name, or by the one the chat shows. */
  #is({ name }: Ghost, network: Network, typed: string): boolean {
    const same = folded(typed);
    return folded(name) === same || folded(this.#names.shown(name, network.name)) === same;
  }
}

const localpartOf = ({ user }: Ghost): string => user.slice(1, user.indexOf(":"));

/** As people type it: without regard to case, width, and joiners. */
const folded = (name: string): string =>
  name
    .normalize("NFKC")
    .replace(/\p{DI}/gu, "")
    .trim()
    .toLocaleLowerCase("en");
