import { createRequire } from "node:module";
import { describe, expect, test } from "@jest/globals";
import { IdentityKeyPair, PrivateKey, type PublicKey } from "@signalapp/libsignal-client";
import fc from "fast-check";
import { sealDeviceName } from "../../../../src/networks/signal/wire/device-name.ts";
import { decodeProvision } from "../../../../src/networks/signal/wire/provisioning.ts";
import { openDeviceName } from "../../../kit/signal/open-device-name.ts";
import { onlyWireErrors, reasonOf } from "./expect-wire-error.ts";
import { signalservice } from "./mock-protos.ts";

/** The mock's own encryption, as a phone's. */
const { encryptProvisionMessage } = createRequire(import.meta.url)(
  "@signalapp/mock-server/src/crypto.js",
) as {
  readonly encryptProvisionMessage: (
    message: Uint8Array,
    key: PublicKey,
  ) => { readonly body: Uint8Array<ArrayBuffer>; readonly ephemeralKey: Uint8Array<ArrayBuffer> };
};

const own = PrivateKey.generate();
const identity = { aci: IdentityKeyPair.generate(), pni: IdentityKeyPair.generate() };
const uuid = { aci: "0f0e1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b", pni: "ffffffff-0000-4000-8000-000000000001" };
const binary = (id: string) => Uint8Array.from(Buffer.from(id.replaceAll("-", ""), "hex"));

const message = {
  aciIdentityKeyPublic: identity.aci.publicKey.serialize(),
  aciIdentityKeyPrivate: identity.aci.privateKey.serialize(),
  pniIdentityKeyPublic: identity.pni.publicKey.serialize(),
  pniIdentityKeyPrivate: identity.pni.privateKey.serialize(),
  number: "+31612345678",
  provisioningCode: "code",
  userAgent: "OWA",
  profileKey: new Uint8Array(32).fill(7),
  readReceipts: true,
  provisioningVersion: 1,
  masterKey: new Uint8Array(32).fill(8),
  ephemeralBackupKey: null,
  accountEntropyPool: "a".repeat(64),
  mediaRootBackupKey: new Uint8Array(32).fill(9),
  aciBinary: binary(uuid.aci),
  pniBinary: binary(uuid.pni),
  authCredentialSalt: null,
};

function envelope(changed: Partial<{ [K in keyof typeof message]: unknown }> = {}, key = own): Uint8Array {
  const fields = { ...message, ...changed } as typeof message;
  const { body, ephemeralKey } = encryptProvisionMessage(
    signalservice.ProvisionMessage.encode(fields),
    key.getPublicKey(),
  );
  return signalservice.ProvisionEnvelope.encode({ publicKey: ephemeralKey, body });
}

describe("what a phone gives to the device it links", () => {
  test("is read as the mock's phone encrypts it", () => {
    expect(decodeProvision(envelope(), own.serialize())).toEqual({
      aci: uuid.aci,
      aciIdentity: { publicKey: message.aciIdentityKeyPublic, privateKey: message.aciIdentityKeyPrivate },
      pni: {
        id: `PNI:${uuid.pni}`,
        identity: { publicKey: message.pniIdentityKeyPublic, privateKey: message.pniIdentityKeyPrivate },
      },
      number: "+31612345678",
      code: "code",
      profileKey: message.profileKey,
      readReceipts: true,
      masterKey: message.masterKey,
      accountEntropyPool: message.accountEntropyPool,
      mediaRootBackupKey: message.mediaRootBackupKey,
    });
  });

  test("needs neither a number, nor a word on read receipts, nor the keys of what the account stores", () => {
    const bare = {
      number: null,
      readReceipts: null,
      masterKey: null,
      accountEntropyPool: null,
      mediaRootBackupKey: null,
    };
    const read = decodeProvision(envelope(bare), own.serialize());
    for (const field of ["number", "masterKey", "accountEntropyPool", "mediaRootBackupKey"])
      expect(read).not.toHaveProperty(field);
    expect(read.readReceipts).toBeUndefined();
  });

  test("names no number's identity for an account without a number, and what stands for it towards groups", () => {
    const numberless = {
      number: null,
      pniBinary: null,
      pniIdentityKeyPublic: null,
      pniIdentityKeyPrivate: null,
      authCredentialSalt: new Uint8Array(16).fill(4),
    };
    const read = decodeProvision(envelope(numberless), own.serialize());
    expect(read).not.toHaveProperty("pni");
    expect(read.authCredentialSalt).toEqual(numberless.authCredentialSalt);
    for (const field of ["number", "pniBinary", "pniIdentityKeyPublic", "pniIdentityKeyPrivate"] as const) {
      const half = { ...numberless, [field]: message[field] };
      expect(reasonOf(() => decodeProvision(envelope(half), own.serialize()))).toBe("malformed");
    }
  });

  test("for another key proves nothing", () => {
    expect(reasonOf(() => decodeProvision(envelope({}, PrivateKey.generate()), own.serialize()))).toBe(
      "unproved",
    );
  });

  test.each([
    "aciBinary",
    "pniBinary",
    "profileKey",
    "provisioningCode",
    "aciIdentityKeyPrivate",
    "pniIdentityKeyPublic",
  ])("without %s is malformed", (field) => {
    expect(reasonOf(() => decodeProvision(envelope({ [field]: null }), own.serialize()))).toBe("malformed");
  });

  test("cut, changed or random bytes are refused, and nothing else is thrown", () => {
    const whole = envelope();
    const key = own.serialize();
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
        onlyWireErrors(() => decodeProvision(whole.subarray(0, at), key));
        const changed = whole.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte));
        onlyWireErrors(() => decodeProvision(changed, key));
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (noise) => onlyWireErrors(() => decodeProvision(noise, key))));
  });
});

describe("a device's name", () => {
  const { publicKey, privateKey } = identity.aci;
  test("is read by the account's other devices, and by no other account's", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        const sealed = sealDeviceName(name, publicKey.serialize());
        expect(openDeviceName(sealed, privateKey.serialize())).toBe(name.toWellFormed());
        expect(openDeviceName(sealed, identity.pni.privateKey.serialize())).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  test("cannot be read as it is, and is another each time", () => {
    const sealed = sealDeviceName("Matrix", publicKey.serialize());
    expect(Buffer.from(sealed).includes("Matrix")).toBe(false);
    expect(sealDeviceName("Matrix", publicKey.serialize())).not.toEqual(sealed);
  });
});
