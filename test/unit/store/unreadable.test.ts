import { describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import {
  event,
  fromMatrix,
  fromNetwork,
  KEY,
  LOGIN,
  link,
  login,
  portal,
  ROOM,
  START,
  toMatrix,
  toNetwork,
} from "../../contract/store-fixtures.ts";
import { fileStore } from "./fixtures.ts";

const damage = [
  "",
  "{",
  "null",
  "[]",
  "7",
  "{}",
  '{"kind":"message"}',
  '{"kind":"toString","id":"a","sender":"b","room":"!room","chat":"31600000001@s"}',
  '{"kind":"message","id":"a","sender":"b","room":"!room","chat":"31600000001@s","message":{"parts":[null]}}',
  '{"kind":"message","id":"$2","sender":"b","room":"!elsewhere","chat":"elsewhere","message":{"parts":[]}}',
];
/** What goes to a network names no room or chat. */
const noMessage = damage.filter((it) => !it.includes("elsewhere"));
/** Content towards Matrix is any object. */
const noObject = damage.filter((it) => !it.startsWith('{"') && it !== "{}");

describe.each([
  { table: "hs_inbox", column: "body", key: "event = '$2'", bodies: damage },
  { table: "net_inbox", column: "body", key: "id = '2'", bodies: damage },
  { table: "hs_outbox", column: "content", key: "id = '2'", bodies: noObject },
  { table: "net_outbox", column: "outgoing", key: "id = '2'", bodies: noMessage },
])("a damaged row of $table", ({ table, column, key, bodies }) => {
  test.each(bodies)("%j is passed over, and told apart", async (body) => {
    await using it = fileStore();
    const names = ["1", "2", "3"];
    const first = it.open();
    await first.write((tx) => {
      tx.logins.add(login());
      tx.portals.add(portal());
      for (const name of names) {
        tx.matrixInbox.take(fromMatrix(name), "push", false);
        tx.networkInbox.take(LOGIN, fromNetwork(name), START);
        tx.matrixOutbox.add(toMatrix(name, { link: link(name) }));
        tx.networkOutbox.add(toNetwork(name));
      }
    });
    await first[Symbol.asyncDispose]();
    const db = new Database(it.path);
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${key}`).run(body);
    db.close();

    const store = it.open();
    const heads = async (limit: number) => ({
      hs_inbox: (await store.matrixInbox.next(ROOM, limit)).map(({ event }) => event.id.slice(1)),
      net_inbox: (await store.networkInbox.next(KEY, limit)).map(({ event }) => event.id),
      hs_outbox: (await store.matrixOutbox.next(ROOM, limit)).map(({ id }) => id),
      net_outbox: (await store.networkOutbox.next(KEY, limit)).map(({ id }) => id),
    });
    const whole = { hs_inbox: names, net_inbox: names, hs_outbox: names, net_outbox: names };
    expect(await heads(3)).toEqual({ ...whole, [table]: ["1", "3"] });
    const left = {
      hs_inbox: await store.matrixInbox.damaged(ROOM, 3),
      net_inbox: await store.networkInbox.damaged(KEY, 3),
      hs_outbox: await store.matrixOutbox.damaged(ROOM, 3),
      net_outbox: await store.networkOutbox.damaged(KEY, 3),
    };
    const none = { hs_inbox: [], net_inbox: [], hs_outbox: [], net_outbox: [] };
    const known = {
      hs_inbox: { event: "$2", room: ROOM },
      net_inbox: { key: KEY, id: "2" },
      hs_outbox: { id: "2", room: ROOM, message: "2" },
      net_outbox: { id: "2", key: KEY, room: ROOM, event: "$2" },
    };
    expect(left).toMatchObject({ ...none, [table]: [{ ...known[table as keyof typeof known], body }] });
    // What is known of it stays known.
    expect(await store.matrixInbox.unknown([event("2")])).toEqual(new Set());
    expect(await store.networkInbox.hasTaken(LOGIN, fromNetwork("2"))).toBe(true);
    expect(await store.networkOutbox.byEvent(event("2"))).toBeDefined();
  });
});
