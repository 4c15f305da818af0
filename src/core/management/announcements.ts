import type { NetworkId, UserId } from "../model/ids.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";
import type { Tell } from "../runtime/tell.ts";

/** The scope of the records of networks that a person was told of. */
const TOLD = "networks-told";
/** The scope of the records of notices that a person was asked to read again. */
const ASKED = "notice-asked";

/** Tells people once of each new network, and of each notice that they must read again. */
export class Announcements {
  readonly #store: Store;
  readonly #networks: ReadonlyMap<NetworkId, Network>;
  readonly #tell: Tell;

  constructor(store: Store, networks: ReadonlyMap<NetworkId, Network>, tell: Tell) {
    this.#store = store;
    this.#networks = networks;
    this.#tell = tell;
  }

  /** Tells everybody who has a management room; called at the start. */
  async announce(): Promise<void> {
    for (const user of await this.#store.rooms.owners()) {
      await this.#newNetworks(user);
      await this.#newNotices(user);
    }
  }

  async #newNetworks(user: UserId): Promise<void> {
    const all = Array.from(this.#networks.keys());
    const told = await this.#store.records.get(TOLD, user);
    if (told === undefined) {
      return this.#store.write((tx) => tx.records.set(TOLD, user, all.join(" ")));
    }
    const toldIds = told.split(" ");
    for (const id of all.filter((one) => !toldIds.includes(one))) {
      const { name } = this.#networks.get(id) ?? { name: id };
      toldIds.push(id);
      const now = toldIds.join(" ");
      const words = `${name} is available now. It is off; write “enable ${id}” to read what it means.`;
      await this.#tell(user, words, (tx) => tx.records.set(TOLD, user, now));
    }
  }

  async #newNotices(user: UserId): Promise<void> {
    for (const { id, name, noticeVersion } of this.#networks.values()) {
      const logins = await this.#store.logins.of(user, id);
      if (logins.every(({ consentVersion }) => consentVersion === noticeVersion)) continue;
      const record = `${user} ${id}`;
      if ((await this.#store.records.get(ASKED, record)) === String(noticeVersion)) continue;
      const words = `What ${name} learns of you has changed. Write “enable ${id}” to read it. Until you agree you receive messages, but nothing you write is sent.`;
      await this.#tell(user, words, (tx) => tx.records.set(ASKED, record, String(noticeVersion)));
    }
  }
}
