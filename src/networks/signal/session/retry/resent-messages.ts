import type { LoginId, MessageId, PersonId } from "../../../../core/model/ids.ts";
import type { Store, Writes } from "../../../../core/ports/store.ts";
import { resentScope } from "../../record-scopes.ts";

/** Milliseconds for which a count is kept. Contacts ask within days; later the count starts anew. */
const KEEP = 30 * 86_400_000;

interface SentMessage {
  readonly contact: PersonId;
  readonly id: MessageId;
}

/** How often each message of ours was sent again, kept over restarts. */
export class ResentMessages {
  readonly #store: Store;
  readonly #login: LoginId;

  constructor(store: Store, login: LoginId) {
    this.#store = store;
    this.#login = login;
  }

  async count(message: SentMessage): Promise<number> {
    const stored = await this.#store.records.get(resentScope(this.#login), nameOf(message));
    return Number(stored) || 0;
  }

  record(tx: Writes, message: SentMessage, count: number, now: number): void {
    tx.records.set(resentScope(this.#login), nameOf(message), String(count), now + KEEP);
  }
}

const nameOf = ({ contact, id }: SentMessage): string => `${contact} ${id}`;
