import { shortened } from "../../../core/model/cut-text.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import type { NetworkId, UserId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { PersonSetting } from "../../../core/ports/login-flow.ts";
import type { Store } from "../../../core/ports/store.ts";
import { inEea } from "./eea.ts";

/** Scope of the records of where people said they live: whether in the EEA and when they said it, nothing finer. */
const SCOPE = "residence";

type Residence = "eea" | "elsewhere" | "unknown";

interface ResidencesParts {
  readonly store: Store;
  readonly clock: Pick<Clock, "now">;
  /** The family's networks that are configured. */
  readonly networks: readonly NetworkId[];
}

/** Whether people live in the EEA, as the networks' terms require: one answer for the whole family. */
export class Residences implements PersonSetting {
  readonly name = "country";
  readonly usage = "<country>";
  readonly example = "NL";
  readonly summary = "Says where you live; only whether it is in the EEA is kept.";
  readonly #parts: ResidencesParts;

  constructor(parts: ResidencesParts) {
    this.#parts = parts;
  }

  async shown(user: UserId): Promise<string> {
    const where = await this.#of(user);
    const stored = { eea: "in the EEA", elsewhere: "outside the EEA", unknown: "not asked yet" }[where];
    return `Where you live: ${stored}. Write “country” and its name or two-letter code to change that, such as “country NL”.`;
  }

  async change(user: UserId, typed: string): Promise<string> {
    const where = await this.#storeResidence(user, typed);
    if (where === "unknown") throw notACountry(typed, "country");
    return where === "eea"
      ? "Noted: in the EEA. The country itself is not kept."
      : this.#elsewhereWords(user);
  }

  /**
   * Whoever agrees to the notice says with it that they live in the EEA, or names their country. Throws BridgeError
   * where they live elsewhere, or the country is not known.
   */
  async agree(user: UserId, country: string | undefined): Promise<void> {
    const stored = await this.#of(user);
    const isAnswered = country !== undefined || stored === "unknown";
    const where = isAnswered ? await this.#storeResidence(user, country ?? "eea") : stored;
    if (where === "unknown") throw notACountry(country ?? "", "yes");
    if (where === "elsewhere") throw refused("unsupported", await this.#elsewhereWords(user));
  }

  async #of(user: UserId): Promise<Residence> {
    const record = (await this.#parts.store.records.get(SCOPE, user)) ?? "";
    if (record.startsWith("eea ")) return "eea";
    return record.startsWith("elsewhere ") ? "elsewhere" : "unknown";
  }

  /**
   * Stores whether the country is in the EEA (`eea` says just that), not the country. A name that is no known country
   * stores nothing: `unknown`.
   */
  async #storeResidence(user: UserId, country: string): Promise<Residence> {
    const { store, clock } = this.#parts;
    const inside = inEea(country);
    if (inside === undefined) return "unknown";
    const where = inside ? "eea" : "elsewhere";
    const date = new Date(clock.now()).toISOString().slice(0, 10);
    await store.write((tx) => tx.records.set(SCOPE, user, `${where} ${date}`));
    return where;
  }

  /** The answer to a person outside the EEA, who may still be logged in from before. */
  async #elsewhereWords(user: UserId): Promise<string> {
    const { store, networks } = this.#parts;
    const open =
      "These networks are open to people in the European Economic Area only, by their operator's terms";
    const back =
      "If you live there after all, write “country” and its name or two-letter code, such as “country NL”.";
    const on: string[] = [];
    for (const id of networks) {
      const logins = await store.logins.of(user, id);
      if (logins.some(({ state }) => state === "active")) on.push(`“disable ${id}”`);
    }
    return on.length === 0
      ? `${open}, so they stay off. Nothing was sent. ${back}`
      : `${open}, so please turn off what you have on: write ${on.join(" and ")}. ${back}`;
  }
}

/** Asks again, with the word that starts the answer. */
const notACountry = (typed: string, answer: "yes" | "country"): BridgeError =>
  refused(
    "bad-input",
    `I know no country called “${shortened(typed, 40)}”. Please write “${answer}” and the country you live in, by its name or two-letter code, such as “${answer} NL”.`,
  );

const refused = (reason: "bad-input" | "unsupported", words: string): BridgeError =>
  new BridgeError(reason, { words, certain: true });
