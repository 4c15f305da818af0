import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { newIdentity } from "../../../src/sandbox/phone/person-keys.ts";
import {
  distributeSenderKey,
  encryptForAll,
  takeSenderKey,
} from "../../../src/signal-protocol/sender-keys.ts";
import type {
  Ciphertext,
  SealedCiphertext,
  SignalAccount,
} from "../../../src/signal-protocol/signal-account.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import type { SignalTransaction } from "../../../src/signal-protocol/signal-transaction.ts";
import { openStore } from "../../../src/store/open.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { SignalDevice } from "../../kit/signal-device.ts";
import { OwnSignal } from "../../kit/signal-own.ts";
import { fileStore } from "../store/fixtures.ts";

const us = { name: "us", device: 1 };
const bytes = (text: string) => Uint8Array.from(Buffer.from(text));

/** Three people, one of them with two devices. */
function people(): readonly SignalDevice[] {
  const ana = newIdentity();
  return [
    new SignalDevice({ name: "ana", device: 1 }, ana),
    new SignalDevice({ name: "ana", device: 2 }, ana),
    new SignalDevice({ name: "bram", device: 1 }),
    new SignalDevice({ name: "cas", device: 1 }),
  ];
}
const names = ["ana", "bram", "cas"];

let own: OwnSignal;
let signal: SignalAccount;
let devices: readonly SignalDevice[];

beforeEach(async () => {
  own = new OwnSignal(openStore({ path: ":memory:", log: quietLog }));
  signal = await own.account("aci", us);
  devices = people();
});
afterEach(async () => own.store[Symbol.asyncDispose]());

async function forEach(work: SignalTransaction, text: string): Promise<readonly SealedCiphertext[]> {
  return Promise.all(
    devices.map(async ({ address }) => {
      const sealed = await signal.encrypt(work, address, bytes(text));
      if (!sealed) throw new Error("no session");
      return sealed;
    }),
  );
}

const startAll = async (work: SignalTransaction): Promise<void> => {
  for (const device of devices) await signal.start(work, device.address, device.bundle());
};

const readAll = (sealed: readonly SealedCiphertext[]) =>
  Promise.all(
    devices.map((device, index) => device.decrypt(us, sealed[index] ?? { type: "msg", bytes: bytes("") })),
  );

describe("a unit of work over several people", () => {
  test("encrypts for all their devices, gives them a sender key and uses it, in one commit", async () => {
    const distribution = randomUUID();
    let commits = 0;
    using work = await signal.begin(...names, us.name);
    await startAll(work);
    const key = await distributeSenderKey(work, distribution);
    const inEach = await forEach(work, Buffer.from(key).toString("base64"));
    const once = await encryptForAll(work, distribution, bytes("to the group"));
    await own.store.write((tx) => {
      commits += 1;
      work.record()(tx);
    });
    work.publish();
    expect(commits).toBe(1);
    for (const [index, text] of (await readAll(inEach)).entries()) {
      await devices[index]?.takeSenderKey(us, Buffer.from(text, "base64"));
      expect(once && (await devices[index]?.decryptFromOne(us, once))).toBe("to the group");
    }
    const records = own.store.family(signalRecords);
    expect(await records.devices(aciOf(own.login), "ana")).toEqual([1, 2]);
    expect(await records.senderKey(aciOf(own.login), us, distribution)).toBeDefined();
  });

  test("that is not committed advanced nothing: after a crash the same can be done, and read, again", async () => {
    await using file = fileStore();
    let store = file.open();
    let ours = new OwnSignal(store);
    const bundle = async () => ours.bundle("aci", signal);
    signal = await ours.account("aci", us);
    await ours.work(signal, names, startAll);
    const distribution = randomUUID();
    const key = await ours.work(signal, [us.name], (work) => distributeSenderKey(work, distribution));
    for (const device of devices) await device.takeSenderKey(us, key);
    const [ana] = devices;
    await ana?.start(us, await bundle());
    const incoming = await ana?.encrypt(us, "incoming");
    const groupKey = await ana?.distributeSenderKey(distribution);
    const before = await everyRow(store);

    // The bridge dies between the steps and the commit: what they made never left.
    const lost = await signal.begin(...names, us.name);
    const lostTexts = await forEach(lost, "lost");
    const lostOnce = await encryptForAll(lost, distribution, bytes("lost"));
    expect(incoming && (await signal.decrypt(lost, { name: "ana", device: 1 }, incoming)).kind).toBe(
      "plaintext",
    );
    expect(groupKey && (await takeSenderKey(lost, { name: "ana", device: 1 }, groupKey))).toBe(true);
    lost.record();
    expect(await everyRow(store)).toEqual(before);
    await store[Symbol.asyncDispose]();

    store = file.open();
    ours = new OwnSignal(store, ours.login, ours.keys);
    signal = await ours.account("aci", us);
    const { texts, once, read } = await ours.work(signal, [...names, us.name], async (work) => ({
      texts: await forEach(work, "again"),
      once: await encryptForAll(work, distribution, bytes("again")),
      read: incoming && (await signal.decrypt(work, { name: "ana", device: 1 }, incoming)),
    }));
    expect(read?.kind).toBe("plaintext");
    expect(await readAll(texts)).toEqual(devices.map(() => "again"));
    for (const device of devices) expect(once && (await device.decryptFromOne(us, once))).toBe("again");
    // The place in the chains is the one that was lost, so nobody waits for a message that never comes.
    for (const device of devices)
      await expect(device.decryptFromOne(us, lostOnce ?? bytes(""))).rejects.toThrow();
    expect(lostTexts).toHaveLength(devices.length);
  });

  test("whose commit fails advanced nothing either", async () => {
    await own.work(signal, names, startAll);
    const before = await everyRow(own.store);
    const failing = async () => {
      using work = await signal.begin(...names);
      await forEach(work, "lost");
      const record = work.record();
      await own.store.write((tx) => {
        record(tx);
        tx.guard({ kind: "login-exists", login: own.login });
      });
      work.publish();
    };
    await expect(failing()).rejects.toMatchObject({ reason: "changed" });
    expect(await everyRow(own.store)).toEqual(before);
    expect(await readAll(await own.work(signal, names, (work) => forEach(work, "again")))).toEqual(
      devices.map(() => "again"),
    );
  });

  test("is only on whom it was begun for", async () => {
    using work = await signal.begin("ana");
    const [, , bram] = devices;
    if (!bram) throw new Error("nobody");
    await expect(signal.start(work, bram.address, bram.bundle())).rejects.toThrow("begun for");
    await expect(signal.encrypt(work, bram.address, bytes("x"))).rejects.toThrow("begun for");
    await expect(distributeSenderKey(work, randomUUID())).rejects.toThrow("begun for");
    await expect(work.identity("bram")).rejects.toThrow("begun for");
    await expect(work.devices("bram")).rejects.toThrow("begun for");
  });
});

describe("units of work at the same time", () => {
  test("wait for one another where they share a person, in the order they were begun, and only there", async () => {
    const order: string[] = [];
    const first = await signal.begin("ana", "bram");
    const second = signal.begin("bram", "cas").then((work) => (order.push("second"), work));
    const third = signal.begin("cas").then((work) => (order.push("third"), work));
    (await signal.begin("dirk"))[Symbol.dispose]();
    expect(order).toEqual([]);
    order.push("first done");
    first[Symbol.dispose]();
    (await second)[Symbol.dispose]();
    (await third)[Symbol.dispose]();
    expect(order).toEqual(["first done", "second", "third"]);
  });

  test("on overlapping people lose and repeat no step, whoever commits and whoever is thrown away", async () => {
    await own.work(signal, names, startAll);
    for (const device of devices) {
      const hello = await own.work(signal, [device.address.name], (work) =>
        signal.encrypt(work, device.address, bytes("hello")),
      );
      if (hello) await device.decrypt(us, hello);
    }
    let turn = 0;
    const act = fc.record({
      people: fc.subarray(names, { minLength: 1 }),
      kind: fc.constantFrom("out", "in", "thrown"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 8 }), async (acts) => {
        turn += 1;
        const jobs: Job[] = [];
        for (const [index, { people, kind }] of acts.entries()) {
          const text = `${turn}.${index}`;
          const of = devices.filter(({ address }) => people.includes(address.name));
          const incoming: Ciphertext[] = [];
          if (kind === "in") for (const device of of) incoming.push(await device.encrypt(us, text));
          jobs.push({ people, kind, text, of, incoming });
        }
        const left = new Map<SignalDevice, SealedCiphertext[]>(devices.map((device) => [device, []]));
        await Promise.all(jobs.map((job) => done(job, left)));
        for (const [device, all] of left) {
          const read: string[] = [];
          for (const sealed of all) read.push(await device.decrypt(us, sealed));
          const sent = jobs.filter(({ kind, of }) => kind === "out" && of.includes(device));
          expect(read.sort()).toEqual(sent.map(({ text }) => text).sort());
        }
      }),
      { numRuns: 25 },
    );
  });
});

interface Job {
  readonly people: readonly string[];
  readonly kind: string;
  readonly text: string;
  readonly of: readonly SignalDevice[];
  readonly incoming: readonly Ciphertext[];
}

/** Reads what came of each, or writes to each; what is committed leaves. */
async function done(
  { people, kind, text, of, incoming }: Job,
  left: ReadonlyMap<SignalDevice, SealedCiphertext[]>,
): Promise<void> {
  using work = await signal.begin(...people);
  const outgoing: (readonly [SignalDevice, SealedCiphertext])[] = [];
  for (const [index, device] of of.entries()) {
    const ciphertext = incoming[index];
    if (ciphertext) {
      const read = await signal.decrypt(work, device.address, ciphertext);
      expect(read).toEqual({ kind: "plaintext", bytes: bytes(text) });
    } else {
      const sealed = await signal.encrypt(work, device.address, bytes(text));
      if (sealed) outgoing.push([device, sealed]);
    }
  }
  if (kind === "thrown") return;
  await own.store.write(work.record());
  work.publish();
  for (const [device, sealed] of outgoing) left.get(device)?.push(sealed);
}

/** What the store has of Signal, as far as the people and accounts here go. */
async function everyRow(store: OwnSignal["store"]): Promise<readonly unknown[]> {
  const records = store.family(signalRecords);
  const aci = aciOf(own.login);
  return Promise.all([
    ...devices.map(({ address }) => records.session(aci, address)),
    ...names.map((name) => records.identity(own.login, name)),
    records.preKeyIds(aci, "one-time"),
    records.preKeyIds(aci, "kyber"),
  ]);
}
