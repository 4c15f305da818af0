import { describe, expect, test } from "@jest/globals";
import { agree, generateKeyPair, keyPairOf } from "../../../src/networks/meta-interop/wire/noise/x25519.ts";
import { reasonOf } from "./expect-wire-error.ts";

const raw = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const alicePrivate = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
const bobPrivate = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

/** Points of low order and their forms outside the field: whatever the private key, the secret is zero. */
const lowOrder = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

describe("X25519", () => {
  test("the published key agreement of RFC 7748, 6.1", () => {
    const alice = keyPairOf(raw(alicePrivate));
    const bob = keyPairOf(raw(bobPrivate));
    expect(hex(alice.publicKey)).toBe("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    expect(hex(bob.publicKey)).toBe("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    expect(hex(agree(alice.privateKey, bob.publicKey))).toBe(shared);
    expect(hex(agree(bob.privateKey, alice.publicKey))).toBe(shared);
  });

  test.each(lowOrder)("an all-zero secret is refused: %s", (point) => {
    expect(reasonOf(() => agree(generateKeyPair().privateKey, raw(point)))).toBe("noise");
  });

  test("keys of another length are refused", () => {
    const { privateKey } = generateKeyPair();
    expect(reasonOf(() => agree(privateKey, new Uint8Array(31).fill(9)))).toBe("noise");
    expect(reasonOf(() => agree(privateKey, new Uint8Array(33).fill(9)))).toBe("noise");
    expect(reasonOf(() => keyPairOf(new Uint8Array(31)))).toBe("noise");
  });
});
