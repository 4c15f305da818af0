import { describe, expect, test } from "@jest/globals";
import { ackKey, UnackedStanzas } from "../../../src/sandbox/chat/unacked-stanzas.ts";

const key = ackKey({ class: "message", id: "A", peer: "1@msgr", type: "" });

describe("unacknowledged stanzas", () => {
  test("an acknowledgement takes out the oldest of its key, once", () => {
    const unacked = new UnackedStanzas();
    unacked.add(key, { seq: 1 }, 0);
    unacked.add(key, { seq: 2, load: 9 }, 0);
    unacked.add(key, { seq: 2, load: 9 }, 0);
    expect(unacked.size).toBe(2);
    expect(unacked.acknowledge(key)).toMatchObject({ seq: 1, load: null });
    expect(unacked.acknowledge(key)).toMatchObject({ seq: 2, load: 9 });
    expect(unacked.acknowledge(key)).toBe("again");
    expect(unacked.acknowledge("message B 1@msgr ")).toBeUndefined();
    expect(unacked.size).toBe(0);
  });

  test("is overdue once, and not when a fault kept the acknowledgement", () => {
    const unacked = new UnackedStanzas();
    const other = ackKey({ class: "receipt", id: "A", peer: "1@msgr", type: "read" });
    unacked.add(key, { seq: 1 }, 5);
    unacked.add(other, { seq: 2 }, 5);
    unacked.excuse(other);
    expect(unacked.overdue(4)).toEqual([]);
    expect(unacked.overdue(5)).toEqual([key]);
    expect(unacked.overdue(99)).toEqual([]);
  });

  test("a key ignores device 0, and tells receipts apart by type", () => {
    const of = (peer: string, type: string) => ackKey({ class: "receipt", id: "A", peer, type });
    expect(of("12-1:0@interop", "")).toBe(of("12-1@interop", ""));
    expect(of("1@msgr", "read")).not.toBe(of("1@msgr", ""));
  });
});
