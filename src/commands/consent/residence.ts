import { shortened } from "../../core/model/cut-text.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Scene } from "../command.ts";
import { inEea } from "./eea.ts";

/** Scope of the records of where people said they live: whether in the EEA and when they said it, nothing finer. */
const SCOPE = "residence";

export type Residence = "eea" | "elsewhere" | "unknown";

export async function residence(store: Store, user: UserId): Promise<Residence> {
  const record = (await store.records.get(SCOPE, user)) ?? "";
  if (record.startsWith("eea ")) return "eea";
  return record.startsWith("elsewhere ") ? "elsewhere" : "unknown";
}

/**
 * Keeps whether the country is in the EEA (`eea` says just that), and forgets the country. What names no country we
 * know is nothing to keep: `unknown`.
 */
export async function reside(store: Store, clock: Clock, user: UserId, country: string): Promise<Residence> {
  const inside = inEea(country);
  if (inside === undefined) return "unknown";
  const where = inside ? "eea" : "elsewhere";
  const date = new Date(clock.now()).toISOString().slice(0, 10);
  await store.write((tx) => tx.records.set(SCOPE, user, `${where} ${date}`));
  return where;
}

/** The question again, with the word that starts the answer. */
export const notACountry = (typed: string, answer: "yes" | "country"): string =>
  `I know no country called “${shortened(typed, 40)}”. Please write “${answer}” and the country you live in, by its name or two-letter code, such as “${answer} NL”.`;

/** What a person outside the EEA is told, who may have networks on from before. */
export async function elsewhereWords(user: UserId, { logins, networks }: Scene): Promise<string> {
  const open =
    "These networks are open to people in the European Economic Area only, by their operator's terms";
  const back =
    "If you live there after all, write “country” and its name or two-letter code, such as “country NL”.";
  const on: string[] = [];
  for (const { id } of networks.values())
    if ((await logins.of(user, id))?.state === "active") on.push(`“disable ${id}”`);
  return on.length === 0
    ? `${open}, so they stay off. Nothing was sent. ${back}`
    : `${open}, so please turn off what you have on: write ${on.join(" and ")}. ${back}`;
}
