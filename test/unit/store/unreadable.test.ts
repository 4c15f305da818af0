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
  '{"kind":"message","id":"a","sender":"b","room":"!elsewhere","chat":"elsewhere","message":{"parts":[]}}',
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
  test.each(bodies)("%j goes to the dead letters, and the lane goes on", async (body) => {
    await using it = fileStore();
    const names = ["1", "2", "3"];
    const first = it.open();
    await first.write((tx) => {
      tx.logins.add(login());
      tx.portals.add(portal());
      for (const name of names) {
        tx.hsInbox.take(fromMatrix(name), "push", false);
        tx.netInbox.take(LOGIN, fromNetwork(name), START);
        tx.hsOutbox.add(toMatrix(name, { link: link(name) }));
        tx.netOutbox.add(toNetwork(name));
      }
    });
    await first[Symbol.asyncDispose]();
    const db = new Database(it.path);
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${key}`).run(body);
    db.close();

    const store = it.open();
    const lanes = async () => ({
      hs_inbox: (await store.hsInbox.next(ROOM, 2)).map(({ event }) => event.id.slice(1)),
      net_inbox: (await store.netInbox.next(KEY, 2)).map(({ event }) => event.id),
      hs_outbox: (await store.hsOutbox.next(ROOM, 2)).map(({ id }) => id),
      net_outbox: (await store.netOutbox.next(KEY, 2)).map(({ id }) => id),
    });
    const whole = {
      hs_inbox: ["1", "2"],
      net_inbox: ["1", "2"],
      hs_outbox: ["1", "2"],
      net_outbox: ["1", "2"],
    };
    expect(await lanes()).toEqual({ ...whole, [table]: ["1", "3"] });
    expect(await lanes()).toEqual({ ...whole, [table]: ["1", "3"] });
    const direction = table === "hs_inbox" || table === "net_outbox" ? "to-network" : "to-matrix";
    const letter = { direction, key: KEY, reason: "unreadable row", body };
    expect(await store.deadLetters.newest(9)).toMatchObject([letter]);
    expect(it.logged).toHaveLength(1);
    expect(JSON.stringify(it.logged)).not.toContain("message\\");
    // What is known of it stays known.
    expect(await store.hsInbox.unknown([event("2")])).toEqual(new Set());
    expect(await store.netInbox.known(LOGIN, fromNetwork("2"))).toBe(true);
    expect(await store.netOutbox.byEvent(event("2"))).toBeDefined();
  });
});
