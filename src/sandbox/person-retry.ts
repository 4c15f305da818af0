import { type Node, node } from "../networks/meta-interop/wire/node.ts";
import { keyNodes, registrationNode } from "./bundle-stanza.ts";
import type { Person } from "./person.ts";
import { newEcPrekey, newKyberPrekey, newSignedPrekey } from "./person-keys.ts";
import { rawKey } from "./signal-bundle.ts";

/** Prekey ids of retries are counted from here, apart from those that the gatekeeper hands out. */
const retryIds = 0x80_00_00;

/**
 * The children of a retry receipt, with fresh keys by which the sender can start a new session. `store`, inside the
 * commit that posts the receipt, keeps the private halves.
 */
export function retryKeys(person: Person, id: string, count: number, t: string | undefined) {
  const { table, signal } = person.parts;
  const { pair, registration } = person.signal;
  const first = retryIds + (table.reservePrekeys(person.id, 1) & 0x7f_ff_ff);
  const keys = [
    newEcPrekey(first),
    newSignedPrekey(first, pair),
    newKyberPrekey(first, "kyber", pair),
  ] as const;
  const [ec, signed, kyber] = keys;
  const identity = rawKey(pair.publicKey);
  const bundle = { identity, ec: ec.public, signed: signed.public, kyber: kyber.public };
  const children: readonly Node[] = [
    node("retry", { count: String(count), id, t, v: "1" }),
    registrationNode(registration),
    node("keys", {}, keyNodes(bundle)),
  ];
  const store = (): void => {
    for (const { kind, id: keyId, record } of keys) signal.savePrekey(person.id, kind, keyId, record);
  };
  return { children, store };
}
