import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import {
  newEcPrekey,
  newIdentity,
  newKyberPrekey,
  newSignedPrekey,
} from "../../../src/sandbox/phone/person-keys.ts";
import { rawKey, signalBundle, signedBy } from "../../../src/sandbox/phone/signal-bundle.ts";
import {
  keyNodes,
  readBundle,
  readPrekey,
  readUint,
  uint,
} from "../../../src/sandbox/state/bundle-stanza.ts";

test("a bundle written is the bundle read, and libsignal takes it", () => {
  const { pair, registration } = newIdentity();
  const bundle = {
    registration,
    identity: rawKey(pair.publicKey),
    ec: newEcPrekey(3).public,
    signed: newSignedPrekey(4, pair).public,
    kyber: newKyberPrekey(5, "kyber", pair).public,
  };
  const read = readBundle(node("keys", {}, keyNodes(bundle)), registration);
  expect(read).toMatchObject({ registration, ec: { id: 3 }, signed: { id: 4 }, kyber: { id: 5 } });
  if (read === undefined) throw new Error("unread");
  expect(signalBundle(read).preKeyId()).toBe(3);
  expect(signedBy(bundle.identity, read.signed)).toBe(true);
  expect(signedBy(rawKey(newIdentity().pair.publicKey), read.signed)).toBe(false);
});

test("numbers keep their width", () => {
  fc.assert(fc.property(fc.nat(0xff_ff_ff), (n) => readUint(node("id", {}, uint(n, 3)), 3) === n));
  expect(readUint(node("id", {}, uint(1, 4)), 3)).toBeUndefined();
  expect(readUint(undefined, 3)).toBeUndefined();
});

test("no bytes make the reader throw", () => {
  const part = fc.option(fc.uint8Array({ maxLength: 80 }), { nil: undefined });
  fc.assert(
    fc.property(part, part, part, (id, value, signature) => {
      const parts = { id, value, signature };
      const content = Object.entries(parts).flatMap(([tag, bytes]) => (bytes ? [node(tag, {}, bytes)] : []));
      for (const kind of ["ec", "signed", "kyber", "last"] as const)
        readPrekey(node("key", {}, content), kind);
      readBundle(node("keys", {}, content), 1);
    }),
  );
});
