import type { Access } from "../ports/access.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import type { Tell } from "../runtime/tell.ts";

interface AdministratorsParts {
  readonly store: Store;
  readonly access: Access;
  readonly tell: Tell;
  readonly clock: Pick<Clock, "now">;
}

/** Scope of the records of what administrators were told, by the words. */
const SCOPE = "told-administrators";
const DAY = 86_400_000;

/** Tells every administrator who has a management room, once a day. Throws BridgeError. */
export async function tellAdministrators(
  { store, access, tell, clock }: AdministratorsParts,
  words: string,
): Promise<void> {
  const before = await store.records.get(SCOPE, words);
  const now = clock.now();
  if (before !== undefined && Math.abs(now - Number(before)) < DAY) return;
  for (const owner of await store.rooms.owners())
    if (access.levelOf(owner) === "admin") await tell(owner, words);
  await store.write((tx) => tx.records.set(SCOPE, words, String(now), now + DAY));
}
