import type { Connections } from "../chats/connections.ts";
import { chatOf, type OpenPortal, type Portals } from "../chats/portals.ts";
import { BridgeError } from "../model/errors.ts";
import type { PersonId } from "../model/ids.ts";
import { cleanName, LONGEST_NAME } from "../model/names.ts";
import type { Clock } from "../ports/clock.ts";
import type { Network, NetworkClient } from "../ports/network.ts";
import type { GroupPortal, Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { rowOfEvent } from "../to-network/event-row.ts";
import { keyOf } from "../to-network/message-ids.ts";
import { type Asked, queueChange } from "./queue-change.ts";

interface Wanted {
  readonly login: Login;
  readonly network: Network;
  readonly name: string;
  readonly people: readonly PersonId[];
}

interface GroupsParts {
  readonly store: Store;
  readonly connections: Pick<Connections, "client">;
  readonly portals: Pick<Portals, "ensure">;
  readonly clock: Pick<Clock, "now">;
}

/** What a person does about groups as a whole, by whichever way they say so. */
export class Groups {
  readonly #parts: GroupsParts;

  constructor(parts: GroupsParts) {
    this.#parts = parts;
  }

  /** Leaves a group behind what is still to be sent there; where the network took that, its room is closed. */
  leave(group: GroupPortal, asked: Asked): Promise<void> {
    return queueChange(this.#parts, group, { kind: "leave" }, asked);
  }

  /** Makes a group and opens its room; `event`: what asked for it, which makes one group. Throws BridgeError. */
  async create(
    { login, network, name, people }: Wanted,
    { event }: { readonly event: string },
  ): Promise<OpenPortal> {
    if (cleanName(name, "") === "" || name.length > LONGEST_NAME) {
      const words = `A group's name needs letters, and can have ${LONGEST_NAME} characters.`;
      throw new BridgeError("bad-input", { words, certain: true });
    }
    const client = this.#client(login, network);
    if (!client.createGroup || !client.chatInfo) throw noGroups(network);
    const key = keyOf(rowOfEvent(`${login.id} ${event} group`, 0));
    const chat = await client.createGroup({ key, name: cleanName(name, ""), people });
    const known = await this.#parts.store.portals.byChat({ login: login.id, chat });
    const info = known ? undefined : await client.chatInfo(chat);
    if (info?.kind === "direct") throw noGroups(network);
    const wanted = known ? chatOf(known) : ({ kind: "group", info } as const);
    return this.#parts.portals.ensure({
      login,
      network,
      key: { login: login.id, chat },
      chat: wanted,
      asked: true,
    });
  }

  #client({ id }: Login, { name }: Network): NetworkClient {
    const client = this.#parts.connections.client(id);
    if (client?.state.kind === "connected") return client;
    const words = `${name} is not connected. Write “status” to see why, and try again later.`;
    throw new BridgeError("remote-unreachable", { words, certain: true });
  }
}

const noGroups = ({ name }: Network): BridgeError =>
  new BridgeError("unsupported", { words: `No group can be made on ${name} from here.`, certain: true });
