import { z } from "zod";
import type { LoginId, MessageId, PersonId } from "../../../../core/model/ids.ts";
import type { Store, Writes } from "../../../../core/ports/store.ts";
import { answersScope } from "../../record-scopes.ts";

/** A contact asks within days; after a month the count begins anew. */
const KEPT = 30 * 86_400_000;

const schema = z.object({ given: z.number(), count: z.number().optional(), sealed: z.string().optional() });

/** How often a message of ours was sent again because a contact could not decrypt it. */
export interface Answered {
  /** Times the network has taken it. */
  readonly given: number;
  /** What left for the retry receipt of this count, and was not acknowledged yet. */
  readonly count: number | undefined;
  readonly sealed: Uint8Array | undefined;
}

export interface Asked {
  readonly contact: PersonId;
  readonly id: MessageId;
}

/** What was sent again, over restarts. */
export class AnswerBook {
  readonly #store: Store;
  readonly #login: LoginId;

  constructor(store: Store, login: LoginId) {
    this.#store = store;
    this.#login = login;
  }

  async load(asked: Asked): Promise<Answered> {
    const stored = await this.#store.records.get(answersScope(this.#login), nameOf(asked));
    const parsed = stored === undefined ? undefined : schema.safeParse(JSON.parse(stored));
    if (!parsed?.success) return { given: 0, count: undefined, sealed: undefined };
    const { given, count, sealed } = parsed.data;
    return { given, count, sealed: sealed === undefined ? undefined : Buffer.from(sealed, "base64") };
  }

  record(tx: Writes, asked: Asked, { given, count, sealed }: Answered, now: number): void {
    const text = sealed && Buffer.from(sealed).toString("base64");
    const value = JSON.stringify({ given, count, sealed: text });
    tx.records.set(answersScope(this.#login), nameOf(asked), value, now + KEPT);
  }

  forget(tx: Writes, asked: Asked): void {
    tx.records.remove(answersScope(this.#login), nameOf(asked));
  }
}

function nameOf({ contact, id }: Asked): string {
  return `${contact} ${id}`;
}
