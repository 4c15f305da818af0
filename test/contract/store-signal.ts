import { describe, expect, test } from "@jest/globals";
import type { PreKeyKind } from "../../src/signal-protocol/signal-records.ts";
import { signalRecords } from "../../src/signal-protocol/signal-records.ts";
import { LOGIN, type OpenStoreUnderTest, OTHER_LOGIN, START } from "./store-fixtures.ts";

const kinds: readonly PreKeyKind[] = ["one-time", "signed", "kyber", "kyber-last-resort"];
const bytes = (...of: number[]): Uint8Array => Uint8Array.from(of);

export function signalKeys(open: OpenStoreUnderTest): void {
  describe("Signal records", () => {
    test("own identity, identities, sessions and sender keys are kept apart by login and address", async () => {
      await using it = await open();
      const signal = it.store.family(signalRecords);
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        signal.setOwn(LOGIN, { keyPair: bytes(1), registrationId: 7 });
        signal.setIdentity(LOGIN, "a", bytes(2));
        signal.setSession(LOGIN, "a", bytes(3));
        signal.setSession(LOGIN, "a", bytes(4));
        signal.setSenderKey(LOGIN, "a", "d1", bytes(5));
      });
      expect(await signal.own(LOGIN)).toEqual({ keyPair: bytes(1), registrationId: 7 });
      expect(await signal.own(OTHER_LOGIN)).toBeUndefined();
      expect(await signal.identity(LOGIN, "a")).toEqual(bytes(2));
      expect(await signal.identity(LOGIN, "b")).toBeUndefined();
      expect(await signal.session(LOGIN, "a")).toEqual(bytes(4));
      expect(await signal.session(OTHER_LOGIN, "a")).toBeUndefined();
      expect(await signal.senderKey(LOGIN, "a", "d1")).toEqual(bytes(5));
      expect(await signal.senderKey(LOGIN, "a", "d2")).toBeUndefined();
    });

    test("nobody's address can take the place of our own identity", async () => {
      await using it = await open();
      const own = { keyPair: bytes(1), registrationId: 7 };
      await it.store.write((tx) => tx.family(signalRecords).setOwn(LOGIN, own));
      const forged = it.store.write((tx) => tx.family(signalRecords).setIdentity(LOGIN, "", bytes(9)));
      await expect(forged).rejects.toMatchObject({ reason: "unstorable" });
      expect(await it.store.family(signalRecords).own(LOGIN)).toEqual(own);
      expect(await it.store.family(signalRecords).identity(LOGIN, "")).toBeUndefined();
    });

    test.each(kinds)("%s keys: read, counted, removed, and their ids never used again", async (kind) => {
      await using it = await open();
      const signal = it.store.family(signalRecords);
      expect(await signal.lastPreKeyId(LOGIN, kind)).toBe(0);
      expect(await signal.newestPreKeyAt(LOGIN, kind)).toBeUndefined();
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        for (const id of [2, 1, 9]) signal.addPreKey(LOGIN, kind, id, bytes(id), START + id);
        signal.addPreKey(OTHER_LOGIN, kind, 3, bytes(3), START);
      });
      expect(await signal.preKeyIds(LOGIN, kind)).toEqual([1, 2, 9]);
      expect(await signal.preKey(LOGIN, kind, 2)).toEqual(bytes(2));
      expect(await signal.newestPreKeyAt(LOGIN, kind)).toBe(START + 9);
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        signal.removePreKey(LOGIN, kind, 9);
        signal.dropPreKeysBefore(LOGIN, kind, START + 2);
      });
      expect(await signal.preKeyIds(LOGIN, kind)).toEqual([2]);
      expect(await signal.preKey(LOGIN, kind, 9)).toBeUndefined();
      expect(await signal.lastPreKeyId(LOGIN, kind)).toBe(9);
      expect(await signal.preKeyIds(OTHER_LOGIN, kind)).toEqual([3]);
      for (const other of kinds.filter((it) => it !== kind))
        expect(await signal.preKeyIds(LOGIN, other)).toEqual([]);
    });

    test("a last-resort Kyber key's uses are known as long as the key is", async () => {
      await using it = await open();
      const signal = it.store.family(signalRecords);
      const use = { kyberId: 1, signedId: 2, baseKey: bytes(1, 2) };
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        signal.addPreKey(LOGIN, "kyber-last-resort", 1, bytes(1), START);
        signal.markKyberUsed(LOGIN, use);
        signal.markKyberUsed(LOGIN, use);
      });
      expect(await signal.kyberUsed(LOGIN, use)).toBe(true);
      expect(await signal.kyberUsed(LOGIN, { ...use, signedId: 3 })).toBe(false);
      expect(await signal.kyberUsed(LOGIN, { ...use, baseKey: bytes(1) })).toBe(false);
      await it.store.write((tx) =>
        tx.family(signalRecords).dropPreKeysBefore(LOGIN, "kyber-last-resort", START),
      );
      expect(await signal.kyberUsed(LOGIN, use)).toBe(true);
      await it.store.write((tx) =>
        tx.family(signalRecords).dropPreKeysBefore(LOGIN, "kyber-last-resort", START + 1),
      );
      expect(await signal.kyberUsed(LOGIN, use)).toBe(false);
    });

    test("a forgotten login has nothing left", async () => {
      await using it = await open();
      const use = { kyberId: 1, signedId: 2, baseKey: bytes(1) };
      await it.store.write((tx) => {
        const signal = tx.family(signalRecords);
        for (const id of [LOGIN, OTHER_LOGIN]) {
          signal.setOwn(id, { keyPair: bytes(1), registrationId: 7 });
          signal.setIdentity(id, "a", bytes(2));
          signal.setSession(id, "a", bytes(3));
          signal.setSenderKey(id, "a", "d", bytes(4));
          for (const kind of kinds) signal.addPreKey(id, kind, 1, bytes(5), START);
          signal.markKyberUsed(id, use);
        }
        tx.logins.empty(LOGIN);
      });
      const signal = it.store.family(signalRecords);
      const left = async (id: typeof LOGIN) => [
        await signal.own(id),
        await signal.identity(id, "a"),
        await signal.session(id, "a"),
        await signal.senderKey(id, "a", "d"),
        ...(await Promise.all(kinds.map((kind) => signal.preKey(id, kind, 1)))),
        (await signal.kyberUsed(id, use)) || undefined,
      ];
      expect((await left(LOGIN)).filter((it) => it !== undefined)).toEqual([]);
      expect((await left(OTHER_LOGIN)).filter((it) => it === undefined)).toEqual([]);
    });
  });
}
