import type { PortalKey } from "../model/events.ts";
import type { Store, Writes } from "../ports/store.ts";

/** How far our people have read, by the place of the message among what was sent to rooms; told to no network twice. */
const scopeOf = ({ login }: Pick<PortalKey, "login">): string => `login/${login}/read`;

export async function readUpTo({ records }: Pick<Store, "records">, key: PortalKey): Promise<number> {
  return Number((await records.get(scopeOf(key), key.chat)) ?? 0);
}

export function setReadUpTo(tx: Writes, key: PortalKey, place: number): void {
  tx.records.set(scopeOf(key), key.chat, String(place));
}
