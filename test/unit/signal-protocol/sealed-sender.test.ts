import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ContentHint, PrivateKey, SenderCertificate, ServerCertificate } from "@signalapp/libsignal-client";
import { newIdentity } from "../../../src/sandbox/phone/person-keys.ts";
import { sealFor, unseal } from "../../../src/signal-protocol/sealed-sender.ts";
import type { SignalAccount } from "../../../src/signal-protocol/signal-account.ts";
import { openStore } from "../../../src/store/open.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { SignalDevice } from "../../kit/signal-device.ts";
import { OwnSignal } from "../../kit/signal-own.ts";

const US = { name: "9d0652a3-dcc3-4d11-975f-74d61598733f", device: 2 };
const ANA = { name: "796abedb-ca4e-4f18-8803-1fde5b921f9f", device: 3 };
const EXPIRES = 1_900_000_000_000;

let ours: OwnSignal;
let theirs: OwnSignal;
let us: SignalAccount;
let ana: SignalAccount;

beforeEach(async () => {
  ours = new OwnSignal(openStore({ path: ":memory:", log: quietLog }));
  theirs = new OwnSignal(openStore({ path: ":memory:", log: quietLog }));
  us = await ours.account("aci", US);
  ana = await theirs.account("aci", ANA);
  const bundle = await ours.bundle("aci", us);
  await theirs.work(ana, [US.name], (work) => ana.start(work, US, bundle));
});
afterEach(async () => {
  await ours.store[Symbol.asyncDispose]();
  await theirs.store[Symbol.asyncDispose]();
});

/** A server's keys, and the certificate that it gives to a device. */
function authority() {
  const root = PrivateKey.generate();
  const server = PrivateKey.generate();
  const certificate = ServerCertificate.new(1, server.getPublicKey(), root);
  return {
    root: root.getPublicKey(),
    certifies: (who: SignalAccount, { name, device }: typeof ANA, expires = EXPIRES) =>
      SenderCertificate.new(name, null, device, who.own.identity.publicKey, expires, certificate, server),
  };
}

const sealed = (text: string, certificate: SenderCertificate, hint: ContentHint = ContentHint.Resendable) =>
  theirs.work(ana, [US.name], async (work) => {
    const message = await ana.encrypt(work, US, Buffer.from(text));
    if (!message) throw new Error("no session");
    return sealFor(work, US, message.message, { certificate, hint });
  });

describe("a sealed message", () => {
  test("names its sender's device by the certificate, and is decrypted as that device's", async () => {
    const signal = authority();
    const bytes = await sealed("hello", signal.certifies(ana, ANA));
    const unsealed = await unseal(us.own, bytes, {
      trustRoots: [authority().root, signal.root],
      at: EXPIRES,
    });
    if (unsealed.kind !== "unsealed") throw new Error(unsealed.reason);
    expect(unsealed).toMatchObject({ sender: ANA, type: "pkmsg", hint: "resendable", group: undefined });
    const message = { type: "pkmsg", bytes: unsealed.bytes } as const;
    const read = await ours.work(us, [ANA.name], (work) => us.decrypt(work, unsealed.sender, message));
    expect(read.kind === "plaintext" && Buffer.from(read.bytes).toString()).toBe("hello");
  });

  test("is refused where its certificate has expired when the server took it, or is of another root", async () => {
    const signal = authority();
    const bytes = await sealed("hello", signal.certifies(ana, ANA));
    const late = { trustRoots: [signal.root], at: EXPIRES + 1 };
    expect(await unseal(us.own, bytes, late)).toMatchObject({ kind: "refused" });
    const foreign = { trustRoots: [authority().root], at: EXPIRES };
    expect(await unseal(us.own, bytes, foreign)).toMatchObject({ kind: "refused" });
    expect(await unseal(us.own, bytes, { trustRoots: [], at: EXPIRES })).toMatchObject({ kind: "refused" });
  });

  test("cannot be made in another's name: the certificate's key is what the outer layer is made with", async () => {
    const signal = authority();
    const victim = new SignalDevice(
      { name: "00000000-0000-4000-8000-000000000001", device: 1 },
      newIdentity(),
    );
    const stolen = SenderCertificate.new(
      victim.address.name,
      null,
      1,
      PrivateKey.generate().getPublicKey(),
      EXPIRES,
      signal.certifies(ana, ANA).serverCertificate(),
      PrivateKey.generate(),
    );
    const bytes = await sealed("it is me", stolen);
    const roots = { trustRoots: [signal.root], at: EXPIRES };
    expect(await unseal(us.own, bytes, roots)).toMatchObject({ kind: "refused" });
  });

  test("is refused as a whole where it is garbage or for somebody else", async () => {
    const signal = authority();
    const roots = { trustRoots: [signal.root], at: EXPIRES };
    for (const bytes of [new Uint8Array(), Uint8Array.of(0x11), new Uint8Array(500).fill(0x22)])
      expect(await unseal(us.own, bytes, roots)).toMatchObject({ kind: "refused" });
    const bytes = await sealed("hello", signal.certifies(ana, ANA));
    expect(await unseal(ana.own, bytes, roots)).toMatchObject({ kind: "refused" });
  });
});
