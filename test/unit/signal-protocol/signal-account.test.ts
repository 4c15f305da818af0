import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { SessionRecord } from "@signalapp/libsignal-client";
import type { LoginId } from "../../../src/core/model/ids.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { makeOwnKeys } from "../../../src/signal-protocol/key-maker.ts";
import { PreKeySupply } from "../../../src/signal-protocol/prekey-supply.ts";
import { sessionId } from "../../../src/signal-protocol/session-id.ts";
import { SignalAccount } from "../../../src/signal-protocol/signal-account.ts";
import { SignalPeers } from "../../../src/signal-protocol/signal-peers.ts";
import type { SignalReads } from "../../../src/signal-protocol/signal-records.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import type { SignalTransaction } from "../../../src/signal-protocol/signal-transaction.ts";
import { openStore } from "../../../src/store/open.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { SignalPeer } from "../../kit/signal-peer.ts";

const login = "login-1" as LoginId;
const us = "12-105012@interop";
const them = "31612345678@s.whatsapp.net";
/** The one device of theirs. */
const phone = { name: them, device: 1 };
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const now = () => 1_800_000_000_000;

let store: Store;
let own: ReturnType<typeof makeOwnKeys>;
let peer: SignalPeer;

beforeEach(async () => {
  store = openStore({ path: ":memory:", log: quietLog });
  own = makeOwnKeys();
  peer = new SignalPeer(them);
  await store.write((tx) => tx.family(signalRecords).setOwn(aciOf(login), own));
});
afterEach(async () => store[Symbol.asyncDispose]());

const account = (reads: SignalReads = store.family(signalRecords)) =>
  new SignalAccount({
    peers: new SignalPeers(reads, login),
    account: "aci",
    address: { name: us, device: 1 },
    own,
    now,
  });
const supply = (signal: SignalAccount) => new PreKeySupply({ store, of: aciOf(login), own: signal.own, now });

async function commit(work: SignalTransaction): Promise<void> {
  await store.write(work.record());
  work.publish();
  work[Symbol.dispose]();
}

async function invited(signal: SignalAccount): Promise<void> {
  const made = await supply(signal).make({ oneTime: 1, kyber: 1, lasting: true });
  const [oneTime] = made.oneTime;
  const [kyber] = made.kyber;
  if (!made.lasting || !kyber) throw new Error("no keys");
  const identity = signal.own.identity.publicKey.getPublicKeyBytes();
  const { registrationId } = own;
  await peer.start(us, { registrationId, identity, signed: made.lasting.signed, oneTime, kyber });
}

const read = async (signal: SignalAccount, work: SignalTransaction, text: string) => {
  const decrypted = await signal.decrypt(work, phone, await peer.encrypt(us, bytes(text)));
  return decrypted.kind === "plaintext" ? Buffer.from(decrypted.bytes).toString() : decrypted.kind;
};

describe("a unit of work", () => {
  test("leaves nothing in the store until it is committed, and thrown away it can be done again", async () => {
    const signal = account();
    await invited(signal);
    const first = await peer.encrypt(us, bytes("one"));
    const lost = await signal.begin(them);
    expect(await signal.decrypt(lost, phone, first)).toMatchObject({ kind: "plaintext" });
    expect(await store.family(signalRecords).session(aciOf(login), phone)).toBeUndefined();
    expect(await store.family(signalRecords).preKeyIds(aciOf(login), "one-time")).toHaveLength(1);
    lost[Symbol.dispose]();
    const work = await signal.begin(them);
    expect(await signal.decrypt(work, phone, first)).toMatchObject({ kind: "plaintext" });
    await commit(work);
    expect(await store.family(signalRecords).preKeyIds(aciOf(login), "one-time")).toEqual([]);
    expect(await store.family(signalRecords).preKeyIds(aciOf(login), "kyber")).toEqual([]);
    expect(await signal.decrypt(await signal.begin(them), phone, first)).toEqual({ kind: "duplicate" });
  });

  test("holds several steps, and what cannot be decrypted undoes only itself", async () => {
    const signal = account();
    await invited(signal);
    const work = await signal.begin(them);
    expect(await read(signal, work, "one")).toBe("one");
    const broken = await peer.encrypt(us, bytes("two"));
    const cut = { ...broken, bytes: broken.bytes.slice(0, -40) };
    expect(await signal.decrypt(work, phone, cut)).toMatchObject({ kind: "undecryptable" });
    expect(await signal.decrypt(work, phone, { type: "msg", bytes: bytes("x") })).toMatchObject({
      kind: "undecryptable",
    });
    expect(await read(signal, work, "three")).toBe("three");
    await commit(work);
    const reloaded = account();
    expect(await read(reloaded, await reloaded.begin(them), "four")).toBe("four");
  });

  test("rejects where the store fails, so that nobody takes it for an unreadable message", async () => {
    const signal = account();
    await invited(signal);
    const fault = new Error("disk");
    const reads = { ...store.family(signalRecords), preKey: () => Promise.reject(fault) };
    const failing = account(reads);
    const message = await peer.encrypt(us, bytes("one"));
    await expect(failing.decrypt(await failing.begin(them), phone, message)).rejects.toBe(fault);
    expect(await signal.decrypt(await signal.begin(them), phone, message)).toMatchObject({
      kind: "plaintext",
    });
  });
});

describe("encrypting", () => {
  test("needs a session, whose name stays while it ratchets and changes with a new one", async () => {
    const signal = account();
    const work = await signal.begin(them);
    expect(await signal.encrypt(work, phone, bytes("a"))).toBeUndefined();
    await signal.start(work, phone, peer.bundle());
    const first = await signal.encrypt(work, phone, bytes("a"));
    const second = await signal.encrypt(work, phone, bytes("b"));
    expect(first?.session).toMatch(/^05[0-9a-f]{64}$/);
    expect(second?.session).toBe(first?.session);
    expect(await signal.currentSession(work, phone)).toBe(first?.session);
    await signal.start(work, phone, peer.bundle());
    expect(await signal.currentSession(work, phone)).not.toBe(first?.session);
    const third = await signal.encrypt(work, phone, bytes("c"));
    for (const [sealed, text] of [
      [first, "a"],
      [second, "b"],
      [third, "c"],
    ] as const) {
      expect(Buffer.from(await peer.decrypt(us, sealed?.type, sealed?.bytes ?? bytes(""))).toString()).toBe(
        text,
      );
    }
  });

  test("never goes to an identity that is no longer the contact's", async () => {
    const signal = account();
    const work = await signal.begin(them);
    await signal.start(work, phone, peer.bundle());
    await signal.encrypt(work, phone, bytes("a"));
    await commit(work);
    const other = new SignalPeer(them);
    await store.write((tx) =>
      tx.family(signalRecords).setIdentity(login, them, Uint8Array.of(5, ...other.identity)),
    );
    const reloaded = account();
    expect(await reloaded.encrypt(await reloaded.begin(them), phone, bytes("b"))).toBeUndefined();
  });

  test("a bundle with a wrong signature or a broken key starts nothing", async () => {
    const signal = account();
    const work = await signal.begin(them);
    const bundle = peer.bundle();
    const forged = { ...bundle, signed: { ...bundle.signed, signature: new Uint8Array(64) } };
    await expect(signal.start(work, phone, forged)).rejects.toThrow();
    const broken = { ...bundle, kyber: { ...bundle.kyber, value: new Uint8Array(3) } };
    await expect(signal.start(work, phone, broken)).rejects.toThrow();
    expect(await work.session(phone)).toBeUndefined();
  });
});

describe("an identity", () => {
  test("that changes with a first message is taken over and told", async () => {
    const signal = account();
    await invited(signal);
    const first = await signal.begin(them);
    await read(signal, first, "old");
    expect(first.identityChanged(them)).toBe(false);
    await commit(first);
    const late = await peer.encrypt(us, bytes("late"));
    peer.reinstall();
    await invited(signal);
    const second = await signal.begin(them);
    expect(await read(signal, second, "new")).toBe("new");
    expect(second.identityChanged(them)).toBe(true);
    await commit(second);
    // What the old phone had sent before is read still, and does not bring its key back.
    const third = await signal.begin(them);
    expect(await signal.decrypt(third, phone, late)).toMatchObject({ kind: "plaintext" });
    expect(third.identityChanged(them)).toBe(false);
    expect((await third.identity(them))?.getPublicKeyBytes()).toEqual(peer.identity);
    expect(await signal.encrypt(third, phone, bytes("x"))).toBeUndefined();
  });
});

describe("prekeys", () => {
  test("never have an id twice, whatever was used or forgotten", async () => {
    const signal = account();
    const ids: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const made = await supply(signal).make({ oneTime: 2, kyber: 2, lasting: true });
      ids.push(...made.kyber.map(({ id }) => id), made.lasting?.lastResort.id ?? 0);
      await store.write((tx) => {
        for (const { id } of made.oneTime)
          tx.family(signalRecords).removePreKey(aciOf(login), "one-time", id);
        for (const { id } of made.kyber) tx.family(signalRecords).removePreKey(aciOf(login), "kyber", id);
      });
    }
    expect(new Set(ids).size).toBe(9);
    expect(Math.max(...ids)).toBeLessThan(2 ** 24);
  });

  test("that last are due after two days", async () => {
    const signal = account();
    const at = { ms: 1_800_000_000_000 };
    const aging = new PreKeySupply({ store, of: aciOf(login), own: signal.own, now: () => at.ms });
    expect(await aging.lastingDue()).toBe(true);
    await aging.make({ oneTime: 0, kyber: 0, lasting: true });
    at.ms += 2 * 86_400_000 - 1;
    expect(await aging.lastingDue()).toBe(false);
    at.ms += 1;
    expect(await aging.lastingDue()).toBe(true);
    for (let turn = 0; turn < 16; turn += 1) {
      await aging.make({ oneTime: 0, kyber: 0, lasting: true });
      at.ms += 2 * 86_400_000;
    }
    // Sixteen rotations in 32 days: those of the last 30 are kept.
    expect((await store.family(signalRecords).preKeyIds(aciOf(login), "signed")).length).toBe(16);
  });
});

test("the name of a session is read from whatever bytes without harm", async () => {
  const signal = account();
  const work = await signal.begin(them);
  await signal.start(work, phone, peer.bundle());
  await commit(work);
  const record = await store.family(signalRecords).session(aciOf(login), phone);
  expect(record && sessionId(record)).toMatch(/^05/);
  const archived = SessionRecord.deserialize(Uint8Array.from(record ?? []));
  archived.archiveCurrentState();
  expect(sessionId(archived.serialize())).toBeUndefined();
  for (const odd of [
    [],
    [0x0a],
    [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x0b, 1],
    [0x6a, 200],
  ]) {
    expect(sessionId(Uint8Array.from(odd))).toBeUndefined();
  }
});
