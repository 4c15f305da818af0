import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { keyNodes, registrationNode } from "../state/bundle-stanza.ts";
import type { Person } from "./person.ts";
import { newEcPrekey, newKyberPrekey, newSignedPrekey } from "./person-keys.ts";
import { rawKey } from "./signal-bundle.ts";

/** The first prekey id of retries, above those that the gatekeeper hands out. */
const retryIds = 0x80_00_00;

/**
 * The children of a retry receipt, with fresh keys by which the sender can start a new session. Stores the private keys:
 * call it inside the commit that posts the receipt.
 */
export function retryKeys(person: Person, id: string, count: number, t: string | undefined): readonly Node[] {
  const { personTable, signal } = person.parts;
  const { pair, registration } = person.signal;
  const first = retryIds + (personTable.reservePrekeys(person.id, 1) & 0x7f_ff_ff);
  const ec = newEcPrekey(first);
  const signed = newSignedPrekey(first, pair);
  const kyber = newKyberPrekey(first, "kyber", pair);
  for (const key of [ec, signed, kyber]) signal.savePrekey(person.id, key.kind, key.id, key.record);
  const identity = rawKey(pair.publicKey);
  const bundle = { identity, ec: ec.public, signed: signed.public, kyber: kyber.public };
  return [
    node("retry", { count: String(count), id, t, v: "1" }),
    registrationNode(registration),
    node("keys", {}, keyNodes(bundle)),
  ];
}
