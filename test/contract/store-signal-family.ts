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

    test("a timer that is offered counts where it is later, and a chat that goes on in another takes its timer along", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const [from, to] = ["pni.1" as ChatId, BRAM as string as ChatId];
      const offers = (chat: ChatId, seconds: number, version: number) =>
        it.store.write((tx) => tx.family(signalFamily).offerTimer(LOGIN, chat, { seconds, version }));
      const moves = () => it.store.write((tx) => tx.family(signalFamily).moveTimer(LOGIN, from, to));
      await moves();
      expect(await signal.timer(LOGIN, to)).toBeUndefined();
      await offers(from, 60, 2);
      await offers(from, 70, 2);
      await offers(from, 80, 1);
      await moves();
      expect(await signal.timer(LOGIN, from)).toBeUndefined();
      expect(await signal.timer(LOGIN, to)).toEqual({ seconds: 60, version: 2 });
      await offers(to, 90, 3);
      await offers(from, 10, 3);
      await moves();
      expect(await signal.timer(LOGIN, to)).toEqual({ seconds: 90, version: 3 });
    });

    test("what opens the account's storage and up to where it was read are written apart", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const key = new Uint8Array(32).fill(3);
      expect(await signal.masterKey(LOGIN)).toBeUndefined();
      await it.store.write((tx) => tx.family(signalFamily).setMasterKey(LOGIN, key));
      expect([await signal.masterKey(LOGIN), await signal.storageVersion(LOGIN)]).toEqual([key, 0n]);
      await it.store.write((tx) => tx.family(signalFamily).setStorageVersion(LOGIN, 4n));
      expect([await signal.masterKey(LOGIN), await signal.storageVersion(LOGIN)]).toEqual([key, 4n]);
      expect(await signal.masterKey(OTHER_LOGIN)).toBeUndefined();
    });

    test("a profile is as of old where the contact has another key", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const gives = (fill: number) =>
        it.store.write((tx) =>
          tx.family(signalFamily).setProfileKey(LOGIN, BRAM, new Uint8Array(32).fill(fill)),
        );
      await gives(1);
      await it.store.write((tx) =>
        tx.family(signalFamily).setProfile(LOGIN, BRAM, { name: "Bram", avatar: "", at: 1_000 }),
      );
      await gives(1);
      expect((await signal.recipient(LOGIN, BRAM))?.profile?.at).toBe(1_000);
      await gives(2);
      expect((await signal.recipient(LOGIN, BRAM))?.profile).toEqual({ name: "Bram", avatar: "", at: 0 });
    });

    test("contacts are found by number, and by whatever they are called", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const people = async (name: string) => (await signal.named(LOGIN, name)).map(({ person }) => person);
      await it.store.write((tx) => {
        const family = tx.family(signalFamily);
        family.setStored(LOGIN, BRAM, stored({ nickname: "Élodie" }));
        family.setStored(LOGIN, CARL, stored({ nickname: "Ｃarl", number: undefined, username: undefined }));
        family.setProfile(LOGIN, CARL, { name: "Carl C.", avatar: "", at: 1 });
        family.setStored(OTHER_LOGIN, CARL, stored({ nickname: "Other" }));
      });
      expect((await signal.byNumber(LOGIN, "+31612345678"))?.person).toBe(BRAM);
      expect(await signal.byNumber(LOGIN, "+31600000000")).toBeUndefined();
      expect(await people("éLODIE")).toEqual([BRAM]);
      expect(await people("Bram.01")).toEqual([BRAM]);
      expect(await people(" carl ")).toEqual([CARL]);
      expect(await people("carl c.")).toEqual([CARL]);
      expect(new Set(await people("bram de wit"))).toEqual(new Set([BRAM, CARL]));
      expect(await people("other")).toEqual([]);
      await it.store.write((tx) => tx.family(signalFamily).removeStored(LOGIN, BRAM));
      expect(await people("élodie")).toEqual([]);
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
      await it.store.write((tx) => tx.family(signalFamily).removeStored(LOGIN, CARL));
      const [{ storageId } = {}, ...more] = await signal.storageIds(LOGIN);
      expect([storageId, more]).toEqual([stored().storageId, []]);
      expect(await signal.storageVersion(LOGIN)).toBe(12n);
      await it.store.write((tx) => tx.logins.remove(LOGIN));
      expect(await signal.recipients(LOGIN)).toEqual([]);
      expect(await signal.storageVersion(LOGIN)).toBe(0n);
      expect(await signal.recipients(OTHER_LOGIN)).toHaveLength(1);
    });
  });
}
