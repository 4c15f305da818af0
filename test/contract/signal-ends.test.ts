import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { newIdentity } from "../../src/sandbox/phone/person-keys.ts";
import type { PublicBundle } from "../../src/signal-protocol/public-keys.ts";
import {
  decryptFromOne,
  distributeSenderKey,
  encryptForAll,
  takeSenderKey,
} from "../../src/signal-protocol/sender-keys.ts";
import type { Ciphertext } from "../../src/signal-protocol/signal-account.ts";
import type { DeviceAddress } from "../../src/signal-protocol/signal-records.ts";
import { openStore } from "../../src/store/open.ts";
import { quietLog } from "../kit/interop-world.ts";
import { SignalDevice } from "../kit/signal-device.ts";
import { OwnSignal } from "../kit/signal-own.ts";

/** What every end of the Signal protocol can do; what cannot be read rejects. */
interface SignalEnd {
  bundle(): Promise<PublicBundle>;
  start(to: DeviceAddress, bundle: PublicBundle): Promise<void>;
  encrypt(to: DeviceAddress, text: string): Promise<Ciphertext>;
  decrypt(from: DeviceAddress, ciphertext: Ciphertext): Promise<string>;
  distributeSenderKey(distribution: string): Promise<Uint8Array>;
  takeSenderKey(from: DeviceAddress, bytes: Uint8Array): Promise<void>;
  encryptForAll(distribution: string, text: string): Promise<Uint8Array>;
  decryptFromOne(from: DeviceAddress, bytes: Uint8Array): Promise<string>;
}

type OpenEnd = (address: DeviceAddress) => Promise<SignalEnd & AsyncDisposable>;

const memory: OpenEnd = async (address) => {
  const device = new SignalDevice(address);
  return {
    bundle: async () => device.bundle(),
    start: (to, bundle) => device.start(to, bundle),
    encrypt: (to, text) => device.encrypt(to, text),
    decrypt: (from, ciphertext) => device.decrypt(from, ciphertext),
    distributeSenderKey: (distribution) => device.distributeSenderKey(distribution),
    takeSenderKey: (from, bytes) => device.takeSenderKey(from, bytes),
    encryptForAll: (distribution, text) => device.encryptForAll(distribution, text),
    decryptFromOne: (from, bytes) => device.decryptFromOne(from, bytes),
    [Symbol.asyncDispose]: async () => undefined,
  };
};

/** Ours over a store, each act a unit of work, and everything read anew from the store for the next. */
const ours: OpenEnd = async (address) => {
  const own = new OwnSignal(openStore({ path: ":memory:", log: quietLog }));
  const fresh = () => {
    own.forgetAll();
    return own.account("aci", address);
  };
  const read = (decrypted: { kind: string; bytes?: Uint8Array }) => {
    if (!decrypted.bytes) throw new Error(decrypted.kind);
    return Buffer.from(decrypted.bytes).toString();
  };
  const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text));
  return {
    bundle: async () => own.bundle("aci", await fresh()),
    async start(to, bundle) {
      const account = await fresh();
      await own.work(account, [to.name], (work) => account.start(work, to, bundle));
    },
    async encrypt(to, text) {
      const account = await fresh();
      const sealed = await own.work(account, [to.name], (work) => account.encrypt(work, to, bytesOf(text)));
      if (!sealed) throw new Error("no session");
      return sealed;
    },
    async decrypt(from, ciphertext) {
      const account = await fresh();
      return read(await own.work(account, [from.name], (work) => account.decrypt(work, from, ciphertext)));
    },
    async distributeSenderKey(distribution) {
      return own.work(await fresh(), [address.name], (work) => distributeSenderKey(work, distribution));
    },
    async takeSenderKey(from, bytes) {
      const taken = await own.work(await fresh(), [from.name], (work) => takeSenderKey(work, from, bytes));
      if (!taken) throw new Error("malformed");
    },
    async encryptForAll(distribution, text) {
      const sealed = await own.work(await fresh(), [address.name], (work) =>
        encryptForAll(work, distribution, bytesOf(text)),
      );
      if (!sealed) throw new Error("no sender key");
      return sealed;
    },
    async decryptFromOne(from, bytes) {
      return read(await own.work(await fresh(), [from.name], (work) => decryptFromOne(work, from, bytes)));
    },
    [Symbol.asyncDispose]: () => own.store[Symbol.asyncDispose](),
  };
};

const end = { name: "end", device: 3 };
const ana1 = { name: "ana", device: 1 };
const ana2 = { name: "ana", device: 2 };

describe.each([
  ["ours over a store", ours],
  ["libsignal's over memory", memory],
] as const)("an end of the Signal protocol: %s", (_, open) => {
  test("starts a session by a bundle, and both write to and fro, also out of order", async () => {
    await using it = await open(end);
    const ana = new SignalDevice(ana1);
    await it.start(ana1, ana.bundle());
    expect(await ana.decrypt(end, await it.encrypt(ana1, "hello"))).toBe("hello");
    const [first, second, third] = [
      await ana.encrypt(end, "one"),
      await ana.encrypt(end, "two"),
      await ana.encrypt(end, "three"),
    ];
    for (const [sealed, text] of [
      [third, "three"],
      [first, "one"],
      [second, "two"],
    ] as const)
      expect(await it.decrypt(ana1, sealed)).toBe(text);
    expect(await ana.decrypt(end, await it.encrypt(ana1, "read all"))).toBe("read all");
  });

  test("reads a first message by its prekeys once: neither it nor the one-time key does a second time", async () => {
    await using it = await open(end);
    const bundle = await it.bundle();
    const [ana, bram] = [new SignalDevice(ana1), new SignalDevice({ name: "bram", device: 1 })];
    for (const peer of [ana, bram]) await peer.start(end, bundle);
    const first = await ana.encrypt(end, "hello");
    expect(first.type).toBe("pkmsg");
    expect(await it.decrypt(ana1, first)).toBe("hello");
    await expect(it.decrypt(ana1, first)).rejects.toThrow();
    await expect(it.decrypt(bram.address, await bram.encrypt(end, "with a used key"))).rejects.toThrow();
    expect(await ana.decrypt(end, await it.encrypt(ana1, "back"))).toBe("back");
  });

  test("has a session with each device of a person, bound to it", async () => {
    await using it = await open(end);
    const identity = newIdentity();
    const [one, two] = [new SignalDevice(ana1, identity), new SignalDevice(ana2, identity)];
    for (const device of [one, two]) await it.start(device.address, device.bundle());
    const [forOne, forTwo] = [await it.encrypt(ana1, "first"), await it.encrypt(ana2, "second")];
    await expect(two.decrypt(end, forOne)).rejects.toThrow();
    expect([await one.decrypt(end, forOne), await two.decrypt(end, forTwo)]).toEqual(["first", "second"]);
    const reply = await two.encrypt(end, "from the second");
    await expect(it.decrypt(ana1, reply)).rejects.toThrow();
    expect(await it.decrypt(ana2, reply)).toBe("from the second");
  });

  test("gives its sender key to several, who read what is encrypted once, in any order and from then on", async () => {
    await using it = await open(end);
    const [one, two] = [new SignalDevice(ana1), new SignalDevice(ana2)];
    const distribution = randomUUID();
    await one.takeSenderKey(end, await it.distributeSenderKey(distribution));
    const before = await it.encryptForAll(distribution, "before");
    await two.takeSenderKey(end, await it.distributeSenderKey(distribution));
    const [first, second] = [
      await it.encryptForAll(distribution, "first"),
      await it.encryptForAll(distribution, "second"),
    ];
    for (const device of [one, two]) {
      expect(await device.decryptFromOne(end, second)).toBe("second");
      expect(await device.decryptFromOne(end, first)).toBe("first");
      await expect(device.decryptFromOne(end, first)).rejects.toThrow();
    }
    expect(await one.decryptFromOne(end, before)).toBe("before");
    await expect(two.decryptFromOne(end, before)).rejects.toThrow();
  });

  test("reads with the sender keys it was given, by device and distribution, each message once", async () => {
    await using it = await open(end);
    const [one, two] = [new SignalDevice(ana1), new SignalDevice(ana2)];
    const [family, work] = [randomUUID(), randomUUID()];
    await it.takeSenderKey(ana1, await one.distributeSenderKey(family));
    await two.distributeSenderKey(family);
    await one.distributeSenderKey(work);
    const first = await one.encryptForAll(family, "first");
    expect(await it.decryptFromOne(ana1, await one.encryptForAll(family, "second"))).toBe("second");
    expect(await it.decryptFromOne(ana1, first)).toBe("first");
    await expect(it.decryptFromOne(ana1, first)).rejects.toThrow();
    await expect(it.decryptFromOne(ana2, await two.encryptForAll(family, "x"))).rejects.toThrow();
    await expect(it.decryptFromOne(ana1, await one.encryptForAll(work, "x"))).rejects.toThrow();
    await expect(it.takeSenderKey(ana1, Uint8Array.of(1, 2, 3))).rejects.toThrow();
  });

  test("encrypts for nobody without a session, and for no distribution without a sender key", async () => {
    await using it = await open(end);
    await expect(it.encrypt(ana1, "x")).rejects.toThrow();
    await expect(it.encryptForAll(randomUUID(), "x")).rejects.toThrow();
  });
});
