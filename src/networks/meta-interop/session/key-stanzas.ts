import type { KeyUpload } from "../../../signal-protocol/prekey-supply.ts";
import type { PublicBundle, PublicPreKey, PublicSignedPreKey } from "../../../signal-protocol/public-keys.ts";
import { bytes, child, type Node, node } from "../wire/node.ts";

const CURVE25519 = 0x05;

/** The children of a bundle in `<iq xmlns="encrypt">` and in retry receipts (meta-interop reference 6.8). */
export function bundleNodes(bundle: PublicBundle): readonly Node[] {
  return [
    ...identityNodes(bundle.identity),
    ...(bundle.oneTime ? [keyNode("key", bundle.oneTime)] : []),
    keyNode("skey", bundle.signed),
    keyNode("kyber", bundle.kyber),
  ];
}

export function uploadNodes(
  own: { readonly registrationId: number; readonly identity: Uint8Array },
  { oneTime, kyber, lasting }: KeyUpload,
): readonly Node[] {
  return [
    registrationNode(own.registrationId),
    ...identityNodes(own.identity),
    ...(oneTime.length > 0
      ? [
          node(
            "list",
            {},
            oneTime.map((key) => keyNode("key", key)),
          ),
        ]
      : []),
    ...(lasting
      ? [keyNode("skey", lasting.signed), keyNode("kyber", lasting.lastResort, { last_resort: "true" })]
      : []),
    ...(kyber.length > 0
      ? [
          node(
            "kyberlist",
            {},
            kyber.map((key) => keyNode("kyber", key)),
          ),
        ]
      : []),
  ];
}

export function registrationNode(id: number): Node {
  return node("registration", {}, bigEndian(id, 4));
}

/** Reads `<type/><identity/>[<key/>]<skey/><kyber/>` of a parent; undefined where something is missing or odd. */
export function readBundle(parent: Node, registration: Node | undefined): PublicBundle | undefined {
  const type = valueOf(child(parent, "type"));
  const identity = valueOf(child(parent, "identity"));
  const registrationId = number(valueOf(registration));
  const signed = readSigned(child(parent, "skey"));
  const kyber = readSigned(child(parent, "kyber"));
  const key = child(parent, "key");
  const oneTime = key && readKey(key);
  if (type?.length !== 1 || type[0] !== CURVE25519 || identity?.length !== 32) return undefined;
  if (registrationId === undefined || !signed || !kyber || (key && !oneTime)) return undefined;
  return { registrationId, identity, signed, oneTime, kyber };
}

function identityNodes(identity: Uint8Array): readonly Node[] {
  return [node("type", {}, Uint8Array.of(CURVE25519)), node("identity", {}, identity)];
}

function keyNode(
  tag: string,
  key: PublicPreKey | PublicSignedPreKey,
  attrs: Readonly<Record<string, string>> = {},
): Node {
  const parts = [node("id", {}, bigEndian(key.id, 3)), node("value", {}, key.value)];
  return node(tag, attrs, "signature" in key ? [...parts, node("signature", {}, key.signature)] : parts);
}

function readKey(of: Node): PublicPreKey | undefined {
  const id = number(valueOf(child(of, "id")));
  const value = valueOf(child(of, "value"));
  return id === undefined || !value ? undefined : { id, value };
}

function readSigned(of: Node | undefined): PublicSignedPreKey | undefined {
  const key = of && readKey(of);
  const signature = of && valueOf(child(of, "signature"));
  return key && signature?.length === 64 ? { ...key, signature } : undefined;
}

function valueOf(of: Node | undefined): Uint8Array | undefined {
  return of && bytes(of);
}

function number(value: Uint8Array | undefined): number | undefined {
  if (!value || value.length === 0 || value.length > 4) return undefined;
  return value.reduce((sum, byte) => sum * 256 + byte, 0);
}

function bigEndian(value: number, width: number): Uint8Array {
  const out = Buffer.alloc(width);
  out.writeUIntBE(value, 0, width);
  return out;
}
