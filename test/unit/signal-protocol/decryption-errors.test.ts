import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { DecryptionErrorMessage } from "@signalapp/libsignal-client";
import {
  decryptionErrorFor,
  plaintextBody,
  readDecryptionError,
} from "../../../src/signal-protocol/decryption-errors.ts";
import { sayIsOurs, saysIsTheirs } from "../../../src/signal-protocol/linked-identities.ts";
import type { SignalAccount } from "../../../src/signal-protocol/signal-account.ts";
import { openStore } from "../../../src/store/open.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { SignalDevice } from "../../kit/signal-device.ts";
import { OwnSignal } from "../../kit/signal-own.ts";

const US = { name: "9d0652a3-dcc3-4d11-975f-74d61598733f", device: 2 };
const ANA = "796abedb-ca4e-4f18-8803-1fde5b921f9f";

let own: OwnSignal;
let signal: SignalAccount;
let ana: SignalDevice;

beforeEach(async () => {
  own = new OwnSignal(openStore({ path: ":memory:", log: quietLog }));
  signal = await own.account("aci", US);
  ana = new SignalDevice({ name: ANA, device: 1 });
  await own.work(signal, [ANA], (work) => signal.start(work, ana.address, ana.bundle()));
});
afterEach(async () => own.store[Symbol.asyncDispose]());

const sealed = (text: string) =>
  own.work(signal, [ANA], async (work) => {
    const message = await signal.encrypt(work, ana.address, Buffer.from(text));
    if (!message) throw new Error("no session");
    return message;
  });

/** The body, without the padding that libsignal adds, is `Content` with the error in its eighth field. */
const errorIn = (plaintext: Uint8Array | undefined) => {
  const body = plaintext && plaintextBody(plaintext);
  if (!body) throw new Error("no plaintext content");
  return DecryptionErrorMessage.extractFromSerializedBody(Uint8Array.from(body)).serialize();
};

describe("what could not be decrypted", () => {
  test("is named by its time, its sender's device and the session that its sender used", async () => {
    const message = await sealed("lost");
    const request = decryptionErrorFor({ ...message, timestamp: 1_700_000_000_123, device: 2 });
    const error = readDecryptionError(errorIn(request));
    if (!error?.ratchetKey) throw new Error("no error with a ratchet key");
    expect(error).toMatchObject({ timestamp: 1_700_000_000_123, device: 2 });
    const { ratchetKey } = error;
    const current = () =>
      own.work(signal, [ANA], (work) => signal.isCurrentRatchet(work, ana.address, ratchetKey));
    expect(await current()).toBe(true);
    await own.work(signal, [ANA], (work) => signal.archive(work, ana.address));
    await own.work(signal, [ANA], (work) => signal.start(work, ana.address, ana.bundle()));
    expect(await current()).toBe(false);
  });

  test("cannot be named where it is garbage, and garbage names nothing", async () => {
    const garbage = { type: "msg", bytes: Uint8Array.of(1, 2, 3), timestamp: 1, device: 1 } as const;
    expect(decryptionErrorFor(garbage)).toBeUndefined();
    expect(readDecryptionError(Uint8Array.of(1, 2, 3))).toBeUndefined();
    expect(plaintextBody(Uint8Array.of(1, 2, 3))).toBeUndefined();
    const nothing = await own.work(signal, [ANA], (work) =>
      signal.isCurrentRatchet(work, ana.address, Uint8Array.of(1)),
    );
    expect(nothing).toBe(false);
  });

  test("comes from a device whose registration the session knows", async () => {
    const { registrationId } = ana.bundle();
    const known = (device: number) =>
      own.work(signal, [ANA], (work) => signal.registration(work, { name: ANA, device }));
    expect(await known(1)).toBe(registrationId);
    expect(await known(7)).toBeUndefined();
  });
});

test("a number says which account is its own, and nobody else can say it", async () => {
  const number = await own.account("pni", { name: `PNI:${US.name}`, device: 2 });
  const signature = sayIsOurs(number.own, signal.own);
  const { publicKey } = number.own.identity;
  expect(saysIsTheirs(publicKey, signal.own.identity.publicKey, signature)).toBe(true);
  expect(saysIsTheirs(signal.own.identity.publicKey, publicKey, signature)).toBe(false);
  expect(saysIsTheirs(publicKey, publicKey, signature)).toBe(false);
  expect(saysIsTheirs(publicKey, signal.own.identity.publicKey, Uint8Array.of(1))).toBe(false);
});
