import { BridgeError } from "../model/errors.ts";
import type { Network, NetworkContact } from "../ports/network.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Connections } from "./connections.ts";
import { chatOf, type OpenPortal, type Portals } from "./portals.ts";

export type Started =
  | { readonly kind: "started"; readonly contact: NetworkContact; readonly open: OpenPortal }
  | { readonly kind: "not-reachable"; readonly contact: NetworkContact }
  | { readonly kind: "not-found"; readonly words: string };

/** Opens chats with people who have not written yet. */
export class ChatStarter {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #portals: Portals;

  constructor(store: Store, connections: Connections, portals: Portals) {
    this.#store = store;
    this.#connections = connections;
    this.#portals = portals;
  }

  /** Opens an existing chat, even one that its person has left. */
  openAgain(login: Login, network: Network, portal: Portal): Promise<OpenPortal> {
    const key = { login: login.id, chat: portal.chat };
    return this.#portals.ensure({ login, network, key, chat: chatOf(portal), asked: true });
  }

  async start(login: Login, network: Network, query: string): Promise<Started> {
    const found = await this.#connections.find(login.id, query);
    if (found === undefined) {
      throw new BridgeError("remote-unreachable", {
        words: `${network.name} is not connected. Write “status” to see why, and try again later.`,
        certain: true,
      });
    }
    if (found.kind === "not-found") return found;
    const { contact } = found;
    const { person, chat, reachability, name, self } = contact;
    if (!self) {
      await this.#store.write((tx) => tx.contacts.setReachability(login.id, person, chat, reachability));
    }
    if (reachability !== "reachable") return { kind: "not-reachable", contact };
    const key = { login: login.id, chat };
    const direct = { kind: "direct", person, name, self } as const;
    const open = await this.#portals.ensure({ login, network, key, chat: direct, asked: true });
    return { kind: "started", contact, open };
  }
}
