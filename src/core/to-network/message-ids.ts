import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { LoginId, MessageId, OutboxId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Network } from "../ports/network.ts";
import type { NetworkOutboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";

export type RowIds = Pick<NetworkOutboxRow, "id" | "remoteId">;

/** Ids that are remembered before their rows are in the store. */
const MOST = 5_000;
/** Ids of one message that may be another's before something must be wrong with how they are made. */
const TRIES = 10_000;

interface MessageIdsParts {
  readonly store: Pick<Store, "networkOutbox">;
  readonly outbox: Pick<OutboxRows, "newId">;
  readonly clock: Pick<Clock, "now">;
}

/** Names what is to be queued for networks; no id is given twice for a login, whatever its connector makes. */
export class MessageIds {
  readonly #parts: MessageIdsParts;
  readonly #given = new Set<string>();
  /** How far each login's ids of one moment went: what is written at once need not be counted through anew. */
  readonly #last = new Map<LoginId, { readonly at: number; readonly taken: number }>();

  constructor(parts: MessageIdsParts) {
    this.#parts = parts;
  }

  /** For as many rows as an event may become. */
  async reserve(
    network: Pick<Network, "messageId" | "name">,
    key: PortalKey,
    count: number,
  ): Promise<readonly RowIds[]> {
    const ids: RowIds[] = [];
    while (ids.length < count) {
      const id = this.#parts.outbox.newId();
      ids.push({ id, remoteId: network.messageId ? await this.#chosen(network, key, id) : keyOf(id) });
    }
    return ids;
  }

  async #chosen(
    network: Pick<Network, "messageId" | "name">,
    { login, chat }: PortalKey,
    row: OutboxId,
  ): Promise<MessageId> {
    const at = this.#parts.clock.now();
    const last = this.#last.get(login);
    const first = last?.at === at ? last.taken + 1 : 0;
    for (let taken = first; taken < first + TRIES; taken++) {
      this.#last.set(login, { at, taken });
      const id = network.messageId?.({ row, login, chat, at, taken }) ?? keyOf(row);
      // Remembered before the store is asked, so that two rooms cannot be given one id meanwhile.
      if (!this.#remember(`${login} ${id}`)) continue;
      // What is made of the row's own id is nobody else's.
      if (id === keyOf(row) || !(await this.#parts.store.networkOutbox.hasRemote(login, id))) return id;
    }
    const words = `No id could be made for it on ${network.name}. Please tell your administrator.`;
    throw new BridgeError("internal", { words, certain: true });
  }

  #remember(id: string): boolean {
    if (this.#given.has(id)) return false;
    this.#given.add(id);
    for (const oldest of this.#given) {
      if (this.#given.size <= MOST) break;
      this.#given.delete(oldest);
    }
    return true;
  }
}

/** Stands for a message whose id the network gives when it has it. */
const keyOf = (row: OutboxId): MessageId => row.replaceAll("-", "").toUpperCase() as MessageId;
