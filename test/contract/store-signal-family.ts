import { describe, expect, test } from "@jest/globals";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { type StoredContact, signalFamily } from "../../src/networks/signal/records.ts";
import { LOGIN, login, type OpenStoreUnderTest, OTHER_LOGIN } from "./store-fixtures.ts";

const BRAM = "11111111-2222-4333-8444-555555555555" as PersonId;
const CARL = "66666666-7777-4888-9999-aaaaaaaaaaaa" as PersonId;

const stored = (over: Partial<StoredContact> = {}): StoredContact => ({
  pni: "pni.66666666-7777-4888-9999-bbbbbbbbbbbb" as PersonId,
  number: "+31612345678",
  username: "bram.01",
  contactName: "Bram de Wit",
  nickname: "Brammetje",
  blocked: false,
  accepted: true,
  markedUnread: false,
  mutedUntil: 0,
  storageId: new Uint8Array([1, 2, 3]),
  ...over,
});

export function signalFamilyRecords(open: OpenStoreUnderTest): void {
  describe("Signal's own tables", () => {
    test("a chat has the timer that was set last", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const chat = BRAM as string as ChatId;
      expect(await signal.timer(LOGIN, chat)).toBeUndefined();
      await it.store.write((tx) =>
        tx.family(signalFamily).setTimer(LOGIN, chat, { seconds: 60, version: 1 }),
      );
      await it.store.write((tx) => tx.family(signalFamily).setTimer(LOGIN, chat, { seconds: 0, version: 2 }));
      expect(await signal.timer(LOGIN, chat)).toEqual({ seconds: 0, version: 2 });
      expect(await signal.timer(OTHER_LOGIN, chat)).toBeUndefined();
    });

    test("a contact's key, profile and stored record are written apart, and come together", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const key = new Uint8Array(32).fill(5);
      await it.store.write((tx) => tx.family(signalFamily).setProfileKey(LOGIN, BRAM, key));
      expect(await signal.recipient(LOGIN, BRAM)).toEqual({
        person: BRAM,
        profileKey: key,
        profile: undefined,
        stored: undefined,
      });
      const profile = { name: "Bram", avatar: "profiles/x", at: 1_000 };
      await it.store.write((tx) => {
        tx.family(signalFamily).setStored(LOGIN, BRAM, stored());
        tx.family(signalFamily).setProfile(LOGIN, BRAM, profile);
      });
      const whole = { person: BRAM, profileKey: key, profile, stored: stored() };
      expect(await signal.recipient(LOGIN, BRAM)).toEqual(whole);
      const other = stored({ nickname: undefined, blocked: true, mutedUntil: 2 ** 52, number: undefined });
      await it.store.write((tx) => tx.family(signalFamily).setStored(LOGIN, BRAM, other));
      expect(await signal.recipient(LOGIN, BRAM)).toEqual({ ...whole, stored: other });
      await it.store.write((tx) => tx.family(signalFamily).removeStored(LOGIN, BRAM));
      expect(await signal.recipient(LOGIN, BRAM)).toEqual({ ...whole, stored: undefined });
    });

    test("contacts are a login's, and go with it", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      await it.store.write((tx) => {
        tx.logins.add(login());
        tx.family(signalFamily).setStored(LOGIN, CARL, stored());
        tx.family(signalFamily).setStored(LOGIN, BRAM, stored());
        tx.family(signalFamily).setStored(OTHER_LOGIN, BRAM, stored());
        tx.family(signalFamily).setStorageVersion(LOGIN, 12n);
      });
      expect((await signal.recipients(LOGIN)).map(({ person }) => person)).toEqual([BRAM, CARL]);
      expect(await signal.storageVersion(LOGIN)).toBe(12n);
      await it.store.write((tx) => tx.logins.remove(LOGIN));
      expect(await signal.recipients(LOGIN)).toEqual([]);
      expect(await signal.storageVersion(LOGIN)).toBe(0n);
      expect(await signal.recipients(OTHER_LOGIN)).toHaveLength(1);
    });
  });
}
