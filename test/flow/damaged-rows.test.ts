import { afterEach, describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { BridgeError } from "../../src/core/model/errors.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { nothingWaits, writtenChat } from "../kit/written-chat.ts";

const POISON = "poison";

let world: FlowWorld;
afterEach(() => world[Symbol.asyncDispose]());

const damage: Record<string, string> = {
  "no JSON": "{",
  "another kind of value": "7",
  "an unknown kind": JSON.stringify({ kind: "soon", id: "x", sender: "y" }),
  "a part that is none": JSON.stringify({ kind: "message", message: { parts: [null] } }),
};

/** Where each queue keeps what it carries, and what is said of a row that an older version left there. */
const tables = [
  { table: "hs_inbox", column: "body", direction: "to-network", notice: "⚠️ Not delivered." },
  { table: "net_outbox", column: "outgoing", direction: "to-network", notice: "⚠️ Not delivered." },
  { table: "net_inbox", column: "body", direction: "to-matrix", notice: "could not be shown here" },
  { table: "hs_outbox", column: "content", direction: "to-matrix", notice: "could not be shown here" },
] as const;

describe.each(tables)("a stored row of $table", ({ table, column, direction, notice }) => {
  /** A row waits in the queue, with its neighbours, when the bridge is ended and somebody changes it. */
  async function startsWith(change: (body: string) => string) {
    world = await FlowWorld.start();
    const it = await writtenChat(world);
    const queue = {
      hs_inbox: "matrixInbox",
      net_outbox: "networkOutbox",
      net_inbox: "networkInbox",
      hs_outbox: "matrixOutbox",
    };
    world.homeserver.away = table === "hs_outbox";
    if (table === "net_outbox") world.network.clientOf(ANA).state = { kind: "connecting" };
    if (table === "hs_inbox") world.bridge.intake.gapOpened();
    if (table === "net_inbox") {
      const add = (): never => {
        throw new BridgeError("storage", { words: "The disk is full.", certain: true, retryAfter: 0 });
      };
      world.spoiled = (tx) => ({ ...tx, matrixOutbox: { ...tx.matrixOutbox, add } });
    }
    await it.writes(direction, "one", POISON, "three");
    const reads = world.store[queue[table] as "matrixInbox"];
    expect(await reads.count()).toBe(3);
    await world.stops();
    const db = new Database(world.file);
    const row = db.prepare<[string], { seq: number; body: string }>(
      `SELECT seq, ${column} AS body FROM ${table} WHERE ${column} LIKE ?`,
    );
    const found = row.get(`%${POISON}%`);
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE seq = ?`).run(change(found?.body ?? ""), found?.seq);
    db.close();
    world.homeserver.away = false;
    world.spoiled = (tx) => tx;
    await world.starts();
    await world.clock.advance(600_000);
    return it;
  }

  // Content for the homeserver is any object.
  const damaged = Object.entries(damage).filter(
    ([, body]) => table !== "hs_outbox" || !body.startsWith('{"'),
  );

  test.each(damaged)("that is %s ends in the dead letters with a notice", async (_what, body) => {
    const { room, arrived, writes } = await startsWith(() => body);
    expect(arrived(direction).slice(-2)).toEqual(["one", "three"]);
    expect(world.homeserver.shown(room).filter((line) => line.includes(notice))).toHaveLength(1);
    expect(await world.store.deadLetters.newest(9)).toMatchObject([
      { direction, reason: "unreadable row", body },
    ]);
    expect(await world.measured("bridge_dead_letters_total", `"${direction}"`)).toBe(1);
    await nothingWaits(world);
    await writes(direction, "four");
    expect(arrived(direction).at(-1)).toBe("four");
  });

  if (column !== "body") return;
  test("whose time is no number crosses with another one", async () => {
    const { arrived } = await startsWith((body) => body.replace(/"at":\d+/, '"at":1e300'));
    expect(arrived(direction).slice(-3)).toEqual(["one", POISON, "three"]);
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
    await nothingWaits(world);
  });
});
