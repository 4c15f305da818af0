import { describe, expect, test } from "@jest/globals";
import type { RoomId } from "../../src/core/model/ids.ts";
import { type Guard, GuardFailed, rejectedBy, stands } from "../../src/core/ports/guards.ts";
import type { Writes } from "../../src/core/ports/store.ts";
import {
  KEY,
  LOGIN,
  login,
  type OpenStoreUnderTest,
  OTHER_KEY,
  OTHER_LOGIN,
  portal,
  ROOM,
  row,
  toNetwork,
  unstorable,
} from "./store-fixtures.ts";

type Record = (tx: Writes) => void;

/** Of each kind, records after which a guard of it holds, and such after which it does not. */
const kinds: {
  readonly [K in Guard["kind"]]: {
    readonly guard: Extract<Guard, { kind: K }>;
    readonly holds: Readonly<{ [how: string]: Record }>;
    readonly fails: Readonly<{ [how: string]: Record }>;
  };
} = {
  "login-exists": {
    guard: { kind: "login-exists", login: LOGIN },
    holds: {
      "there is one": (tx) => tx.logins.add(login()),
      "it was emptied": (tx) => {
        tx.logins.add(login());
        tx.logins.empty(LOGIN);
      },
    },
    fails: {
      "there is another": (tx) => tx.logins.add(login({ id: OTHER_LOGIN })),
      "it was removed": (tx) => {
        tx.logins.add(login());
        tx.logins.remove(LOGIN);
      },
    },
  },
  "chat-exists": {
    guard: { kind: "chat-exists", key: KEY },
    holds: {
      "it has no room": (tx) => chat(tx, { room: undefined }),
      "it is archived": (tx) => chat(tx, { state: "archived" }),
    },
    fails: {
      "another login has it": (tx) => {
        tx.logins.add(login({ id: OTHER_LOGIN }));
        tx.portals.add(portal(OTHER_KEY));
      },
      "it was forgotten": (tx) => {
        chat(tx);
        tx.portals.remove(KEY);
      },
    },
  },
  "portal-stands": {
    guard: { kind: "portal-stands", portal: { ...KEY, room: ROOM, state: "open" } },
    holds: { "its room is open": (tx) => chat(tx) },
    fails: {
      "it has another room": (tx) => chat(tx, { room: "!another" as RoomId }),
      "it has no room": (tx) => chat(tx, { room: undefined }),
      "it is archived": (tx) => chat(tx, { state: "archived" }),
      "there is none": (tx) => tx.logins.add(login()),
    },
  },
  "row-queued": {
    guard: { kind: "row-queued", row: row("a") },
    holds: {
      "it waits": (tx) => tx.networkOutbox.add(toNetwork("a")),
      "it is sealed": (tx) => {
        tx.networkOutbox.add(toNetwork("a"));
        tx.networkOutbox.seal(row("a"), Uint8Array.of(1));
      },
    },
    fails: ended(),
  },
  "row-unsealed": {
    guard: { kind: "row-unsealed", row: row("a") },
    holds: { "it waits": (tx) => tx.networkOutbox.add(toNetwork("a")) },
    fails: {
      ...ended(),
      "it is sealed": (tx) => {
        tx.networkOutbox.add(toNetwork("a"));
        tx.networkOutbox.seal(row("a"), Uint8Array.of(1));
      },
    },
  },
  "row-is": {
    guard: { kind: "row-is", row: row("a"), state: "failed" },
    holds: { "it has failed": (tx) => ended()["it is failed"]?.(tx) },
    fails: {
      "it waits": (tx) => tx.networkOutbox.add(toNetwork("a")),
      "there is none": (tx) => tx.logins.add(login()),
      "it was sent": (tx) => ended()["it is sent"]?.(tx),
    },
  },
};

function chat(tx: Writes, over: Parameters<typeof portal>[0] = {}): void {
  tx.logins.add(login());
  tx.portals.add(portal(over));
}

function ended(): { readonly [how: string]: Record } {
  const states = ["sent", "delivered", "read", "failed", "cancelled"] as const;
  const each = states.map((state): [string, Record] => [
    `it is ${state}`,
    (tx) => {
      tx.networkOutbox.add(toNetwork("a"));
      tx.networkOutbox.setState(row("a"), state);
    },
  ]);
  return { ...Object.fromEntries(each), "there is none": (tx) => tx.networkOutbox.add(toNetwork("b")) };
}

const cases = Object.values(kinds).flatMap(({ guard, holds, fails }) => [
  ...Object.entries(holds).map(([how, before]) => ({ kind: guard.kind, guard, how, before, stood: true })),
  ...Object.entries(fails).map(([how, before]) => ({ kind: guard.kind, guard, how, before, stood: false })),
]);

/** The guard by which a record is rejected; undefined where it is committed. */
async function unmetGuard(written: Promise<void>): Promise<Guard | undefined> {
  const error = await written.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error !== undefined && !(error instanceof GuardFailed)) throw error;
  return error?.guard;
}

const GONE: Guard = { kind: "login-exists", login: LOGIN };

export function guards(open: OpenStoreUnderTest): void {
  describe("a record under a guard", () => {
    test.each(cases)("$kind, where $how: committed $stood", async ({ guard, before, stood }) => {
      await using it = await open();
      const { store } = it;
      await store.write(before);
      const unmet = await unmetGuard(
        store.write((tx) => {
          tx.records.set("s", "n", "v");
          tx.guard(guard);
          tx.records.set("s", "m", "v");
        }),
      );
      expect(unmet).toEqual(stood ? undefined : guard);
      for (const name of ["n", "m"]) expect(await store.records.get("s", name)).toBe(stood ? "v" : undefined);
    });

    test("is rejected with the guard that does not hold, which is no error of the store's", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => chat(tx));
      const other: Guard = { kind: "row-queued", row: row("none") };
      const rejected = store.write((tx) => {
        tx.guard(stands(portal()));
        tx.guard(other);
        tx.guard({ kind: "chat-exists", key: OTHER_KEY });
        tx.records.set("s", "n", "v");
      });
      const error = await rejected.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GuardFailed);
      expect(error).toMatchObject({ guard: other, reason: "changed", certain: true, outage: false });
      expect(it.errors).toEqual([]);
    });

    test("is told of to who expects that guard, and thrown to who expects another", async () => {
      await using it = await open();
      const write = () => it.store.write((tx) => tx.guard(GONE));
      expect(await rejectedBy("login-exists", write())).toBe(true);
      await expect(rejectedBy("chat-exists", write())).rejects.toBeInstanceOf(GuardFailed);
      expect(
        await rejectedBy(
          "login-exists",
          it.store.write((tx) => tx.logins.add(login())),
        ),
      ).toBe(false);
    });

    test("leaves its neighbours of the same turn alone, whether they write before or behind it", async () => {
      await using it = await open();
      const { store } = it;
      const names = ["a", "b", "c", "d", "e"];
      const outcomes = await Promise.all(
        names.map((name, index) =>
          unmetGuard(
            store.write((tx) => {
              if (index % 2 === 1) tx.guard(GONE);
              tx.records.set("s", name, "v");
            }),
          ),
        ),
      );
      expect(outcomes).toEqual([undefined, GONE, undefined, GONE, undefined]);
      expect((await store.records.all("s")).map(({ name }) => name)).toEqual(["a", "c", "e"]);
    });

    test("is told apart from a neighbour that fails, and both from one that stands", async () => {
      await using it = await open();
      const { store } = it;
      const outcomes = await Promise.allSettled([
        store.write((tx) => {
          tx.guard(GONE);
          tx.records.set("s", "guarded", "v");
        }),
        store.write(unstorable),
        store.write((tx) => tx.records.set("s", "good", "v")),
      ]);
      expect(outcomes).toMatchObject([
        { status: "rejected", reason: { reason: "changed" } },
        { status: "rejected", reason: { reason: "unstorable" } },
        { status: "fulfilled" },
      ]);
      expect((await store.records.all("s")).map(({ name }) => name)).toEqual(["good"]);
    });

    test("knows what an earlier record of the same turn wrote, and not what it writes itself", async () => {
      await using it = await open();
      const { store } = it;
      const unmet = await Promise.all([
        unmetGuard(
          store.write((tx) => {
            tx.logins.add(login());
            tx.guard(GONE);
          }),
        ),
        unmetGuard(store.write((tx) => tx.logins.add(login()))),
        unmetGuard(store.write((tx) => tx.guard(GONE))),
        unmetGuard(
          store.write((tx) => {
            tx.guard(GONE);
            tx.logins.remove(LOGIN);
          }),
        ),
        unmetGuard(store.write((tx) => tx.guard(GONE))),
      ]);
      expect(unmet).toEqual([GONE, undefined, undefined, undefined, GONE]);
    });

    test("does not count on a neighbour that failed", async () => {
      await using it = await open();
      const { store } = it;
      const outcomes = await Promise.allSettled([
        store.write(unstorable),
        store.write((tx) => tx.guard(GONE)),
      ]);
      expect(outcomes).toMatchObject([
        { reason: { reason: "unstorable" } },
        { reason: { reason: "changed" } },
      ]);
    });

    test("can be made again, and stands once its guard holds", async () => {
      await using it = await open();
      const { store } = it;
      const record: Record = (tx) => {
        tx.guard(GONE);
        tx.records.set("s", "n", "v");
      };
      expect(await unmetGuard(store.write(record))).toEqual(GONE);
      await store.write((tx) => tx.logins.add(login()));
      expect(await unmetGuard(store.write(record))).toBeUndefined();
      expect(await store.records.get("s", "n")).toBe("v");
    });
  });
}
