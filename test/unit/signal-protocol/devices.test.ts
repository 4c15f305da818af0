import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { newIdentity } from "../../../src/sandbox/phone/person-keys.ts";
import { BadBundle, type SignalAccount } from "../../../src/signal-protocol/signal-account.ts";
import { aciOf, type DeviceAddress, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { openStore } from "../../../src/store/open.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { SignalDevice } from "../../kit/signal-device.ts";
import { OwnSignal } from "../../kit/signal-own.ts";

/** Service ids as Signal's: only such addresses does libsignal bind into what it encrypts. */
const us = { name: "9d0652a3-dcc3-4d11-975f-74d61598733f", device: 2 };
const ANA = "796abedb-ca4e-4f18-8803-1fde5b921f9f";
const bytes = (text: string) => Uint8Array.from(Buffer.from(text));
const words = (decrypted: { readonly kind: string; readonly bytes?: Uint8Array }) =>
  decrypted.bytes ? Buffer.from(decrypted.bytes).toString() : decrypted.kind;

let own: OwnSignal;
let signal: SignalAccount;
let identity: ReturnType<typeof newIdentity>;
const device = (number: number) => new SignalDevice({ name: ANA, device: number }, identity);

beforeEach(async () => {
  own = new OwnSignal(openStore({ path: ":memory:", log: quietLog }));
  signal = await own.account("aci", us);
  identity = newIdentity();
});
afterEach(async () => own.store[Symbol.asyncDispose]());

const start = (peer: SignalDevice) =>
  own.work(signal, [peer.address.name], (work) => signal.start(work, peer.address, peer.bundle()));
const sealed = (to: DeviceAddress, text: string) =>
  own.work(signal, [to.name], (work) => signal.encrypt(work, to, bytes(text)));
const read = async (from: SignalDevice, text: string, to: DeviceAddress = us) => {
  const ciphertext = await from.encrypt(to, text);
  return own.work(signal, [ANA], async (work) => words(await signal.decrypt(work, from.address, ciphertext)));
};

describe("our own device", () => {
  test("is part of what is encrypted for it: another number of ours cannot read it", async () => {
    const ana = device(1);
    await ana.start(us, await own.bundle("aci", signal));
    const first = await ana.encrypt(us, "for the second device");
    const other = await own.account("aci", { ...us, device: 1 });
    const there = await own.work(other, [ANA], (work) => other.decrypt(work, ana.address, first));
    expect(there.kind).toBe("undecryptable");
    const here = await own.work(signal, [ANA], (work) => signal.decrypt(work, ana.address, first));
    expect(words(here)).toBe("for the second device");
  });

  test("has sessions with the other devices of our own, which have our own identity or are strangers", async () => {
    const { identity: pair } = signal.own;
    const phone = new SignalDevice({ name: us.name, device: 1 }, { pair, registration: 1 });
    await start(phone);
    const note = await sealed(phone.address, "to self");
    expect(note && (await phone.decrypt(us, note))).toBe("to self");
    const stranger = new SignalDevice({ name: us.name, device: 3 });
    await expect(start(stranger)).rejects.toThrow(BadBundle);
    await stranger.start(us, await own.bundle("aci", signal));
    const forged = await stranger.encrypt(us, "believe me");
    const taken = await own.work(signal, [us.name], (work) => signal.decrypt(work, stranger.address, forged));
    expect(taken).toEqual({ kind: "undecryptable", reason: "UntrustedIdentity" });
    const again = await sealed(phone.address, "still");
    expect(again && (await phone.decrypt(us, again))).toBe("still");
  });
});

describe("a person's devices", () => {
  test("are known by their sessions, and each is written to by itself", async () => {
    const devices = [device(1), device(4)];
    expect(await own.work(signal, [ANA], (work) => signal.devices(work, ANA))).toEqual([]);
    for (const each of devices) await start(each);
    const texts = await own.work(signal, [ANA], async (work) => {
      const numbers = await signal.devices(work, ANA);
      expect(numbers).toEqual([1, 4]);
      return Promise.all(
        numbers.map((number) => signal.encrypt(work, { name: ANA, device: number }, bytes(`for ${number}`))),
      );
    });
    for (const [index, each] of devices.entries()) {
      const text = texts[index];
      expect(text && (await each.decrypt(us, text))).toBe(`for ${each.address.device}`);
    }
  });

  test("one that is no more is not written to, what it wrote before is read, and it may come back", async () => {
    const [one, two] = [device(1), device(2)];
    for (const each of [one, two]) await start(each);
    for (const each of [one, two]) {
      const hello = await sealed(each.address, "hello");
      expect(hello && (await each.decrypt(us, hello))).toBe("hello");
    }
    const late = await two.encrypt(us, "late");
    await own.work(signal, [ANA], (work) => signal.archive(work, two.address));
    await own.work(signal, [ANA], (work) => signal.archive(work, { name: ANA, device: 9 }));
    own.forgetAll();
    signal = await own.account("aci", us);
    expect(await own.work(signal, [ANA], (work) => signal.devices(work, ANA))).toEqual([1]);
    expect(await sealed(two.address, "x")).toBeUndefined();
    const read = await own.work(signal, [ANA], (work) => signal.decrypt(work, two.address, late));
    expect(words(read)).toBe("late");
    await start(two);
    expect(await own.work(signal, [ANA], (work) => signal.devices(work, ANA))).toEqual([1, 2]);
  });

  test("share an identity: where it is another one, none is written to in a session of before", async () => {
    const [one, two] = [device(1), device(2)];
    for (const each of [one, two]) await start(each);
    identity = newIdentity();
    const moved = device(1);
    await moved.start(us, await own.bundle("aci", signal));
    const first = await moved.encrypt(us, "new phone");
    await own.work(signal, [ANA], async (work) => {
      expect(words(await signal.decrypt(work, moved.address, first))).toBe("new phone");
      expect(work.identityChanged(ANA)).toBe(true);
    });
    expect((await signal.identityOf(ANA))?.getPublicKeyBytes()).toEqual(moved.identity);
    expect(await sealed(two.address, "x")).toBeUndefined();
    const back = await sealed(moved.address, "hello there");
    expect(back && (await moved.decrypt(us, back))).toBe("hello there");
  });
});

describe("a login's account and its phone number's", () => {
  const number = { name: "PNI:2f0d1e3c-5a8b-4c7d-9e6f-1a2b3c4d5e6f", device: 2 };

  test("have keys, prekeys and sessions of their own, in one store and at the same time", async () => {
    const pni = await own.account("pni", number);
    expect(pni.own.identity.publicKey.equals(signal.own.identity.publicKey)).toBe(false);
    const ana = device(1);
    await ana.start(us, await own.bundle("aci", signal));
    await ana.start(number, await own.bundle("pni", pni));
    const [toAccount, toNumber] = [await ana.encrypt(us, "account"), await ana.encrypt(number, "number")];
    const [wrong, right, other] = [
      await own.work(signal, [ANA], (work) => signal.decrypt(work, ana.address, toNumber)),
      await own.work(pni, [ANA], (work) => pni.decrypt(work, ana.address, toNumber)),
      await own.work(signal, [ANA], (work) => signal.decrypt(work, ana.address, toAccount)),
    ];
    expect([wrong.kind, words(right), words(other)]).toEqual(["undecryptable", "number", "account"]);
    const reply = await own.work(pni, [ANA], (work) =>
      pni.encrypt(work, ana.address, bytes("from the number")),
    );
    expect(reply && (await ana.decrypt(number, reply))).toBe("from the number");
    expect(await read(ana, "account again")).toBe("account again");
    const records = own.store.family(signalRecords);
    for (const key of [aciOf(own.login), { login: own.login, account: "pni" } as const])
      expect(await records.preKeyIds(key, "one-time")).toEqual([]);
  });

  test("know one identity of a person: another one is noticed by whichever meets it", async () => {
    const pni = await own.account("pni", number);
    const ana = device(1);
    await ana.start(number, await own.bundle("pni", pni));
    const first = await ana.encrypt(number, "hello");
    await own.work(pni, [ANA], (work) => pni.decrypt(work, ana.address, first));
    const impostor = new SignalDevice({ name: ANA, device: 1 });
    using work = await signal.begin(ANA);
    await signal.start(work, impostor.address, impostor.bundle());
    expect(work.identityChanged(ANA)).toBe(true);
  });
});
