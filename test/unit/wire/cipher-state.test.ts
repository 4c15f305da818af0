import { createDecipheriv, randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CipherState } from "../../../src/networks/meta-interop/wire/noise/cipher-state.ts";
import { flipped, onlyWireErrors, reasonOf } from "./expect-wire-error.ts";

const key = randomBytes(32);
const both = (nonce = 0n) => ({ sender: new CipherState(key, nonce), receiver: new CipherState(key, nonce) });

describe("a cipher of a finished handshake", () => {
  test("opens what the other end sealed, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 500 })), fc.uint8Array(), (texts, ad) => {
        const { sender, receiver } = both();
        for (const text of texts)
          expect([...receiver.decrypt(sender.encrypt(text, ad), ad)]).toEqual([...text]);
      }),
    );
  });

  test("the nonce is four zero bytes and a 64-bit big-endian count", () => {
    const { sender } = both(0x0000_0001_ffff_ffffn);
    const sealed = [sender.encrypt(Buffer.from("a")), sender.encrypt(Buffer.from("b"))];
    const nonces = ["0000000000000001ffffffff", "000000000000000200000000"];
    for (const [i, nonce] of nonces.entries()) {
      const text = sealed[i] ?? new Uint8Array(0);
      const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "hex"));
      decipher.setAuthTag(text.subarray(1));
      expect(Buffer.concat([decipher.update(text.subarray(0, 1)), decipher.final()]).toString()).toBe(
        "ab"[i],
      );
    }
  });

  test("stops before the last nonce, which is never used", () => {
    const { sender, receiver } = both(0xffff_ffff_ffff_fffen);
    const last = sender.encrypt(Buffer.from("last"));
    expect(Buffer.from(receiver.decrypt(last)).toString()).toBe("last");
    expect(reasonOf(() => sender.encrypt(Buffer.from("one more")))).toBe("noise");
    expect(reasonOf(() => receiver.decrypt(last))).toBe("noise");
  });

  test("no nonce is used twice: a repeated or reordered ciphertext does not open", () => {
    const { sender, receiver } = both();
    const [first, second] = [sender.encrypt(Buffer.from("same")), sender.encrypt(Buffer.from("same"))];
    expect(first).not.toEqual(second);
    expect(reasonOf(() => receiver.decrypt(second))).toBe("noise");
    receiver.decrypt(first);
    expect(reasonOf(() => receiver.decrypt(first))).toBe("noise");
    expect(Buffer.from(receiver.decrypt(second)).toString()).toBe("same");
  });

  test("any changed bit, a cut tag, other associated data", () => {
    const sealed = both().sender.encrypt(Buffer.from("text"), Buffer.from("ad"));
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      expect(reasonOf(() => both().receiver.decrypt(flipped(sealed, bit), Buffer.from("ad")))).toBe("noise");
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(reasonOf(() => both().receiver.decrypt(sealed.subarray(0, length), Buffer.from("ad")))).toBe(
        "noise",
      );
    }
    expect(reasonOf(() => both().receiver.decrypt(sealed))).toBe("noise");
  });

  test("random bytes", () => {
    const { receiver } = both();
    fc.assert(fc.property(fc.uint8Array(), (noise) => onlyWireErrors(() => receiver.decrypt(noise))));
  });
});
