import { PrivateKey } from "@signalapp/libsignal-client";
import { issueChain } from "../../networks/meta-interop/wire/noise/certificate.ts";
import { generateKeyPair, type KeyPair } from "../../networks/meta-interop/wire/noise/x25519.ts";
import { rawKey } from "../phone/signal-bundle.ts";
import type { Db } from "../state/database.ts";
import { madeOnce } from "../state/meta.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** The root key, stored once and pinned by clients, and this process's static Noise key, certified under it. */
export function serverIdentity(db: Db) {
  const root = madeOnce(db, "root_key", () => PrivateKey.generate().serialize());
  const rootPublic = rawKey(PrivateKey.deserialize(Uint8Array.from(root)).getPublicKey());
  const pair: KeyPair = generateKeyPair();
  let chain: Uint8Array | undefined;
  let issuedAt = 0;
  return {
    static: pair,
    /** Raw public key, base64. */
    rootKey: Buffer.from(rootPublic).toString("base64"),
    /** The certificate chain; issued again when the clock is an hour away from the last issue, before or after. */
    chain(): Uint8Array {
      const now = Date.now();
      if (chain === undefined || Math.abs(now - issuedAt) > hour) {
        const [notBefore, notAfter] = [new Date(now - day), new Date(now + 30 * day)];
        chain = issueChain({ rootKey: root, serverStatic: pair.publicKey, notBefore, notAfter });
        issuedAt = now;
      }
      return chain;
    },
  };
}
