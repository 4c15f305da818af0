import { bytes, child, type Node, node } from "../../networks/meta-interop/wire/node.ts";
import type { Bundle, PrekeyKind, PublicPrekey } from "./held-prekeys.ts";

// The connector has code of its own for this, so that one mistake cannot be on both sides.

/** The type byte of Curve25519 keys; stanzas carry the keys without it and state it once, in `<type/>`. */
export const keyType = 0x05;

export function uint(value: number, width: number): Uint8Array {
  const out = Buffer.alloc(width);
  out.writeUIntBE(value, 0, width);
  return out;
}

/** An unsigned number in a stanza's bytes; undefined unless it is exactly `width` bytes. */
export function readUint(of: Node | undefined, width: number): number | undefined {
  const raw = of === undefined ? undefined : bytes(of);
  return raw?.length === width ? Buffer.from(raw).readUIntBE(0, width) : undefined;
}

function keyNode(tag: string, key: PublicPrekey): Node {
  return node(tag, {}, [
    node("id", {}, uint(key.id, 3)),
    node("value", {}, key.value),
    ...(key.signature === null ? [] : [node("signature", {}, key.signature)]),
  ]);
}

/** The children of `<user>` in a fetch, and of `<keys>` in a retry receipt without its registration. */
export function keyNodes(bundle: Omit<Bundle, "registration">): readonly Node[] {
  return [
    node("type", {}, uint(keyType, 1)),
    node("identity", {}, bundle.identity),
    ...(bundle.ec === undefined ? [] : [keyNode("key", bundle.ec)]),
    keyNode("skey", bundle.signed),
    keyNode("kyber", bundle.kyber),
  ];
}

export const registrationNode = (registration: number): Node =>
  node("registration", {}, uint(registration, 4));

const valueLength: Record<PrekeyKind, number> = { ec: 32, signed: 32, kyber: 1569, last: 1569 };

/** A prekey of a stanza, checked for its lengths; undefined when it is malformed. */
export function readPrekey(of: Node, kind: PrekeyKind): PublicPrekey | undefined {
  const id = readUint(child(of, "id"), 3);
  const valueNode = child(of, "value");
  const signatureNode = child(of, "signature");
  const value = valueNode && bytes(valueNode);
  const signature = (signatureNode && bytes(signatureNode)) ?? null;
  if (id === undefined || value?.length !== valueLength[kind]) return undefined;
  if (kind === "ec" ? signature !== null : signature?.length !== 64) return undefined;
  return { kind, id, value: Uint8Array.from(value), signature: signature && Uint8Array.from(signature) };
}

/** The identity key, checked against the stated type. */
export function readIdentity(of: Node): Uint8Array | undefined {
  const identityNode = child(of, "identity");
  const identity = identityNode && bytes(identityNode);
  if (readUint(child(of, "type"), 1) !== keyType || identity?.length !== 32) return undefined;
  return Uint8Array.from(identity);
}

/** The bundle within `<keys>` of a retry receipt, whose registration stands beside it. */
export function readBundle(keys: Node, registration: number): Bundle | undefined {
  const identity = readIdentity(keys);
  const read = (tag: string, kind: PrekeyKind): PublicPrekey | undefined => {
    const found = child(keys, tag);
    return found && readPrekey(found, kind);
  };
  const signed = read("skey", "signed");
  const kyber = read("kyber", "kyber");
  if (identity === undefined || signed === undefined || kyber === undefined) return undefined;
  return { registration, identity, signed, kyber, ec: read("key", "ec") };
}
