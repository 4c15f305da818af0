import { nameOf } from "../chats/chat-profiles.ts";
import { type FailedMessage, failedMessages } from "../delivery/failed-messages.ts";
import type { UserId } from "../model/ids.ts";
import type { Network } from "../ports/network.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store } from "../ports/store.ts";
import type { Retried, Retries } from "../to-network/retries.ts";

/** A chat in which messages of its person failed. */
export interface FailedChat {
  readonly login: Login;
  readonly portal: Portal;
  /** Whom it is with, in the bot's words. */
  readonly name: string;
  /** Oldest first; at least one. */
  readonly messages: readonly FailedMessage[];
}

/** What a person sees and does of what could not be delivered, by whichever way they say so. */
export class Failures {
  readonly #store: Store;
  readonly #retries: Retries;
  readonly #scheduler: Scheduler;

  constructor(store: Store, retries: Retries, scheduler: Scheduler) {
    this.#store = store;
    this.#retries = retries;
    this.#scheduler = scheduler;
  }

  /** The chats of a person on these networks. */
  async of(user: UserId, networks: Iterable<Pick<Network, "id">>): Promise<readonly FailedChat[]> {
    const chats: FailedChat[] = [];
    for (const { id } of networks)
      for (const login of await this.#store.logins.of(user, id)) chats.push(...(await this.#ofLogin(login)));
    return chats;
  }

  async waiting(portal: Portal): Promise<number> {
    return (await failedMessages(this.#store, portal)).length;
  }

  /** Sends a chat's failed messages again. */
  retry(portal: Portal): Promise<Retried> {
    return this.#retries.retry(portal);
  }

  /** Offers a chat's failed messages no more; resolves to how many there were. In the room they stay as they are. */
  discard(portal: Portal): Promise<number> {
    return this.#retries.discard(portal);
  }

  async #ofLogin(login: Login): Promise<readonly FailedChat[]> {
    const chats: FailedChat[] = [];
    for (const portal of await this.#store.portals.ofLogin(login.id)) {
      await this.#scheduler.yield();
      const messages = await failedMessages(this.#store, portal);
      if (messages.length === 0) continue;
      chats.push({ login, portal, name: await nameOf(this.#store, portal, "a contact"), messages });
    }
    return chats;
  }
}
