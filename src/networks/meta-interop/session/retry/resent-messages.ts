import { z } from "zod";
import type { ChatId, LoginId, MessageId, PersonId } from "../../../../core/model/ids.ts";
import type { Store, Writes } from "../../../../core/ports/store.ts";
import { resentScope } from "../../record-scopes.ts";

/** Milliseconds for which a count is kept. Contacts ask within days; later the count starts anew. */
const KEEP = 30 * 86_400_000;

const schema = z.object({ given: z.number(), count: z.number().optional(), sealed: z.string().optional() });

/** A message of ours that was sent again because the contact could not decrypt it. */
export interface ResentMessage {
  /** How often the network has taken it again. */
  readonly resent: number;
  /** The count of the latest retry receipt whose answer was not acknowledged, and that answer. */
  readonly count: number | undefined;
  readonly sealed: Uint8Array | undefined;
}

export interface SentMessage {
  /** In which the contact is a member; absent in a direct chat. */
  readonly group?: ChatId;
  readonly contact: PersonId;
  readonly id: MessageId;
}

/** The messages of ours that were sent again, kept over restarts. */
export class ResentMessages {
  readonly #store: Store;
  readonly #login: LoginId;

  constructor(store: Store, login: LoginId) {
    this.#store = store;
    this.#login = login;
  }

  async load(message: SentMessage): Promise<ResentMessage> {
    const stored = await this.#store.records.get(resentScope(this.#login), nameOf(message));
    const parsed = stored === undefined ? undefined : schema.safeParse(JSON.parse(stored));
    if (!parsed?.success) return { resent: 0, count: undefined, sealed: undefined };
    const { given, count, sealed } = parsed.data;
    return { resent: given, count, sealed: sealed === undefined ? undefined : Buffer.from(sealed, "base64") };
  }

  record(tx: Writes, message: SentMessage, { resent, count, sealed }: ResentMessage, now: number): void {
    const text = sealed && Buffer.from(sealed).toString("base64");
    const value = JSON.stringify({ given: resent, count, sealed: text });
    tx.records.set(resentScope(this.#login), nameOf(message), value, now + KEEP);
  }

  forget(tx: Writes, message: SentMessage): void {
    tx.records.remove(resentScope(this.#login), nameOf(message));
  }
}

function nameOf({ group, contact, id }: SentMessage): string {
  return group === undefined ? `${contact} ${id}` : `${group} ${contact} ${id}`;
}
