import { expect, test } from "@jest/globals";
import { openDatabase } from "../../../src/store/database/database.ts";
import { families } from "../../../src/store/families/families.ts";
import { storeOver } from "../../../src/store/open.ts";
import { fromMatrix, fromNetwork, LOGIN, ROOM, START } from "../../contract/store-fixtures.ts";
import { fileStore } from "./fixtures.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };
const text = "x".repeat(1000);

test("a full disk refuses whole writes with words, and the store goes on when there is room again", async () => {
  await using it = fileStore();
  const database = openDatabase({ path: it.path }, families);
  const store = storeOver(database, { log });
  const pages = Number(database.db.pragma("page_count", { simple: true }));
  database.db.pragma(`max_page_count = ${pages + 20}`);
  const take = (name: string) =>
    store.write((tx) => {
      tx.matrixInbox.take(fromMatrix(`${name}-${text}`), "push", false);
      tx.networkInbox.take(LOGIN, fromNetwork(`${name}-${text}`), START);
    });

  let taken = 0;
  let failure: unknown;
  for (; failure === undefined; taken += 1) {
    failure = await take(`${taken}`).then(
      () => undefined,
      (error: unknown) => error,
    );
  }
  taken -= 1;
  expect(taken).toBeGreaterThan(0);
  expect(failure).toMatchObject({ reason: "storage", certain: true, retryAfter: 0 });
  expect(failure).toMatchObject({ words: expect.stringContaining("full") });
  const group = await Promise.allSettled([take("a"), take("b"), take("c")]);
  expect(group.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect([await store.matrixInbox.count(), await store.networkInbox.count()]).toEqual([taken, taken]);
  // Whether a guard held is not known of a group that was not committed.
  const guarded = store.write((tx) => tx.guard({ kind: "login-exists", login: LOGIN }));
  const outcomes = await Promise.allSettled([guarded, take("d")]);
  expect(outcomes).toMatchObject([{ reason: { reason: "storage" } }, { reason: { reason: "storage" } }]);

  database.db.pragma("max_page_count = 1000000");
  await Promise.all([take("a"), take("b")]);
  const rows = await store.matrixInbox.next(ROOM, 1000);
  expect(rows.slice(-2).map(({ event }) => event.id.slice(0, 2))).toEqual(["$a", "$b"]);
  expect([await store.matrixInbox.count(), await store.networkInbox.count()]).toEqual([taken + 2, taken + 2]);
  await store[Symbol.asyncDispose]();
});

test("a database another program holds is a failure that passes", async () => {
  await using it = fileStore();
  const database = openDatabase({ path: it.path }, families);
  const store = storeOver(database, { log });
  database.db.pragma("busy_timeout = 20");
  const { default: Database } = await import("better-sqlite3");
  const other = new Database(it.path);
  other.exec("BEGIN IMMEDIATE");
  await expect(store.write((tx) => tx.records.set("s", "n", "v"))).rejects.toMatchObject({
    reason: "storage",
    retryAfter: 0,
    words: expect.stringContaining("Another program"),
  });
  other.exec("ROLLBACK");
  other.close();
  await store.write((tx) => tx.records.set("s", "n", "v"));
  expect(await store.records.get("s", "n")).toBe("v");
  await store[Symbol.asyncDispose]();
});
