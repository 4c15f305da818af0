import type { Connections } from "../chats/connections.ts";
import { IGNORED, keepBlocked } from "../delivery/ignored-contacts.ts";
import { BridgeError } from "../model/errors.ts";
import type { Network, NetworkClient, SafetyNumber } from "../ports/network.ts";
import type { DirectPortal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";

/** Somebody as a login knows them, with the chat by which it does, and the network they are on. */
interface About {
  readonly network: Network;
  readonly portal: Pick<DirectPortal, "login" | "person" | "chat">;
}

/** What a person does about a contact, one thing at a time, whether in the chat with the bot or elsewhere. */
export class ContactActs {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #serial = new SerialByKey();

  constructor(store: Store, connections: Connections) {
    this.#store = store;
    this.#connections = connections;
  }

  /** What the login's connection can do about contacts now. */
  can({ login }: DirectPortal): { readonly block: boolean; readonly verify: boolean } {
    const client = this.#connections.client(login);
    return { block: client?.setBlocked !== undefined, verify: client?.safetyNumber !== undefined };
  }

  /**
   * At the network first: nobody is said to be blocked who is not. `ignored`: by what their person's client has, not by
   * their word. Throws BridgeError.
   */
  setBlocked(
    { network, portal }: About,
    blocked: boolean,
    how: "asked" | "ignored" = "asked",
  ): Promise<void> {
    const { login, person, chat } = portal;
    return this.#serial.run(`${login} ${person}`, async () => {
      const client = this.#client(network, portal);
      if (!client.setBlocked) throw notThere(network);
      await client.setBlocked(person, blocked);
      const isIgnored = (await this.#store.records.get(IGNORED(login), person)) !== undefined;
      await this.#store.write((tx) => {
        tx.contacts.setBlocked(login, person, chat, blocked);
        if (how === "asked" && blocked && isIgnored) keepBlocked(tx, login, person);
      });
    });
  }

  /** Undefined while no message was exchanged. Throws BridgeError. */
  async safetyNumber({ network, portal }: About): Promise<SafetyNumber | undefined> {
    const client = this.#client(network, portal);
    if (!client.safetyNumber) throw notThere(network);
    return client.safetyNumber(portal.person);
  }

  /** `compared`: the digits the person compared, of which no other number is to be taken for. Throws BridgeError. */
  setTrust(about: About, trust: "verified" | "unverified", compared?: string): Promise<void> {
    const { login, person, chat } = about.portal;
    return this.#serial.run(`${login} ${person}`, async () => {
      if (compared !== undefined && (await this.safetyNumber(about))?.digits !== compared)
        throw new BridgeError("changed", {
          words: "The safety number is another one by now. Compare the one that is shown now.",
          certain: true,
        });
      await this.#store.write((tx) => tx.contacts.setTrust(login, person, chat, trust));
    });
  }

  #client(network: Network, { login }: About["portal"]): NetworkClient {
    const client = this.#connections.client(login);
    if (client) return client;
    throw new BridgeError("remote-unreachable", {
      words: `${network.name} is not connected, so nothing was changed. Try again when it is.`,
      certain: true,
    });
  }
}

/** What is said of a block once it is there, or lifted; `target` stands for the contact in a command. */
export const blockedWords = (
  blocked: boolean,
  { name, network, target }: { readonly name: string; readonly network: Network; readonly target: string },
): string =>
  blocked
    ? `${name} is blocked: ${network.name} keeps their messages from you, and nothing is sent to them. Write “unblock ${target}” to lift it.`
    : `${name} is not blocked any more.`;

const notThere = ({ name }: Network): BridgeError =>
  new BridgeError("unsupported", { words: `${name} has no such thing.`, certain: true });
