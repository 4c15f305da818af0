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

/** Where people live, as far as the networks' terms ask for it: one answer for all of the family. */
export class Residences implements PersonSetting {
  readonly name = "country";
  readonly usage = "<country>";
  readonly summary = "Says where you live; only whether it is in the EEA is kept.";
  readonly #parts: ResidencesParts;

  constructor(parts: ResidencesParts) {
    this.#parts = parts;
  }

  async shown(user: UserId): Promise<string> {
    const where = await this.#of(user);
    const known = { eea: "in the EEA", elsewhere: "outside the EEA", unknown: "not asked yet" }[where];
    return `Where you live: ${known}. Write “country” and its name or two-letter code to change that, such as “country NL”.`;
  }

  async change(user: UserId, typed: string): Promise<string> {
    const where = await this.#reside(user, typed);
    if (where === "unknown") throw notACountry(typed, "country");
    return where === "eea"
      ? "Noted: in the EEA. The country itself is not kept."
      : this.#elsewhereWords(user);
  }

  /**
   * Who agrees to the notice says with it that they live in the EEA, or names their country. Throws BridgeError where
   * they live elsewhere, or that is no country.
   */
  async agree(user: UserId, country: string | undefined): Promise<void> {
    const known = await this.#of(user);
    const said = country !== undefined || known === "unknown";
    const where = said ? await this.#reside(user, country ?? "eea") : known;
    if (where === "unknown") throw notACountry(country ?? "", "yes");
    if (where === "elsewhere") throw refused("unsupported", await this.#elsewhereWords(user));
  }

  async #of(user: UserId): Promise<Residence> {
    const record = (await this.#parts.store.records.get(SCOPE, user)) ?? "";
    if (record.startsWith("eea ")) return "eea";
    return record.startsWith("elsewhere ") ? "elsewhere" : "unknown";
  }

  /**
   * Keeps whether the country is in the EEA (`eea` says just that), and forgets the country. What names no country we
   * know is nothing to keep: `unknown`.
   */
  async #reside(user: UserId, country: string): Promise<Residence> {
    const { store, clock } = this.#parts;
    const inside = inEea(country);
    if (inside === undefined) return "unknown";
    const where = inside ? "eea" : "elsewhere";
    const date = new Date(clock.now()).toISOString().slice(0, 10);
    await store.write((tx) => tx.records.set(SCOPE, user, `${where} ${date}`));
    return where;
  }

  /** What a person outside the EEA is told, who may have networks on from before. */
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

/** The question again, with the word that starts the answer. */
const notACountry = (typed: string, answer: "yes" | "country"): BridgeError =>
  refused(
    "bad-input",
    `I know no country called “${shortened(typed, 40)}”. Please write “${answer}” and the country you live in, by its name or two-letter code, such as “${answer} NL”.`,
  );

const refused = (reason: "bad-input" | "unsupported", words: string): BridgeError =>
  new BridgeError(reason, { words, certain: true });
