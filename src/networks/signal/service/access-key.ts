import { ProfileKey } from "@signalapp/libsignal-client/dist/zkgroup/index.js";

const PROFILE_KEY_BYTES = 32;

/** Undefined for what is no profile key. */
export const usableKey = <Key extends Uint8Array>(key: Key | undefined): Key | undefined =>
  key?.length === PROFILE_KEY_BYTES ? key : undefined;

/** What lets us write to whoever has this profile key, without the server knowing who does; undefined for what is none. */
export function accessKeyFrom(key: Uint8Array | undefined): Uint8Array<ArrayBuffer> | undefined {
  const usable = usableKey(key);
  return usable && new ProfileKey(Uint8Array.from(usable)).deriveAccessKey();
}
