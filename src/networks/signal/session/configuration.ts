import { z } from "zod";
import type { LoginId } from "../../../core/model/ids.ts";
import type { Store, Writes } from "../../../core/ports/store.ts";
import { loginScope } from "../record-scopes.ts";

/** The record of both settings as they were first kept; each has one of its own, which counts before it. */
const BOTH = "configuration";
const SETTINGS = ["readReceipts", "typingIndicators"] as const;
type Setting = (typeof SETTINGS)[number];
type Chosen = Readonly<Record<Setting, boolean>>;

const both = z.object({
  readReceipts: z.boolean().default(true),
  typingIndicators: z.boolean().default(true),
});
const USUAL: Chosen = both.parse({});

const nameOf = (setting: Setting): string => `${BOTH}/${setting}`;

/** What the person chose in Signal's settings on their phone, for all their devices. */
export class Configuration {
  readonly #store: Store;
  readonly #login: LoginId;

  constructor(store: Store, login: LoginId) {
    this.#store = store;
    this.#login = login;
  }

  async get(): Promise<Chosen> {
    const before = both.safeParse(JSON.parse((await this.#stored(BOTH)) ?? "{}"));
    const { readReceipts, typingIndicators } = before.success ? before.data : USUAL;
    return {
      readReceipts: await this.#chosen("readReceipts", readReceipts),
      typingIndicators: await this.#chosen("typingIndicators", typingIndicators),
    };
  }

  /** The writes that keep what the phone tells; what it does not say stays as it is. */
  told(said: Partial<Record<Setting, boolean | undefined>>): (tx: Writes) => void {
    return (tx) => {
      for (const setting of SETTINGS) {
        const chosen = said[setting];
        if (chosen !== undefined) tx.records.set(loginScope(this.#login), nameOf(setting), String(chosen));
      }
    };
  }

  async #chosen(setting: Setting, before: boolean): Promise<boolean> {
    const stored = await this.#stored(nameOf(setting));
    return stored === undefined ? before : stored === "true";
  }

  #stored(name: string): Promise<string | undefined> {
    return this.#store.records.get(loginScope(this.#login), name);
  }
}
