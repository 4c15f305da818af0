import { folded } from "../chats/command-target.ts";
import type { Connections } from "../chats/connections.ts";
import type { ContactChat, Contacts } from "../chats/contacts.ts";
import type { NetworkContact } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";

export interface SearchResult {
  /** Contacts with the words in their name. */
  readonly contacts: readonly ContactChat[];
  /** Whom the network finds by exactly these words, and who is none of {@link contacts}. */
  readonly found: NetworkContact | undefined;
  /** The chat with them, where there is one under another name. */
  readonly foundChat: ContactChat | undefined;
}

/** Searches a login's contacts by name, and its network for who is found by exactly what was typed. */
export class ContactSearch {
  readonly #contacts: Pick<Contacts, "all">;
  readonly #connections: Pick<Connections, "find">;

  constructor(contacts: Pick<Contacts, "all">, connections: Pick<Connections, "find">) {
    this.#contacts = contacts;
    this.#connections = connections;
  }

  /** Without a connection only the contacts are searched. Throws BridgeError. */
  async search(login: Login, typed: string): Promise<SearchResult> {
    const all = await this.#contacts.all(login);
    const words = folded(typed);
    const contacts = all.filter(({ ghost }) => folded(ghost.name).includes(words));
    const answer = await this.#connections.find(login.id, typed);
    const found = answer?.kind === "found" ? answer.contact : undefined;
    if (!found || contacts.some(({ portal }) => portal.person === found.person))
      return { contacts, found: undefined, foundChat: undefined };
    return { contacts, found, foundChat: all.find(({ portal }) => portal.person === found.person) };
  }
}
