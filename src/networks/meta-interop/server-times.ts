import type { LoginId, MessageId, PersonId } from "../../core/ids.ts";
import type { Store, Writes } from "../../core/store.ts";
import { loginScope } from "./record-scopes.ts";

/** Milliseconds after which a message that is not in its room yet is confirmed to nobody. */
const KEEP = 30 * 86_400_000;

/**
 * The `sts` of messages whose delivery is not confirmed yet: a receipt must echo it. Rows of their own, in the same
 * commit as the message, so that a restart between the two does not lose it.
 */
export class ServerTimes {
  readonly #store: Store;
  readonly #scope: string;
  readonly #now: () => number;

  constructor(store: Store, login: LoginId, now: () => number) {
    this.#store = store;
    this.#scope = loginScope(login);
    this.#now = now;
  }

  note(tx: Writes, sender: PersonId, id: MessageId, sts: string): void {
    tx.records.set(this.#scope, nameOf(sender, id), sts, this.#now() + KEEP);
  }

  get(sender: PersonId, id: MessageId): Promise<string | undefined> {
    return this.#store.records.get(this.#scope, nameOf(sender, id));
  }

  async forget(sender: PersonId, ids: readonly MessageId[]): Promise<void> {
    await this.#store.write((tx) => {
      for (const id of ids) tx.records.remove(this.#scope, nameOf(sender, id));
    });
  }
}

function nameOf(sender: PersonId, id: MessageId): string {
  return `sts/${sender}/${id}`;
}
