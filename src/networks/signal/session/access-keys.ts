import type { PersonId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { LoginContext } from "../login-context.ts";
import { signalFamily } from "../records.ts";
import { accessKeyFrom, usableKey } from "../service/access-key.ts";

/**
 * What lets us write to a person without the server knowing who does; undefined where they never gave us their profile
 * key.
 */
export async function accessKeyOf(
  { store, login }: Pick<LoginContext, "store" | "login">,
  person: PersonId,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return accessKeyFrom((await store.family(signalFamily).recipient(login, person))?.profileKey);
}

/** The writes that keep a profile key that came with a message; undefined where there is nothing new. */
export async function learnProfileKey(
  { store, login }: Pick<LoginContext, "store" | "login">,
  person: PersonId,
  given: Uint8Array | undefined,
): Promise<((tx: Writes) => void) | undefined> {
  const key = usableKey(given);
  if (key === undefined) return undefined;
  const known = (await store.family(signalFamily).recipient(login, person))?.profileKey;
  if (known && Buffer.compare(known, key) === 0) return undefined;
  return (tx) => tx.family(signalFamily).setProfileKey(login, person, key);
}
