import type { KeyUpload } from "../../../signal-protocol/prekey-supply.ts";
import type { AccountKey } from "../../../signal-protocol/signal-records.ts";
import type { Chat } from "./chat.ts";
import { requestJson } from "./json-requests.ts";
import { preKeyJson, signedPreKeyJson } from "./key-json.ts";

/** How many one-time keys of each kind the server has left to give out. */
export interface KeyCounts {
  readonly oneTime: number;
  readonly kyber: number;
}

/** Throws what libsignal throws. */
export async function keyCounts({
  authenticated,
}: Chat): Promise<Readonly<Record<AccountKey["account"], KeyCounts>>> {
  const counts = await authenticated.getPreKeyCount();
  return {
    aci: { oneTime: counts.aciEcPreKeyCount, kyber: counts.aciKemPreKeyCount },
    pni: { oneTime: counts.pniEcPreKeyCount, kyber: counts.pniKemPreKeyCount },
  };
}

/**
 * Hands in keys of one of the account's identities; one-time keys replace those of their kind that the server has. Throws
 * ServiceRefusal, and what libsignal throws.
 */
export async function uploadKeys(
  { authenticated }: Chat,
  account: AccountKey["account"],
  { oneTime, kyber, lasting }: KeyUpload,
): Promise<void> {
  await requestJson(authenticated, {
    verb: "PUT",
    path: `/v2/keys?identity=${account}`,
    body: {
      preKeys: oneTime.map(preKeyJson),
      pqPreKeys: kyber.map(signedPreKeyJson),
      ...(lasting && {
        signedPreKey: signedPreKeyJson(lasting.signed),
        pqLastResortPreKey: signedPreKeyJson(lasting.lastResort),
      }),
    },
  });
}
