import type { Contacts } from "../chats/contacts.ts";
import { NO_REQUESTS } from "../chats/requests.ts";
import type { InboxMode, Spaces } from "../chats/spaces.ts";
import type { MessageStatuses, StatusChoice } from "../delivery/message-statuses.ts";
import { type ToldKind, tellPerson, tellsPerson } from "../delivery/told-kinds.ts";
import type { NetworkId, UserId } from "../model/ids.ts";
import type { PersonSetting } from "../ports/login-flow.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import { NO_READ_RECEIPTS } from "../to-network/read-marks.ts";

interface PersonSettingsParts {
  readonly store: Store;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly spaces: Spaces;
  readonly contacts: Contacts;
  readonly statuses: MessageStatuses;
}

/** What a person chooses for all their networks, whether in the chat with the bot or elsewhere. */
export class PersonSettings {
  readonly #parts: PersonSettingsParts;
  readonly #serial = new SerialByKey();
  /** What the networks' families ask beside their flows, by name. */
  readonly asked: ReadonlyMap<string, PersonSetting>;

  constructor(parts: PersonSettingsParts) {
    this.#parts = parts;
    const settings = Array.from(parts.networks.values(), (network) => network.settings).flat();
    // Of one name all are the same setting.
    this.asked = new Map(settings.map((setting) => [setting.name, setting]));
  }

  inbox(user: UserId): Promise<InboxMode> {
    return this.#parts.spaces.mode(user);
  }

  /** Moves the person's chats to where they want them; resolves to how many. */
  chooseInbox(user: UserId, mode: InboxMode): Promise<number> {
    return this.#serial.run(user, async () => {
      await this.#parts.spaces.choose(user, mode);
      return this.#moveAll(user);
    });
  }

  /** Whether contacts are told what the person has read. */
  async receipts(user: UserId): Promise<boolean> {
    return (await this.#parts.store.records.get(NO_READ_RECEIPTS, user)) === undefined;
  }

  setReceipts(user: UserId, on: boolean): Promise<void> {
    return this.#parts.store.write((tx) => {
      if (on) tx.records.remove(NO_READ_RECEIPTS, user);
      else tx.records.set(NO_READ_RECEIPTS, user, "off");
    });
  }

  /** Whether the person's client is told what became of their messages. */
  statuses(user: UserId): StatusChoice {
    return this.#parts.statuses.choice(user);
  }

  setStatuses(user: UserId, choice: StatusChoice): Promise<void> {
    return this.#parts.statuses.choose(user, choice);
  }

  /** Whether the person is asked about whoever writes to them for the first time. */
  async requests(user: UserId): Promise<boolean> {
    return (await this.#parts.store.records.get(NO_REQUESTS, user)) === undefined;
  }

  setRequests(user: UserId, on: boolean): Promise<void> {
    return this.#parts.store.write((tx) => {
      if (on) tx.records.remove(NO_REQUESTS, user);
      else tx.records.set(NO_REQUESTS, user, "off");
    });
  }

  /** Whether the person is told of these, where they chose nothing else for a login. */
  told(kind: ToldKind, user: UserId): Promise<boolean> {
    return tellsPerson(this.#parts.store, kind, user);
  }

  setTold(kind: ToldKind, user: UserId, on: boolean): Promise<void> {
    return tellPerson(this.#parts.store, kind, user, on);
  }

  async #moveAll(user: UserId): Promise<number> {
    const { networks, store, spaces, contacts } = this.#parts;
    let moved = 0;
    for (const network of networks.values()) {
      const logins = await store.logins.of(user, network.id);
      if (logins.length > 0) await spaces.prepare(user, network);
      const known = await Promise.all(logins.map((login) => contacts.all(login)));
      const direct = known.flat().map(({ portal, ghost }) => ({ portal, ghost: ghost.user }));
      const all = await Promise.all(logins.map(({ id }) => store.portals.ofLogin(id)));
      const groups = all.flat().filter(({ kind, state }) => kind === "group" && state !== "archived");
      for (const { portal, ghost } of [
        ...direct,
        ...groups.map((portal) => ({ portal, ghost: undefined })),
      ]) {
        if (portal.room === undefined) continue;
        await spaces.place({ user, network, room: portal.room, ghost });
        moved += 1;
      }
    }
    return moved;
  }
}
