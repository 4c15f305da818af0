import type { PublicKey } from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import type { OwnKeys } from "./key-maker.ts";

/**
 * Whether the holder of `other`, a person's identity as a phone number, says by `signature` that `identity` is theirs
 * too.
 */
export function saysIsTheirs(other: PublicKey, identity: PublicKey, signature: Uint8Array): boolean {
  try {
    return other.verifyAlternateIdentity(identity, arrayBytes(signature));
  } catch {
    return false;
  }
}

/** Our number's statement that the account is ours too, for whoever knows us by the number. */
export const sayIsOurs = (number: OwnKeys, account: OwnKeys): Uint8Array =>
  number.identity.signAlternateIdentity(account.identity.publicKey);
