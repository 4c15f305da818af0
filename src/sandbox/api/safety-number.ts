import { Fingerprint, PublicKey } from "@signalapp/libsignal-client";
import { toString as draw } from "qrcode";
import { HttpError } from "../http/http-error.ts";
import type { Person } from "../phone/person.ts";
import { publicKey } from "../phone/signal-bundle.ts";
import type { AccountIdentities } from "../state/account-identities.ts";
import { accountJid } from "../state/accounts.ts";
import { addressee } from "./verb.ts";

/** The safety number: libsignal's fingerprint, version 2, 5200 iterations, over both JIDs as UTF-8. */
export function safetyNumber(
  person: Person,
  identities: AccountIdentities,
  withWhom: string,
): { readonly digits: string; readonly scannable: Uint8Array } {
  const account = addressee(person, withWhom);
  const remoteJid = accountJid(account);
  const sessionIdentity = person.signal.identity(remoteJid);
  const uploaded = identities.get(account.id)?.identity;
  const remote = sessionIdentity ?? (uploaded === undefined ? undefined : publicKey(uploaded));
  if (!(remote instanceof PublicKey))
    throw new HttpError(409, "no-keys", "This user's app has uploaded no keys yet.");
  const local = person.signal.pair.publicKey;
  const name = (jid: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(jid));
  const made = Fingerprint.new(5200, 2, name(person.row.jid), local, name(remoteJid), remote);
  return {
    digits: made.displayableFingerprint().toString(),
    scannable: made.scannableFingerprint().toBuffer(),
  };
}

/** A picture (SVG) of the code that the other side's app scans. */
export function safetyCode(scannable: Uint8Array): Promise<string> {
  const segments = [{ data: new Uint8ClampedArray(scannable), mode: "byte" as const }];
  return draw(segments, { type: "svg", errorCorrectionLevel: "L", margin: 4 });
}
