import { z } from "zod";
import type { LoginId } from "../../../core/model/ids.ts";
import type { Store, Writes } from "../../../core/ports/store.ts";
import { loginScope } from "../record-scopes.ts";

const NAME = "configuration";

const schema = z.object({
  readReceipts: z.boolean().default(true),
  typingIndicators: z.boolean().default(true),
});
type Chosen = Readonly<z.output<typeof schema>>;

const USUAL: Chosen = schema.parse({});

/** What the person chose in Signal's settings on their phone, for all their devices. */
export class Configuration {
  readonly #store: Store;
  readonly #login: LoginId;
  #chosen: Promise<Chosen> | undefined;

  constructor(store: Store, login: LoginId) {
    this.#store = store;
    this.#login = login;
  }

  get(): Promise<Chosen> {
    this.#chosen ??= this.#load();
    this.#chosen.catch(() => {
      this.#chosen = undefined;
    });
    return this.#chosen;
  }

  /** The writes that keep what the phone tells; what it does not say stays as it was. */
  async told(said: Partial<Record<keyof Chosen, boolean | undefined>>): Promise<(tx: Writes) => void> {
    const before = await this.get();
    const chosen: Chosen = {
      readReceipts: said.readReceipts ?? before.readReceipts,
      typingIndicators: said.typingIndicators ?? before.typingIndicators,
    };
    return (tx) => {
      tx.records.set(loginScope(this.#login), NAME, JSON.stringify(chosen));
      this.#chosen = undefined;
    };
  }

  async #load(): Promise<Chosen> {
    const stored = await this.#store.records.get(loginScope(this.#login), NAME);
    const parsed = schema.safeParse(stored === undefined ? {} : JSON.parse(stored));
    return parsed.success ? parsed.data : USUAL;
  }
}
