import { IdentityKeyPair, KyberPreKeyRecord, SignedPreKeyRecord } from "@signalapp/libsignal-client";
import type { Writes } from "../../../core/ports/store.ts";
import { signalRecords } from "../../../signal-protocol/signal-records.ts";
import { readAccount, writeAccount } from "../account.ts";
import type { LoginContext } from "../login-context.ts";
import type { ServiceId } from "../wire/service-id.ts";
import type { Sync } from "../wire/sync.ts";

export type NumberChange = Extract<Sync, { readonly kind: "numberChanged" }>;

/**
 * The writes by which a login has its account's new phone number: the number's identity and its keys, which the phone
 * made for this device and gave to the server. Undefined where the change is not one, or there is no such login.
 *
 * @param pni the new number's identity, which the server names on the envelope.
 */
export async function numberChange(
  { store, login, clock }: Pick<LoginContext, "store" | "login" | "clock">,
  change: NumberChange,
  pni: ServiceId | undefined,
): Promise<((tx: Writes) => void) | undefined> {
  const uuid = pni?.startsWith(PNI) === true ? pni.slice(PNI.length) : undefined;
  const row = await store.logins.get(login);
  if (uuid === undefined || !row || !isUsable(change)) return undefined;
  const { number, registrationId, identityKeyPair: keyPair, signedPreKey, lastResortKyberPreKey } = change;
  const account = writeAccount({ ...readAccount(row.account), pni: uuid, number });
  const of = { login, account: "pni" } as const;
  const at = clock.now();
  return (tx) => {
    const signal = tx.family(signalRecords);
    signal.setOwn(of, { keyPair, registrationId });
    // They were the former number's.
    for (const kind of KINDS) signal.dropPreKeysBefore(of, kind, at);
    signal.addPreKey(of, "signed", signedId(signedPreKey), signedPreKey, at);
    signal.addPreKey(of, "kyber-last-resort", kyberId(lastResortKyberPreKey), lastResortKyberPreKey, at);
    tx.logins.setAccount(login, { visibleId: number, account });
  };
}

const PNI = "PNI:";
const KINDS = ["one-time", "signed", "kyber", "kyber-last-resort"] as const;

const signedId = (record: Uint8Array): number => SignedPreKeyRecord.deserialize(Uint8Array.from(record)).id();
const kyberId = (record: Uint8Array): number => KyberPreKeyRecord.deserialize(Uint8Array.from(record)).id();

function isUsable({ number, identityKeyPair, signedPreKey, lastResortKyberPreKey }: NumberChange): boolean {
  try {
    IdentityKeyPair.deserialize(Uint8Array.from(identityKeyPair));
    signedId(signedPreKey);
    kyberId(lastResortKyberPreKey);
    return /^\+\d{1,20}$/.test(number);
  } catch {
    return false;
  }
}
