import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeEnvelope } from "../../../../src/networks/signal/wire/envelope.ts";
import { uuidBytes } from "../../../../src/networks/signal/wire/service-id.ts";
import { onlyWireErrors, reasonOf } from "./expect-wire-error.ts";
import { signalservice } from "./mock-protos.ts";

const sender = "0f0e1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b";
const ours = "ffffffff-0000-4000-8000-000000000001";
type Params = Parameters<typeof signalservice.Envelope.encode>[0];

/** Types as numbers, whether there is one or not. */
const encoded = (
  fields: { readonly [K in keyof Params]?: K extends "type" ? number : Params[K] },
): Uint8Array => signalservice.Envelope.encode(fields as unknown as Params);

describe("envelopes", () => {
  const fields = {
    type: 1,
    clientTimestamp: 1_700_000_000_000n,
    serverTimestamp: 1_700_000_000_100n,
    sourceDeviceId: 2,
    destinationServiceId: `PNI:${ours}`,
    content: Uint8Array.of(1, 2),
    urgent: true,
  };
  const read = {
    type: "ratchet",
    timestamp: 1_700_000_000_000,
    serverTimestamp: 1_700_000_000_100,
    source: sender,
    sourceDevice: 2,
    destination: `PNI:${ours}`,
    content: Uint8Array.of(1, 2),
    story: false,
    urgent: true,
  };

  test("are read with a sender as text or as bytes", () => {
    expect(decodeEnvelope(encoded({ ...fields, sourceServiceId: sender }))).toEqual(read);
    expect(decodeEnvelope(encoded({ ...fields, sourceServiceIdBinary: uuidBytes(sender) }))).toEqual(read);
  });

  test.each([
    [1, "ratchet"],
    [3, "prekey"],
    [5, "receipt"],
    [6, "sealed"],
    [8, "plaintext"],
    [0, "unknown"],
    [2, "unknown"],
    [77, "unknown"],
  ])("type %d is %s", (type, kind) => {
    expect(decodeEnvelope(encoded({ ...fields, type })).type).toBe(kind);
  });

  test("have no sender where it is sealed", () => {
    const sealed = decodeEnvelope(encoded({ type: 6, clientTimestamp: 1n }));
    expect([sealed.source, sealed.sourceDevice, sealed.serverTimestamp]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each([0n, 8_640_000_000_000_001n, 0xffff_ffff_ffff_ffffn])(
    "with %d as the time are refused",
    (clientTimestamp) => {
      expect(reasonOf(() => decodeEnvelope(encoded({ ...fields, clientTimestamp })))).toBe("malformed");
    },
  );

  test("longer than any of Signal's are refused", () => {
    const content = new Uint8Array(400_000);
    expect(reasonOf(() => decodeEnvelope(encoded({ ...fields, content })))).toBe("too-long");
  });

  test("cut, changed or random bytes are refused, or say something", () => {
    const whole = encoded({ ...fields, sourceServiceId: sender, serverGuid: ours, story: true });
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        onlyWireErrors(() => decodeEnvelope(whole.subarray(0, at)));
        onlyWireErrors(() => decodeEnvelope(whole.map((before, index) => (index === at ? byte : before))));
      }),
      { numRuns: 300 },
    );
    fc.assert(fc.property(fc.uint8Array(), (noise) => onlyWireErrors(() => decodeEnvelope(noise))));
  });
});
