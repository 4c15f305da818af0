import type { LoginId, MessageId, PersonId } from "../../../core/model/ids.ts";
import type { Store } from "../../../core/ports/store.ts";
import { chatWith } from "../ids.ts";
import { type Node, node } from "../wire/node.ts";

const MAX_REMEMBERED = 50_000;
const PAGE = 500;

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
  remember(sender: PersonId, id: MessageId, sts: string): void {
    if (this.#times.size >= MAX_REMEMBERED) this.#times.clear();
    this.#times.set(`${sender}/${id}`, sts);
  }

  /** Sends the receipts of messages that are in their room. */
  async send(send: Send, sender: PersonId, ids: readonly MessageId[]): Promise<void> {
    for (const id of ids) {
      const name = `${sender}/${id}`;
      const sts = this.#times.get(name) ?? (await this.#read(sender, id));
      this.#times.delete(name);
      if (sts !== undefined) send(receipt(sender, id, sts));
    }
  }

  /** Sends all receipts that are owed, as an earlier connection may not have sent them. */
  async sendOwed(send: Send): Promise<void> {
    const { networkInbox } = this.#store;
    for (let after = 0; ; ) {
      const page = await networkInbox.unconfirmed(this.#login, after, PAGE);
      for (const { sender, id, receipt: sts } of page) send(receipt(sender, id, sts));
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.seq;
    }
  }

  /** Stores that the gatekeeper has the receipt. */
  async acknowledged(sender: PersonId, id: MessageId): Promise<void> {
    await this.#store.write((tx) =>
      tx.networkInbox.confirmed(this.#login, { chat: chatWith(sender), sender, id }),
    );
  }

  #read(sender: PersonId, id: MessageId): Promise<string | undefined> {
    return this.#store.networkInbox.receipt(this.#login, { chat: chatWith(sender), sender, id });
  }
}

const receipt = (sender: PersonId, id: MessageId, sts: string): Node =>
  node("receipt", { id, to: sender, sts });
