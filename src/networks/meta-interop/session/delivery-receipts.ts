import type { ChatId, LoginId, MessageId, PersonId } from "../../../core/model/ids.ts";
import type { Store } from "../../../core/ports/store.ts";
import { groupOf } from "../ids.ts";
import { type Node, node } from "../wire/node.ts";
import { addressed } from "./receipts.ts";

const MAX_REMEMBERED = 50_000;
const PAGE = 500;

/** A message of somebody else's. */
interface Received {
  readonly chat: ChatId;
  readonly sender: PersonId;
  readonly id: MessageId;
}

type Send = (receipt: Node) => void;

/**
 * Sends delivery receipts. Each echoes the `sts` its message came with, and is owed until the gatekeeper acknowledges
 * it, over restarts and lost connections.
 */
export class DeliveryReceipts {
  readonly #store: Store;
  readonly #login: LoginId;
  /** The `sts` of recent messages, so that most receipts need no read from the store. */
  readonly #times = new Map<string, string>();

  constructor(store: Store, login: LoginId) {
    this.#store = store;
    this.#login = login;
  }

  /** Remembers the `sts` of a message that is in the store. */
  remember(message: Received, sts: string): void {
    if (this.#times.size >= MAX_REMEMBERED) this.#times.clear();
    this.#times.set(nameOf(message), sts);
  }

  /** Sends the receipts of messages that are in their room. */
  async send(send: Send, chat: ChatId, sender: PersonId, ids: readonly MessageId[]): Promise<void> {
    for (const id of ids) {
      const message = { chat, sender, id };
      const name = nameOf(message);
      const sts = this.#times.get(name) ?? (await this.#store.networkInbox.receipt(this.#login, message));
      this.#times.delete(name);
      if (sts !== undefined) send(receipt(message, sts));
    }
  }

  /** Sends all receipts that are owed, as an earlier connection may not have sent them. */
  async sendOwed(send: Send): Promise<void> {
    const { networkInbox } = this.#store;
    for (let after = 0; ; ) {
      const page = await networkInbox.unconfirmed(this.#login, after, PAGE);
      for (const { chat, sender, id, receipt: sts } of page) send(receipt({ chat, sender, id }, sts));
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.seq;
    }
  }

  /** Stores that the gatekeeper has the receipt. */
  async acknowledged(message: Received): Promise<void> {
    await this.#store.write((tx) => tx.networkInbox.confirmed(this.#login, message));
  }
}

const nameOf = ({ chat, sender, id }: Received): string => `${chat}/${sender}/${id}`;

const receipt = ({ chat, sender, id }: Received, sts: string): Node =>
  node("receipt", { id, ...addressed(groupOf(chat), sender), sts });
