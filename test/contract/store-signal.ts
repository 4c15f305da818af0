import { describe, expect, test } from "@jest/globals";
import {
  type AccountKey,
  aciOf,
  type PreKeyKind,
  signalRecords,
} from "../../src/signal-protocol/signal-records.ts";
import { LOGIN, type OpenStoreUnderTest, OTHER_LOGIN, START } from "./store-fixtures.ts";

const ACI = aciOf(LOGIN);
const PNI: AccountKey = { login: LOGIN, account: "pni" };
const OTHERS = aciOf(OTHER_LOGIN);
const A1 = { name: "a", device: 1 };
const kinds: readonly PreKeyKind[] = ["one-time", "signed", "kyber", "kyber-last-resort"];
const bytes = (...of: number[]): Uint8Array => Uint8Array.from(of);

export function signalKeys(open: OpenStoreUnderTest): void {
  describe("Signal records", () => {
    test("own identity, identities, sessions and sender keys are kept apart by login and address", async () => {
      await using it = await open();
      const signal = it.store.family(signalRecords);
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        signal.setOwn(ACI, { keyPair: bytes(1), registrationId: 7 });
        signal.setIdentity(LOGIN, "a", bytes(2));
        signal.setSession(ACI, A1, bytes(3));
        signal.setSession(ACI, A1, bytes(4));
        signal.setSenderKey(ACI, A1, "d1", bytes(5));
      });
      expect(await signal.own(ACI)).toEqual({ keyPair: bytes(1), registrationId: 7 });
      expect(await signal.own(OTHERS)).toBeUndefined();
      expect(await signal.identity(LOGIN, "a")).toEqual(bytes(2));
      expect(await signal.identity(LOGIN, "b")).toBeUndefined();
      expect(await signal.session(ACI, A1)).toEqual(bytes(4));
      expect(await signal.session(OTHERS, A1)).toBeUndefined();
      expect(await signal.senderKey(ACI, A1, "d1")).toEqual(bytes(5));
      expect(await signal.senderKey(ACI, A1, "d2")).toBeUndefined();
    });

    test("a login's two accounts, and a person's devices, each have what is theirs", async () => {
      await using it = await open();
      const signal = it.store.family(signalRecords);
      const a2 = { name: "a", device: 2 };
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        signal.setOwn(ACI, { keyPair: bytes(1), registrationId: 1 });
        signal.setOwn(PNI, { keyPair: bytes(2), registrationId: 2 });
        signal.setSession(ACI, a2, bytes(3));
        signal.setSession(ACI, A1, bytes(4));
        signal.setSession(PNI, A1, bytes(5));
        signal.setSession(ACI, { name: "b", device: 3 }, bytes(6));
        signal.setSenderKey(ACI, a2, "d", bytes(7));
        signal.addPreKey(ACI, "kyber", 1, bytes(8), START);
        signal.addPreKey(PNI, "kyber", 1, bytes(9), START + 1);
        signal.addPreKey(PNI, "kyber-last-resort", 2, bytes(10), START);
        signal.markKyberUsed(PNI, { kyberId: 2, signedId: 1, baseKey: bytes(1) });
      });
      expect(await signal.own(PNI)).toEqual({ keyPair: bytes(2), registrationId: 2 });
      expect(await signal.own(ACI)).toEqual({ keyPair: bytes(1), registrationId: 1 });
      expect(await signal.devices(ACI, "a")).toEqual([1, 2]);
      expect(await signal.devices(PNI, "a")).toEqual([1]);
      expect(await signal.devices(ACI, "nobody")).toEqual([]);
      expect(await signal.session(ACI, A1)).toEqual(bytes(4));
      expect(await signal.session(PNI, A1)).toEqual(bytes(5));
      expect(await signal.session(PNI, a2)).toBeUndefined();
      expect(await signal.senderKey(ACI, a2, "d")).toEqual(bytes(7));
      expect(await signal.senderKey(ACI, A1, "d")).toBeUndefined();
      expect(await signal.senderKey(PNI, a2, "d")).toBeUndefined();
      await it.store.write((tx) => tx.family(signalRecords).removePreKey(ACI, "kyber", 1));
      expect(await signal.preKey(ACI, "kyber", 1)).toBeUndefined();
      expect(await signal.preKey(PNI, "kyber", 1)).toEqual(bytes(9));
      expect(await signal.lastPreKeyId(ACI, "kyber-last-resort")).toBe(0);
      expect(await signal.newestPreKeyAt(PNI, "kyber")).toBe(START + 1);
      expect(await signal.kyberUsed(PNI, { kyberId: 2, signedId: 1, baseKey: bytes(1) })).toBe(true);
      expect(await signal.kyberUsed(ACI, { kyberId: 2, signedId: 1, baseKey: bytes(1) })).toBe(false);
    });

    test("nobody's address can take the place of our own identity", async () => {
      await using it = await open();
      const own = { keyPair: bytes(1), registrationId: 7 };
      await it.store.write((tx) => tx.family(signalRecords).setOwn(ACI, own));
      const forged = it.store.write((tx) => tx.family(signalRecords).setIdentity(LOGIN, "", bytes(9)));
      await expect(forged).rejects.toMatchObject({ reason: "unstorable" });
      expect(await it.store.family(signalRecords).own(ACI)).toEqual(own);
      expect(await it.store.family(signalRecords).identity(LOGIN, "")).toBeUndefined();
    });

    test.each(kinds)("%s keys: read, counted, removed, and their ids never used again", async (kind) => {
      await using it = await open();
      const signal = it.store.family(signalRecords);
      expect(await signal.lastPreKeyId(ACI, kind)).toBe(0);
      expect(await signal.newestPreKeyAt(ACI, kind)).toBeUndefined();
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        for (const id of [2, 1, 9]) signal.addPreKey(ACI, kind, id, bytes(id), START + id);
        signal.addPreKey(OTHERS, kind, 3, bytes(3), START);
      });
      expect(await signal.preKeyIds(ACI, kind)).toEqual([1, 2, 9]);
      expect(await signal.preKey(ACI, kind, 2)).toEqual(bytes(2));
      expect(await signal.newestPreKeyAt(ACI, kind)).toBe(START + 9);
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        signal.removePreKey(ACI, kind, 9);
        signal.dropPreKeysBefore(ACI, kind, START + 2);
      });
      expect(await signal.preKeyIds(ACI, kind)).toEqual([2]);
      expect(await signal.preKey(ACI, kind, 9)).toBeUndefined();
      expect(await signal.lastPreKeyId(ACI, kind)).toBe(9);
      expect(await signal.preKeyIds(OTHERS, kind)).toEqual([3]);
      for (const other of kinds.filter((it) => it !== kind))
        expect(await signal.preKeyIds(ACI, other)).toEqual([]);
    });

    test("a last-resort Kyber key's uses are known as long as the key is", async () => {
      await using it = await open();
      const signal = it.store.family(signalRecords);
      const use = { kyberId: 1, signedId: 2, baseKey: bytes(1, 2) };
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        signal.addPreKey(ACI, "kyber-last-resort", 1, bytes(1), START);
        signal.markKyberUsed(ACI, use);
        signal.markKyberUsed(ACI, use);
      });
      expect(await signal.kyberUsed(ACI, use)).toBe(true);
      expect(await signal.kyberUsed(ACI, { ...use, signedId: 3 })).toBe(false);
      expect(await signal.kyberUsed(ACI, { ...use, baseKey: bytes(1) })).toBe(false);
      await it.store.write((tx) =>
        tx.family(signalRecords).dropPreKeysBefore(ACI, "kyber-last-resort", START),
      );
      expect(await signal.kyberUsed(ACI, use)).toBe(true);
      await it.store.write((tx) =>
        tx.family(signalRecords).dropPreKeysBefore(ACI, "kyber-last-resort", START + 1),
      );
      expect(await signal.kyberUsed(ACI, use)).toBe(false);
    });

    test("an account that becomes another device has no sessions left, and keeps whom it knows", async () => {
      await using it = await open();
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        signal.setIdentity(LOGIN, "a", bytes(2));
        for (const key of [ACI, PNI]) {
          signal.setSession(key, A1, bytes(3));
          signal.setSenderKey(key, A1, "d", bytes(4));
        }
        signal.dropSessions(ACI);
      });
      const signal = it.store.family(signalRecords);
      expect(await signal.session(ACI, A1)).toBeUndefined();
      expect(await signal.senderKey(ACI, A1, "d")).toBeUndefined();
      expect(await signal.session(PNI, A1)).toEqual(bytes(3));
      expect(await signal.identity(LOGIN, "a")).toEqual(bytes(2));
    });

    test("a login that is emptied, or removed, has nothing left of either account", async () => {
      await using it = await open();
      const use = { kyberId: 1, signedId: 2, baseKey: bytes(1) };
      const third = { login: "login-3" as typeof LOGIN, account: "pni" } as const;
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        for (const key of [ACI, PNI, OTHERS, third]) {
          signal.setOwn(key, { keyPair: bytes(1), registrationId: 7 });
          signal.setIdentity(key.login, "a", bytes(2));
          signal.setSession(key, A1, bytes(3));
          signal.setSenderKey(key, A1, "d", bytes(4));
          for (const kind of kinds) signal.addPreKey(key, kind, 1, bytes(5), START);
          signal.markKyberUsed(key, use);
        }
        tx.logins.empty(LOGIN);
        tx.logins.remove(third.login);
      });
      const signal = it.store.family(signalRecords);
      const left = async (of: AccountKey) => [
        await signal.own(of),
        await signal.identity(of.login, "a"),
        await signal.session(of, A1),
        await signal.senderKey(of, A1, "d"),
        ...(await Promise.all(kinds.map((kind) => signal.preKey(of, kind, 1)))),
        ...(await Promise.all(kinds.map(async (kind) => (await signal.lastPreKeyId(of, kind)) || undefined))),
        (await signal.kyberUsed(of, use)) || undefined,
      ];
      for (const key of [ACI, PNI, third])
        expect((await left(key)).filter((it) => it !== undefined)).toEqual([]);
      expect((await left(OTHERS)).filter((it) => it === undefined)).toEqual([]);
    });
  });
}
