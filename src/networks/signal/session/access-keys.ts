import { ProfileKey } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { PersonId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { LoginContext } from "../login-context.ts";
import { signalFamily } from "../records.ts";

const PROFILE_KEY_BYTES = 32;

/**
 * What lets us write to a person without the server knowing who does; undefined where they never gave us their profile
 * key.
 */
export async function accessKeyOf(
  { store, login }: Pick<LoginContext, "store" | "login">,
  person: PersonId,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const key = (await store.family(signalFamily).recipient(login, person))?.profileKey;
  if (key?.length !== PROFILE_KEY_BYTES) return undefined;
  return new ProfileKey(Uint8Array.from(key)).deriveAccessKey();
}

/** Undefined for what is no profile key. */
export const usableKey = (key: Uint8Array | undefined): Uint8Array | undefined =>
  key?.length === PROFILE_KEY_BYTES ? key : undefined;

/** The writes that keep a profile key that came with a message; undefined where there is nothing new. */
export async function learnProfileKey(
  { store, login }: Pick<LoginContext, "store" | "login">,
  person: PersonId,
  key: Uint8Array | undefined,
): Promise<((tx: Writes) => void) | undefined> {
  if (key?.length !== PROFILE_KEY_BYTES) return undefined;
  const known = (await store.family(signalFamily).recipient(login, person))?.profileKey;
  if (known && Buffer.compare(known, key) === 0) return undefined;
  return (tx) => tx.family(signalFamily).setProfileKey(login, person, key);
}
