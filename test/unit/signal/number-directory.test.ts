import { describe, expect, test } from "@jest/globals";
import { ErrorCode, Net } from "@signalapp/libsignal-client";
import type { BridgeError } from "../../../src/core/model/errors.ts";
import type { Requesting } from "../../../src/networks/signal/service/json-requests.ts";
import { type Enclave, NumberDirectory } from "../../../src/networks/signal/service/number-directory.ts";

const NUMBER = "+4915112345678";
const ACI = "11111111-2222-4333-8444-555555555555";
const PNI = "22222222-2222-4222-8222-222222222222";

const answering = (status: number, body: unknown, headers: [string, string][] = []): Requesting => ({
  fetch: async () => ({
    status,
    message: "",
    headers,
    body: Uint8Array.from(Buffer.from(JSON.stringify(body))),
  }),
});
const withPass = answering(200, { username: "u", password: "p" });
const listing = (entry: { aci?: string; pni?: string }): Enclave => ({
  cdsiLookup: async () => ({
    entries: new Map([[NUMBER, { aci: entry.aci, pni: entry.pni }]]),
    debugPermitsUsed: 1,
  }),
});
const failing = (error: unknown): Enclave => ({
  cdsiLookup: async () => {
    throw error;
  },
});
/** As libsignal's native side makes them. */
const native = (code: number, fields: object = {}) =>
  Object.assign(new Error("of libsignal's"), { operation: "CdsiLookup_new", code, ...fields });
/** Where nothing listens. */
const nowhere = new Net.Net({
  localTestServer: true,
  userAgent: "a test",
  TESTING_localServer_chatPort: 1,
  TESTING_localServer_cdsiPort: 1,
  TESTING_localServer_svr2Port: 1,
  TESTING_localServer_svrBPort: 1,
  TESTING_localServer_rootCertificateDer: new Uint8Array(),
});

const find = (connection: Requesting, enclave: Enclave) =>
  new NumberDirectory({ connection: async () => connection, enclave: () => enclave }).find(NUMBER, []);

describe("a look-up in Signal's directory of numbers", () => {
  test.each([
    ["an account", { aci: ACI, pni: PNI }, { aci: ACI, pni: `PNI:${PNI}` }],
    ["a number's identity", { pni: PNI }, { pni: `PNI:${PNI}` }],
    ["a number's identity with its kind before it", { pni: `PNI:${PNI}` }, { pni: `PNI:${PNI}` }],
    ["nobody", {}, "none"],
  ])("answers %s", async (_, entry, expected) => {
    expect(await find(withPass, listing(entry))).toEqual(expected);
  });

  test("asks no enclave where the server has no directory", async () => {
    expect(await find(answering(404, {}), failing(new Error("asked")))).toBe("no-directory");
  });

  test.each<[string, Requesting, Enclave, RegExp, number | undefined]>([
    [
      "too many passes",
      answering(429, {}, [["retry-after", "90"]]),
      listing({}),
      /in 1 minute and 30 seconds/,
      90_000,
    ],
    [
      "too many numbers",
      withPass,
      failing(native(ErrorCode.RateLimitedError, { retryAfterSecs: 7_200 })),
      /in 2 hours/,
      7_200_000,
    ],
    ["too many, without a time", answering(429, {}), listing({}), /in an hour or more/, undefined],
    ["no pass for this device", answering(401, {}), listing({}), /did not let this bridge/, undefined],
    [
      "a pass that is not taken",
      withPass,
      failing(native(ErrorCode.CdsiInvalidToken)),
      /did not let this bridge/,
      undefined,
    ],
    ["a pass of another shape", answering(200, { token: "x" }), listing({}), /cannot be reached/, undefined],
    [
      "an enclave that is not what it should be",
      withPass,
      failing(new Error("attestation")),
      /cannot be reached/,
      undefined,
    ],
    ["nobody who listens", withPass, nowhere, /cannot be reached/, undefined],
  ])("says what to do about %s", async (_, connection, enclave, words, retryAfter) => {
    const failure = (await find(connection, enclave).catch((error: unknown) => error)) as BridgeError;
    expect(failure).toMatchObject({ reason: "remote-unreachable", retryAfter });
    expect(failure.words).toMatch(words);
    expect(failure.words).toContain("username");
    expect(failure.words).not.toContain(NUMBER);
  });
});
