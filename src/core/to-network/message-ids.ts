import { BridgeError } from "../model/errors.ts";
import type { MatrixEvent, PortalKey } from "../model/events.ts";
import type { LoginId, MessageId, OutboxId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Network } from "../ports/network.ts";
import type { NetworkOutboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { rowOfEvent } from "./event-row.ts";

export type RowIds = Pick<NetworkOutboxRow, "id" | "remoteId">;

/** The most ids that are remembered until their rows are in the store. */
const MAX_REMEMBERED = 5_000;
/** Ids in use that are tried over before something must be wrong with how they are made. */
const MAX_COLLISIONS = 10_000;

interface MessageIdsParts {
  readonly store: Pick<Store, "networkOutbox">;
  readonly outbox: Pick<OutboxRows, "newId">;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Reserves ids for rows that are to be queued for networks. No id is given twice for a login, whatever the connector
 * makes.
 */
export class MessageIds {
  readonly #parts: MessageIdsParts;
  readonly #reserved = new Set<string>();
  /** The last `taken` of each login at one moment, so that messages of one moment need not count from 0. */
  readonly #last = new Map<LoginId, { readonly at: number; readonly taken: number }>();

  constructor(parts: MessageIdsParts) {
    this.#parts = parts;
  }

  /**
   * Reserves the ids of as many rows as an event may become. They are the event's: a bridge of which an older copy was put
   * back handles it again, and the network knows the repeat by its id.
   */
  async reserve(
    network: Pick<Network, "messageId" | "name">,
    key: PortalKey,
    event: Pick<MatrixEvent, "id" | "at">,
    count: number,
  ): Promise<readonly RowIds[]> {
    const ids: RowIds[] = [];
    while (ids.length < count) {
      const id = await this.#rowOf(event, key.login, ids.length);
      ids.push({ id, remoteId: network.messageId ? await this.#newId(network, key, id) : keyOf(id) });
    }
    return ids;
  }

  async #rowOf({ id, at }: Pick<MatrixEvent, "id" | "at">, login: LoginId, index: number): Promise<OutboxId> {
    const row = rowOfEvent(`${login} ${id} ${index}`, at);
    const isTaken = (await this.#parts.store.networkOutbox.get(row)) !== undefined;
    return isTaken ? this.#parts.outbox.newId() : row;
  }

  async #newId(
    network: Pick<Network, "messageId" | "name">,
    { login, chat }: PortalKey,
    row: OutboxId,
  ): Promise<MessageId> {
    const at = this.#parts.clock.now();
    const last = this.#last.get(login);
    const first = last?.at === at ? last.taken + 1 : 0;
    for (let taken = first; taken < first + MAX_COLLISIONS; taken++) {
      this.#last.set(login, { at, taken });
      const id = network.messageId?.({ row, login, chat, at, taken }) ?? keyOf(row);
      // What is made of the row's own id is nobody else's.
      if (id === keyOf(row)) return id;
      // Remembered before the store is read, so that two rooms are not given one id meanwhile.
      if (!this.#remember(`${login} ${id}`)) continue;
      if (!(await this.#parts.store.networkOutbox.hasRemote(login, id))) return id;
    }
    const words = `No id could be made for it on ${network.name}. Please tell your administrator.`;
    throw new BridgeError("internal", { words, certain: true });
  }

  #remember(id: string): boolean {
    if (this.#reserved.has(id)) return false;
    this.#reserved.add(id);
    for (const oldest of this.#reserved) {
      if (this.#reserved.size <= MAX_REMEMBERED) break;
      this.#reserved.delete(oldest);
    }
    return true;
  }
}

/** The id that stands for a message until the network gives its own. */
export const keyOf = (row: OutboxId): MessageId => row.replaceAll("-", "").toUpperCase() as MessageId;
