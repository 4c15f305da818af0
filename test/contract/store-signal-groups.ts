import { describe, expect, test } from "@jest/globals";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import type { GroupState, HeldMessage, StoredGroup } from "../../src/networks/signal/group-records.ts";
import { groupChat } from "../../src/networks/signal/ids.ts";
import { signalFamily } from "../../src/networks/signal/records.ts";
import { LOGIN, login, type OpenStoreUnderTest, OTHER_LOGIN } from "./store-fixtures.ts";

const BRAM = "11111111-2222-4333-8444-555555555555" as PersonId;
const CHAT = groupChat(new Uint8Array(32).fill(1));
const KEY = new Uint8Array(32).fill(2);

const state = (revision: number): GroupState => ({
  revision,
  title: "Ploeg 7 🚲",
  description: "",
  avatar: "",
  timer: 0,
  access: { attributes: "members", members: "admins", link: "nobody" },
  announcementsOnly: false,
  terminated: false,
  linkPassword: "",
  members: [{ person: BRAM, admin: true, profileKey: "AAAA" }],
  invited: [],
  requesting: [],
  banned: [],
});

const stored: StoredGroup = {
  blocked: true,
  accepted: true,
  archived: false,
  markedUnread: true,
  mutedUntil: 2 ** 52,
  storageId: new Uint8Array([4, 5]),
};

export function signalGroupRecords(open: OpenStoreUnderTest): void {
  describe("Signal's groups", () => {
    test("a group keeps the key it was added with and the latest state", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const sets = (revision: number) =>
        it.store.write((tx) => tx.family(signalFamily).setGroupState(LOGIN, CHAT, state(revision)));
      await sets(1);
      expect(await signal.group(LOGIN, CHAT)).toBeUndefined();
      await it.store.write((tx) => tx.family(signalFamily).addGroup(LOGIN, CHAT, KEY));
      const added = { chat: CHAT, masterKey: KEY, state: undefined, stored: undefined };
      expect(await signal.group(LOGIN, CHAT)).toEqual(added);
      for (const revision of [0, 7, 6]) await sets(revision);
      await it.store.write((tx) => tx.family(signalFamily).addGroup(LOGIN, CHAT, new Uint8Array(32)));
      expect(await signal.group(LOGIN, CHAT)).toEqual({ ...added, state: state(7) });
      expect(await signal.group(OTHER_LOGIN, CHAT)).toBeUndefined();
    });

    test("what the account's storage has about a group comes and goes beside its state", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      await it.store.write((tx) => {
        const family = tx.family(signalFamily);
        family.addGroup(LOGIN, CHAT, KEY);
        family.setStoredGroup(LOGIN, CHAT, stored);
        family.setGroupState(LOGIN, CHAT, state(3));
      });
      expect(await signal.group(LOGIN, CHAT)).toEqual({
        chat: CHAT,
        masterKey: KEY,
        state: state(3),
        stored,
      });
      await it.store.write((tx) => tx.family(signalFamily).removeStoredGroup(LOGIN, CHAT));
      expect((await signal.group(LOGIN, CHAT))?.stored).toBeUndefined();
      expect((await signal.group(LOGIN, CHAT))?.state).toEqual(state(3));
    });

    test("held messages come in their order, chat by chat, and go once they are released, or with the login", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const other = "group.other" as ChatId;
      const message = (timestamp: number): HeldMessage => ({
        sender: BRAM,
        device: 2,
        account: "aci",
        timestamp,
        at: timestamp + 1,
        content: new Uint8Array([1, timestamp]),
      });
      await it.store.write((tx) => {
        tx.logins.add(login());
        for (const timestamp of [3, 1, 2]) tx.family(signalFamily).hold(LOGIN, CHAT, message(timestamp));
        tx.family(signalFamily).hold(LOGIN, other, message(9));
      });
      expect(new Set(await signal.holding(LOGIN))).toEqual(new Set([CHAT, other]));
      expect(await signal.holding(OTHER_LOGIN)).toEqual([]);
      const [first, second] = await signal.held(LOGIN, CHAT, 2);
      expect([first, second]).toMatchObject([message(3), message(1)]);
      await it.store.write((tx) => tx.family(signalFamily).release(LOGIN, CHAT, second?.seq ?? 0));
      expect(await signal.held(LOGIN, CHAT, 9)).toMatchObject([message(2)]);
      await it.store.write((tx) => tx.logins.remove(LOGIN));
      expect(await signal.holding(LOGIN)).toEqual([]);
    });

    test("a group of which nothing is known is forgotten with the last message that it holds, and no other", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const of = (fill: number) => groupChat(new Uint8Array(32).fill(fill));
      const [invented, kept, known] = [of(7), of(8), of(9)];
      const message = {
        sender: BRAM,
        device: 1,
        account: "aci",
        at: 2,
        content: new Uint8Array([1]),
      } as const;
      await it.store.write((tx) => {
        const family = tx.family(signalFamily);
        for (const chat of [invented, kept, known]) {
          family.addGroup(LOGIN, chat, KEY);
          for (const timestamp of [1, 2]) family.hold(LOGIN, chat, { ...message, timestamp });
        }
        family.setStoredGroup(LOGIN, kept, stored);
        family.setGroupState(LOGIN, known, state(1));
      });
      const releases = async () => {
        for (const chat of [invented, kept, known]) {
          const { seq } = (await signal.held(LOGIN, chat, 2))[0] ?? { seq: 0 };
          await it.store.write((tx) => tx.family(signalFamily).release(LOGIN, chat, seq));
        }
        return (await signal.groups(LOGIN)).map(({ chat }) => chat);
      };
      expect(await releases()).toEqual([invented, kept, known].toSorted());
      expect(await releases()).toEqual([kept, known].toSorted());
    });

    test("a profile key that is offered counts where none is known", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const offers = (fill: number) =>
        it.store.write((tx) =>
          tx.family(signalFamily).offerProfileKey(LOGIN, BRAM, new Uint8Array(32).fill(fill)),
        );
      for (const fill of [1, 2]) await offers(fill);
      expect((await signal.recipient(LOGIN, BRAM))?.profileKey).toEqual(new Uint8Array(32).fill(1));
    });

    test("groups are a login's, and go with it", async () => {
      await using it = await open();
      const signal = it.store.family(signalFamily);
      const other = "group.other" as ChatId;
      await it.store.write((tx) => {
        tx.logins.add(login());
        const family = tx.family(signalFamily);
        for (const chat of [other, CHAT]) family.addGroup(LOGIN, chat, KEY);
        family.addGroup(OTHER_LOGIN, CHAT, KEY);
      });
      expect((await signal.groups(LOGIN)).map(({ chat }) => chat)).toEqual([CHAT, other].toSorted());
      await it.store.write((tx) => tx.logins.remove(LOGIN));
      expect(await signal.groups(LOGIN)).toEqual([]);
      expect(await signal.groups(OTHER_LOGIN)).toHaveLength(1);
    });
  });
}
