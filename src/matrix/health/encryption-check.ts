import type { Clock, Random } from "../../core/ports/clock.ts";
import type { Store } from "../../core/ports/store.ts";
import type { EncryptionCheck } from "./homeserver-startup.ts";

const SCOPE = "start";
const PASSED = "not-encrypted";

/** It makes a room, so that it is due once a day until it passed; undefined where it passed today (UTC). */
export async function encryptionCheckDue(
  store: Store,
  { clock, random }: { readonly clock: Pick<Clock, "now">; readonly random: Random },
): Promise<EncryptionCheck | undefined> {
  const today = (): string => new Date(clock.now()).toISOString().slice(0, 10);
  if ((await store.records.get(SCOPE, PASSED)) === today()) return undefined;
  const onPassed = () => store.write((tx) => tx.records.set(SCOPE, PASSED, today()));
  return { key: random.uuid(), onPassed };
}
