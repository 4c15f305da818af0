import { create, equals, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { PrivateKey } from "@signalapp/libsignal-client";
import {
  CertChainSchema,
  CertChain_NoiseCertificate_DetailsSchema as DetailsSchema,
} from "../../../src/networks/meta-interop/wire/gen/handshake_pb.js";
import { issueChain, verifyChain } from "../../../src/networks/meta-interop/wire/noise/certificate.ts";
import { generateKeyPair, type KeyPair } from "../../../src/networks/meta-interop/wire/noise/x25519.ts";
import { flipped, reasonOf } from "./expect-wire-error.ts";

const [root, middle, server, stranger] = [
  generateKeyPair(),
  generateKeyPair(),
  generateKeyPair(),
  generateKeyPair(),
];
const day = 86_400_000;
const now = new Date("2026-11-21T12:00:00Z");
const from = new Date(now.getTime() - day);
const until = new Date(now.getTime() + day);

const verify = (
  chain: Uint8Array,
  changed: { rootKey?: Uint8Array; serverStatic?: Uint8Array; now?: Date } = {},
) => verifyChain(chain, { rootKey: root.publicKey, serverStatic: server.publicKey, now, ...changed });
const good = issueChain({
  rootKey: root.privateKey,
  serverStatic: server.publicKey,
  notBefore: from,
  notAfter: until,
});

type Details = Exclude<MessageInitShape<typeof DetailsSchema>, { $typeName: string }>;
const seconds = (date: Date): bigint => BigInt(Math.floor(date.getTime() / 1000));
const validity = { notBefore: seconds(from), notAfter: seconds(until) };

function signed(issuer: KeyPair, fields: Details) {
  const details = toBinary(DetailsSchema, create(DetailsSchema, { ...validity, ...fields }));
  return { details, signature: PrivateKey.deserialize(new Uint8Array(issuer.privateKey)).sign(details) };
}

/** A chain made by hand that is right but for what is given. */
function chain(wrong: {
  leaf?: Details;
  intermediate?: Details;
  leafIssuer?: KeyPair;
  rootIssuer?: KeyPair;
}): Uint8Array {
  const intermediate = { serial: 1, issuerSerial: 0, key: middle.publicKey, ...wrong.intermediate };
  const leaf = { serial: 2, issuerSerial: 1, key: server.publicKey, ...wrong.leaf };
  const fields = {
    intermediate: signed(wrong.rootIssuer ?? root, intermediate),
    leaf: signed(wrong.leafIssuer ?? middle, leaf),
  };
  return toBinary(CertChainSchema, create(CertChainSchema, fields));
}

describe("the certificate chain of the server's static key", () => {
  test("a chain that we issue, and one made by hand, are accepted, to the second", () => {
    verify(good);
    verify(chain({}));
    verify(good, { now: from });
    verify(good, { now: until });
  });

  test.each<[string, Uint8Array]>([
    ["an intermediate signed by another root", chain({ rootIssuer: stranger })],
    ["a leaf signed by another key than the intermediate's", chain({ leafIssuer: stranger })],
    ["a leaf signed by the root directly", chain({ leafIssuer: root })],
    ["a leaf for another key than the handshake's", chain({ leaf: { key: stranger.publicKey } })],
    ["a leaf without a key", chain({ leaf: { key: new Uint8Array(0) } })],
    ["an intermediate with a longer key", chain({ intermediate: { key: new Uint8Array(33).fill(5) } })],
    ["an expired leaf", chain({ leaf: { notAfter: seconds(now) - 1n } })],
    ["an expired intermediate", chain({ intermediate: { notAfter: seconds(now) - 1n } })],
    ["a leaf that is not valid yet", chain({ leaf: { notBefore: seconds(now) + 1n } })],
    ["an intermediate that is not valid yet", chain({ intermediate: { notBefore: seconds(now) + 1n } })],
    ["an intermediate of another issuer", chain({ intermediate: { issuerSerial: 7 } })],
    ["a leaf of another issuer", chain({ leaf: { issuerSerial: 0 } })],
    ["nothing", new Uint8Array(0)],
  ])("%s is refused", (_, bad) => {
    expect(reasonOf(() => verify(bad))).toBe("certificate");
  });

  test("another pinned root, another server, another time", () => {
    expect(reasonOf(() => verify(good, { rootKey: stranger.publicKey }))).toBe("certificate");
    expect(reasonOf(() => verify(good, { rootKey: new Uint8Array(0) }))).toBe("certificate");
    expect(reasonOf(() => verify(good, { serverStatic: stranger.publicKey }))).toBe("certificate");
    expect(reasonOf(() => verify(good, { now: new Date(from.getTime() - 1000) }))).toBe("certificate");
    expect(reasonOf(() => verify(good, { now: new Date(until.getTime() + 1000) }))).toBe("certificate");
  });

  test("a missing certificate or signature", () => {
    const whole = fromBinary(CertChainSchema, good);
    const without = (fields: MessageInitShape<typeof CertChainSchema>) =>
      toBinary(CertChainSchema, create(CertChainSchema, fields));
    const { leaf, intermediate } = whole;
    if (leaf === undefined || intermediate === undefined) throw new Error("the chain is not whole");
    expect(reasonOf(() => verify(without({ leaf })))).toBe("certificate");
    expect(reasonOf(() => verify(without({ intermediate })))).toBe("certificate");
    const unsigned = { ...leaf, signature: new Uint8Array(0) };
    expect(reasonOf(() => verify(without({ intermediate, leaf: unsigned })))).toBe("certificate");
  });

  test("cut anywhere", () => {
    for (let length = 0; length < good.length; length += 1) {
      expect(reasonOf(() => verify(good.subarray(0, length)))).toBe("certificate");
    }
  });

  test("any bit changed: refused, unless the certificates still read the same", () => {
    const same = (changed: Uint8Array): boolean =>
      equals(CertChainSchema, fromBinary(CertChainSchema, changed), fromBinary(CertChainSchema, good));
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const changed = flipped(good, bit);
      try {
        verify(changed);
        expect(same(changed)).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ reason: "certificate" });
      }
    }
  });
});
