import type { Clock } from "../core/clock.ts";
import { inEea } from "../core/eea.ts";
import type { UserId } from "../core/ids.ts";
import type { Store } from "../core/store.ts";

/** Scope of the records of where people said they live: whether in the EEA and when they said it, nothing finer. */
const SCOPE = "residence";

export type Residence = "eea" | "elsewhere" | "unknown";

export async function residence(store: Store, user: UserId): Promise<Residence> {
  const record = (await store.records.get(SCOPE, user)) ?? "";
  if (record.startsWith("eea ")) return "eea";
  return record.startsWith("elsewhere ") ? "elsewhere" : "unknown";
}

/** Keeps whether the country is in the EEA (`eea` says just that), and forgets the country. */
export async function reside(store: Store, clock: Clock, user: UserId, country: string): Promise<Residence> {
  const where = country === "eea" || inEea(country) ? "eea" : "elsewhere";
  const date = new Date(clock.now()).toISOString().slice(0, 10);
  await store.write((tx) => tx.records.set(SCOPE, user, `${where} ${date}`));
  return where;
}

export const ELSEWHERE =
  "These networks are open to people in the European Economic Area only, by their operator's terms, so they stay off. " +
  "Nothing was sent. If you live there after all, write “country” and its name or two-letter code.";
